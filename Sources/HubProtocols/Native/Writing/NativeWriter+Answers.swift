package import HubBytes
package import HubModel

/// Answers to frames that are rarer than messages, and what agents are told without asking.
extension NativeWriter {
    /// The agent is known.
    package static func welcome(_ welcome: NativeWelcome, re: RawSpan, to buffer: inout ByteBuffer) {
        buffer.append("{\"type\":\"welcome\"")
        buffer.field(",\"re\":", ifAny: re)
        buffer.field(",\"agent\":", welcome.agent)
        buffer.field(",\"hub\":", welcome.hub)
        buffer.field(",\"version\":", welcome.version)
        buffer.field(",\"epoch\":", welcome.epoch.description)
        buffer.field(",\"head\":", welcome.head.rawValue)
        buffer.field(",\"heartbeat_s\":", number: welcome.heartbeatSeconds)
        buffer.field(",\"limits\":{\"message_bytes\":", number: welcome.messageBytesMax)
        buffer.field(",\"batch_frames\":", number: welcome.batchFramesMax)
        buffer.append("},\"consumers\":[")
        for (index, consumer) in welcome.consumers.enumerated() {
            if index > 0 { buffer.append(UInt8(ascii: ",")) }
            buffer.field("{\"name\":", consumer.name)
            buffer.field(",\"pending\":", number: consumer.pending)
            buffer.field(",\"in_flight\":", number: consumer.inFlight)
            buffer.append(UInt8(ascii: "}"))
        }
        buffer.append("]}")
    }

    /// The agent is to say hello once more, with the signature of these characters.
    package static func challenge(nonce: String, re: RawSpan, to buffer: inout ByteBuffer) {
        buffer.append("{\"type\":\"challenge\"")
        buffer.field(",\"re\":", ifAny: re)
        buffer.field(",\"nonce\":", nonce)
        buffer.append(UInt8(ascii: "}"))
    }

    /// A consumer serves the connection. `pending` is nil where counting would take reading.
    package static func subscribed(
        re: RawSpan, consumer: RawSpan, position: Offset, pending: Int?, to buffer: inout ByteBuffer
    ) {
        buffer.append("{\"type\":\"subscribed\"")
        buffer.field(",\"re\":", ifAny: re)
        buffer.field(",\"consumer\":", consumer)
        buffer.field(",\"position\":", position.rawValue)
        buffer.field(",\"pending\":", number: pending)
        buffer.append(UInt8(ascii: "}"))
    }

    /// A consumer no longer serves the connection.
    package static func unsubscribed(re: RawSpan, consumer: RawSpan, to buffer: inout ByteBuffer) {
        buffer.append("{\"type\":\"unsubscribed\"")
        buffer.field(",\"re\":", ifAny: re)
        buffer.field(",\"consumer\":", consumer)
        buffer.append(UInt8(ascii: "}"))
    }

    /// A heartbeat was heard.
    package static func heartbeatAck(re: RawSpan, to buffer: inout ByteBuffer) {
        answer("{\"type\":\"heartbeat_ack\"", re, &buffer)
    }

    /// A ping was heard.
    package static func pong(re: RawSpan, to buffer: inout ByteBuffer) {
        answer("{\"type\":\"pong\"", re, &buffer)
    }

    /// A replay is being ended; `replay_end` follows.
    package static func cancelled(re: RawSpan, to buffer: inout ByteBuffer) {
        answer("{\"type\":\"cancelled\"", re, &buffer)
    }

    private static func answer(_ type: StaticString, _ re: RawSpan, _ buffer: inout ByteBuffer) {
        buffer.append(type)
        buffer.field(",\"re\":", ifAny: re)
        buffer.append(UInt8(ascii: "}"))
    }

    /// A replay is over. `next` is where another one would go on.
    package static func replayEnd(
        re: RawSpan, sent: Int, _ end: NativeReplayEnd, next: Offset, to buffer: inout ByteBuffer
    ) {
        buffer.append("{\"type\":\"replay_end\"")
        buffer.field(",\"re\":", ifAny: re)
        buffer.field(",\"sent\":", number: sent)
        buffer.field(",\"reason\":", end.rawValue)
        buffer.field(",\"next\":", next.rawValue)
        buffer.append(UInt8(ascii: "}"))
    }

