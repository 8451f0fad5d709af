package import HubBytes
package import HubModel

/// Writes what agents send to the hub: each function appends one frame to a buffer.
package enum NativeClientWriter {
    /// A message, a command, an answer or a status, whose texts are in `batch`.
    package static func publication(
        _ publication: Publication, in batch: RawSpan, to buffer: inout ByteBuffer
    ) {
        buffer.reserve(Int(publication.payload.count) &+ 1024)
        switch publication.kind {
        case .command: buffer.append("{\"type\":\"command\"")
        case .response: buffer.append("{\"type\":\"response\"")
        case .status: buffer.append("{\"type\":\"status\"")
        default: buffer.append("{\"type\":\"message\"")
        }
        buffer.field(",\"id\":", ifAny: publication.id.of(batch))
        switch publication.target {
        case .topic: buffer.field(",\"topic\":", publication.name.of(batch))
        case .agent: buffer.field(",\"to\":", publication.name.of(batch))
        case .implied: break
        }
        buffer.field(",\"session\":", ifAny: publication.session.of(batch))
        if let life = publication.lifeMilliseconds {
            buffer.field(
                publication.kind == .command ? ",\"timeout_ms\":" : ",\"ttl_ms\":", UInt64(clamping: life))
        }
        buffer.flag(",\"retain\":true", publication.isRetained)
        switch publication.durability {
        case .fsynced: break
        case .memory: buffer.append(",\"durability\":\"memory\"")
        case .replicated: buffer.append(",\"durability\":\"replicated\"")
        }
        buffer.field(",\"command_id\":", ifAny: publication.correlation.of(batch))
        buffer.field(",\"cause\":", ifAny: publication.cause.of(batch))
        buffer.field(",\"traceparent\":", ifAny: publication.trace.of(batch))
        if !publication.payload.isEmpty {
            buffer.append(",\"data\":")
            buffer.append(publication.payload.of(batch))
        }
        buffer.append(UInt8(ascii: "}"))
    }

    // MARK: Settling

    /// A delivery is done.
    package static func ack(consumer: RawSpan, _ offset: Offset, to buffer: inout ByteBuffer) {
        buffer.field("{\"type\":\"ack\",\"consumer\":", consumer)
        buffer.field(",\"offset\":", offset.rawValue)
        buffer.append(UInt8(ascii: "}"))
    }

    /// All deliveries up to one are done.
    package static func ack(consumer: RawSpan, upTo offset: Offset, to buffer: inout ByteBuffer) {
        buffer.field("{\"type\":\"ack\",\"consumer\":", consumer)
        buffer.field(",\"up_to\":", offset.rawValue)
        buffer.append(UInt8(ascii: "}"))
    }

    /// What became of deliveries. A run that begins with 0 is all up to its end; of any other each offset is named.
    package static func settlement(
        _ settlement: Settlement, in batch: RawSpan, to buffer: inout ByteBuffer
    ) {
        switch settlement.verdict {
        case .acknowledged: buffer.append("{\"type\":\"ack\"")
        case .refused(let delay):
            buffer.append("{\"type\":\"nak\"")
            buffer.field(",\"delay_ms\":", number: delay)
        case .working: buffer.append("{\"type\":\"working\"")
        case .givenUp: buffer.append("{\"type\":\"term\"")
        }
        buffer.field(",\"consumer\":", settlement.consumer.of(batch))
        let runs = settlement.runs.of(batch)
        if runs.byteCount == 16, runs.load(0, as: UInt64.self) == 0 {
            buffer.field(",\"up_to\":", runs.load(8, as: UInt64.self))
        } else {
            buffer.append(",\"offsets\":")
            offsets(runs, to: &buffer)
        }
        buffer.field(",\"reason\":", ifAny: settlement.reason.of(batch))
        buffer.append(UInt8(ascii: "}"))
    }

    private static func offsets(_ runs: RawSpan, to buffer: inout ByteBuffer) {
        buffer.append(UInt8(ascii: "["))
        var position = 0
        while position &+ 16 <= runs.byteCount {
            var offset = runs.load(position, as: UInt64.self)
            let last = runs.load(position &+ 8, as: UInt64.self)
            while offset <= last {
                if position > 0 || offset != runs.load(0, as: UInt64.self) {
                    buffer.append(UInt8(ascii: ","))
                }
                buffer.append(decimal: offset)
                offset &+= 1
            }
            position &+= 16
        }
        buffer.append(UInt8(ascii: "]"))
    }

    /// A sign of life: how it is, in a word, and which deliveries it works on, in runs as `Settlement` has them.
    package static func heartbeat(
        id: RawSpan, status: RawSpan, workingOn runs: RawSpan, to buffer: inout ByteBuffer
    ) {
        buffer.append("{\"type\":\"heartbeat\"")
        buffer.field(",\"id\":", ifAny: id)
        if !status.isEmpty || !runs.isEmpty {
            buffer.append(",\"data\":{")
            if !status.isEmpty { buffer.field("\"status\":", status) }
            if !runs.isEmpty {
                if !status.isEmpty { buffer.append(UInt8(ascii: ",")) }
                buffer.append("\"working_on\":")
                offsets(runs, to: &buffer)
            }
            buffer.append(UInt8(ascii: "}"))
        }
        buffer.append(UInt8(ascii: "}"))
    }

    /// A step in a session. `data` of the step is written as such, not as `purpose` or `reason`.
    package static func step(_ step: NativeSessionStep, in batch: RawSpan, to buffer: inout ByteBuffer) {
        switch step.kind {
        case .open: buffer.append("{\"type\":\"session_open\"")
        case .accept: buffer.append("{\"type\":\"session_accept\"")
        case .reject: buffer.append("{\"type\":\"session_reject\"")
        case .close: buffer.append("{\"type\":\"session_close\"")
        }
        buffer.field(",\"id\":", ifAny: step.id.of(batch))
        buffer.field(",\"session\":", step.session.of(batch))
        buffer.field(",\"with\":", ifAny: step.with.of(batch))
        if !step.data.isEmpty {
            buffer.append(",\"data\":")
            buffer.append(step.data.of(batch))
        }
        buffer.append(UInt8(ascii: "}"))
    }

    /// An answer is wanted.
    package static func ping(id: RawSpan, to buffer: inout ByteBuffer) {
        buffer.append("{\"type\":\"ping\"")
        buffer.field(",\"id\":", ifAny: id)
        buffer.append(UInt8(ascii: "}"))
    }
}
