import HubProtocols

/// What `agenthub top --json` writes: the figures of one look as one object on one line.
enum TopJSON {
    static func line(_ figures: TopFigures) -> JSONWriter {
        var json = JSONWriter()
        json.beginObject()
        json.member("version", text: figures.version)
        json.member("phase", text: figures.phase)
        number("up_seconds", figures.upSeconds, &json)
        number("received_per_second", figures.received, &json)
        number("received_bytes_per_second", figures.receivedBytes, &json)
        number("delivered_per_second", figures.delivered, &json)
        number("delivered_bytes_per_second", figures.deliveredBytes, &json)
        number("redelivered_per_second", figures.redelivered, &json)
        number("refused_per_second", figures.refused, &json)
        number("dead_letters_per_second", figures.deadLetters, &json)
        number("publish_p50_seconds", figures.publish.median, &json)
        number("publish_p99_seconds", figures.publish.p99, &json)
        number("commit_p50_seconds", figures.commit.median, &json)
        number("commit_p99_seconds", figures.commit.p99, &json)
        number("commits_per_second", figures.commits, &json)
        number("records_per_commit", figures.recordsPerCommit, &json)
        json.member("connections", figures.connections)
        json.member("agents", figures.agents)
        json.member("sessions", figures.sessions)
        json.member("log_bytes", figures.logBytes)
        json.member("start_offset", figures.startOffset)
        json.member("head_offset", figures.headOffset)
        json.member("disk_free_bytes", figures.diskFreeBytes)
        number("cpu_share", figures.cpuShare, &json)
        json.member("memory_bytes", figures.memoryBytes)
        json.member("open_descriptors", figures.openDescriptors)
        json.member("max_descriptors", figures.maxDescriptors)
        consumers(figures, &json)
        json.key("alerts")
        json.beginArray()
        for alert in figures.alerts { json.string(alert) }
        json.endArray()
        json.endObject()
        json.newline()
        return json
    }

    private static func consumers(_ figures: TopFigures, _ json: inout JSONWriter) {
        json.key("consumer_states")
        json.beginObject()
        for (state, count) in figures.consumerStates {
            json.key(text: state)
            json.number(count)
        }
        json.endObject()
        json.key("consumers")
        json.beginArray()
        for consumer in figures.consumers {
            json.beginObject()
            json.member("name", text: consumer.name)
            json.member("pending_records", consumer.pending)
            json.member("in_flight", consumer.inFlight)
            json.member("dead_letters", consumer.deadLetters)
            json.member("members", consumer.members)
            json.endObject()
        }
        json.endArray()
    }

    private static func number(_ name: StaticString, _ value: Double?, _ json: inout JSONWriter) {
        json.key(name)
        if let value { json.number(value) } else { json.null() }
    }
}