    /// Something is held back from now on.
    package static func paused(
        _ scope: NativeScope, in batch: RawSpan, re: RawSpan, to buffer: inout ByteBuffer
    ) {
        buffer.append("{\"type\":\"paused\"")
        buffer.field(",\"re\":", ifAny: re)
        append(scope, scope.name.of(batch), &buffer)
    }

    /// Something goes on.
    package static func resumed(
        _ scope: NativeScope, in batch: RawSpan, re: RawSpan, to buffer: inout ByteBuffer
    ) {
        buffer.append("{\"type\":\"resumed\"")
        buffer.field(",\"re\":", ifAny: re)
        append(scope, scope.name.of(batch), &buffer)
    }

    private static func append(_ scope: NativeScope, _ name: RawSpan, _ buffer: inout ByteBuffer) {
        switch scope.target {
        case .connection: break
        case .session: buffer.field(",\"session\":", name)
        case .consumer: buffer.field(",\"consumer\":", name)
        }
        buffer.append(scope.isOnlyWork ? ",\"scope\":\"work\"}" as StaticString : ",\"scope\":\"all\"}")
    }

    // MARK: Unasked

    /// Messages are missing. The name is that of the consumer or the session, or the id of the replay.
    package static func gap(_ gap: NativeGap, name: RawSpan, to buffer: inout ByteBuffer) {
        buffer.append("{\"type\":\"gap\"")
        switch gap.subject {
        case .consumer: buffer.field(",\"consumer\":", name)
        case .session: buffer.field(",\"session\":", name)
        case .replay: buffer.field(",\"replay\":", name)
        case .connection: break
        }
        buffer.field(",\"from\":", gap.from)
        buffer.field(",\"to\":", gap.to)
        buffer.field(",\"reason\":", gap.reason.rawValue)
        buffer.append(UInt8(ascii: "}"))
    }

    /// A consumer's deliveries wait for acknowledgements.
    package static func stalled(consumer: RawSpan, inFlight: Int, limit: Int, to buffer: inout ByteBuffer) {
        buffer.append("{\"type\":\"stalled\"")
        buffer.field(",\"consumer\":", consumer)
        buffer.field(",\"in_flight\":", number: inFlight)
        buffer.field(",\"limit\":", number: limit)
        buffer.append(UInt8(ascii: "}"))
    }

    /// An agent came, went or fell silent.
    package static func presence(
        agent: RawSpan, _ state: NativePresence, since: Timestamp, to buffer: inout ByteBuffer
    ) {
        buffer.append("{\"type\":\"presence\"")
        buffer.field(",\"agent\":", agent)
        buffer.field(",\"state\":", state.rawValue)
        if since != .none { buffer.field(",\"since\":", since) }
        buffer.append(UInt8(ascii: "}"))
    }

    /// An operator did something to a consumer.
    package static func consumer(_ name: RawSpan, _ event: NativeConsumerEvent, to buffer: inout ByteBuffer) {
        buffer.append("{\"type\":\"consumer\"")
        buffer.field(",\"consumer\":", name)
        switch event {
        case .deleted: buffer.append(",\"event\":\"deleted\"")
        case .moved(let offset): buffer.field(",\"event\":\"moved\",\"position\":", offset.rawValue)
        case .paused: buffer.append(",\"event\":\"paused\"")
        case .resumed: buffer.append(",\"event\":\"resumed\"")
        }
        buffer.append(UInt8(ascii: "}"))
    }

    // MARK: Agents

    /// Begins a list of agents; each is appended with `agent`, and `endAgents` ends it.
    package static func beginAgents(re: RawSpan, to buffer: inout ByteBuffer) {
        buffer.append("{\"type\":\"agents\"")
        buffer.field(",\"re\":", ifAny: re)
        buffer.append(",\"agents\":[")
    }

    /// One agent of a list. `status` is the data of its last status, and empty if there is none.
    package static func agent(
        _ agent: RawSpan, _ state: NativePresence, since: Timestamp, status: RawSpan, isFirst: Bool,
        to buffer: inout ByteBuffer
    ) {
        buffer.field(isFirst ? "{\"agent\":" : ",{\"agent\":", agent)
        buffer.field(",\"state\":", state.rawValue)
        if since != .none { buffer.field(",\"since\":", since) }
        if !status.isEmpty {
            buffer.append(",\"status\":")
            buffer.append(status)
        }
        buffer.append(UInt8(ascii: "}"))
    }

    /// Ends a list of agents.
    package static func endAgents(to buffer: inout ByteBuffer) { buffer.append("]}") }
}
