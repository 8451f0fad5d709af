package import HubBytes
import HubModel

/// Frames that are rarer than messages.
extension NativeClientWriter {
    /// Who the agent is, and what it knows. `batch` has the frame's id.
    package static func hello(_ hello: NativeHello, in batch: RawSpan, to buffer: inout ByteBuffer) {
        buffer.append("{\"type\":\"hello\"")
        buffer.field(",\"id\":", ifAny: hello.id.of(batch))
        buffer.field(",\"agent\":", hello.agent)
        buffer.field(",\"token\":", hello.token)
        buffer.field(",\"key\":", hello.key)
        buffer.field(",\"signature\":", hello.signature)
        buffer.field(",\"session\":", hello.session)
        buffer.field(",\"client\":", hello.client)
        buffer.field(",\"heartbeat_s\":", number: hello.heartbeatSeconds)
        buffer.field(",\"epoch\":", hello.epoch?.description)
        buffer.field(",\"offset\":", number: hello.offset?.rawValue)
        buffer.flag(",\"batch\":true", hello.takesBatches)
        buffer.append(UInt8(ascii: "}"))
    }

    /// The agent wants to be given messages. `batch` has the frame's id.
    package static func subscribe(
        _ wanted: NativeSubscribe, in batch: RawSpan, to buffer: inout ByteBuffer
    ) {
        buffer.append("{\"type\":\"subscribe\"")
        buffer.field(",\"id\":", ifAny: wanted.id.of(batch))
        buffer.field(",\"consumer\":", wanted.consumer)
        if wanted.topics.isEmpty {
            buffer.append(",\"inbox\":true")
        } else {
            buffer.field(",\"topics\":", wanted.topics)
        }
        field(",\"group\":", wanted.isShared, &buffer)
        field(",\"sticky\":", wanted.isSticky, &buffer)
        append(wanted.from, &buffer)
        if let isExplicit = wanted.isExplicit {
            buffer.append(isExplicit ? ",\"ack\":\"explicit\"" as StaticString : ",\"ack\":\"auto\"")
        }
        buffer.field(",\"max_in_flight\":", number: wanted.inFlightMax)
        buffer.field(",\"ack_wait_ms\":", number: wanted.ackWaitMilliseconds)
        buffer.field(",\"max_deliver\":", number: wanted.deliveriesMax)
        appendBackoff(wanted, &buffer)
        buffer.append(UInt8(ascii: "}"))
    }

    private static func append(_ start: NativeStart?, _ buffer: inout ByteBuffer) {
        switch start {
        case nil: break
        case .new: buffer.append(",\"from\":\"new\"")
        case .all: buffer.append(",\"from\":\"all\"")
        case .last: buffer.append(",\"from\":\"last\"")
        case .offset(let offset): append(",\"from\":", .offset(offset), &buffer)
        case .time(let time): append(",\"from\":", .time(time), &buffer)
        }
    }

    private static func appendBackoff(_ wanted: NativeSubscribe, _ buffer: inout ByteBuffer) {
        var fields: [(StaticString, String)] = []
        if let value = wanted.backoffInitialMilliseconds { fields.append(("\"initial_ms\":", "\(value)")) }
        if let value = wanted.backoffFactorThousandths {
            fields.append(("\"factor\":", "\(Double(value) / 1000)"))
        }
        if let value = wanted.backoffMaxMilliseconds { fields.append(("\"max_ms\":", "\(value)")) }
        if let value = wanted.backoffJitterPercent { fields.append(("\"jitter_percent\":", "\(value)")) }
        guard !fields.isEmpty else { return }
        buffer.append(",\"backoff\":{")
        for (index, (name, value)) in fields.enumerated() {
            if index > 0 { buffer.append(UInt8(ascii: ",")) }
            buffer.append(name)
            buffer.append(utf8: value)
        }
        buffer.append(UInt8(ascii: "}"))
    }

    private static func field(_ name: StaticString, _ value: Bool?, _ buffer: inout ByteBuffer) {
        guard let value else { return }
        buffer.append(name)
        buffer.append(value ? "true" as StaticString : "false")
    }

    private static func append(_ name: StaticString, _ place: NativePlace?, _ buffer: inout ByteBuffer) {
        guard let place else { return }
        buffer.append(name)
        switch place {
        case .offset(let offset): buffer.field("{\"offset\":", offset.rawValue)
        case .sequence(let sequence): buffer.field("{\"seq\":", sequence.rawValue)
        case .time(let time): buffer.field("{\"time\":", time)
        }
        buffer.append(UInt8(ascii: "}"))
    }

    /// A consumer is no longer wanted on this connection, or not at all.
    package static func unsubscribe(
        id: RawSpan, consumer: RawSpan, delete: Bool, to buffer: inout ByteBuffer
    ) {
        buffer.append("{\"type\":\"unsubscribe\"")
        buffer.field(",\"id\":", ifAny: id)
        buffer.field(",\"consumer\":", consumer)
        buffer.flag(",\"delete\":true", delete)
        buffer.append(UInt8(ascii: "}"))
    }

    /// The agent wants to see again what was. `batch` has the frame's id.
    package static func replay(_ replay: NativeReplay, in batch: RawSpan, to buffer: inout ByteBuffer) {
        buffer.append("{\"type\":\"replay\"")
        buffer.field(",\"id\":", ifAny: replay.id.of(batch))
        if let session = replay.session {
            buffer.field(",\"session\":", session)
        } else {
            buffer.field(",\"topics\":", replay.topics)
        }
        append(",\"from\":", replay.from, &buffer)
        append(",\"to\":", replay.to, &buffer)
        switch replay.speed {
        case .instant: break
        case .times(1): buffer.append(",\"speed\":\"original\"")
        case .times(let factor):
            buffer.append(",\"speed\":")
            buffer.append(utf8: factor.description)
        }
        buffer.field(",\"limit\":", number: replay.limit)
        buffer.append(UInt8(ascii: "}"))
    }

    /// The agent has seen enough of the replay with this id.
    package static func cancel(id: RawSpan, to buffer: inout ByteBuffer) {
        buffer.field("{\"type\":\"cancel\",\"id\":", id)
        buffer.append(UInt8(ascii: "}"))
    }

    /// The agent wants to be given less for now. `batch` has the name of what it is of.
    package static func pause(
        id: RawSpan, _ scope: NativeScope, in batch: RawSpan, to buffer: inout ByteBuffer
    ) {
        buffer.append("{\"type\":\"pause\"")
        append(scope, id, batch, &buffer)
    }

    /// The agent wants to be given all again.
    package static func resume(
        id: RawSpan, _ scope: NativeScope, in batch: RawSpan, to buffer: inout ByteBuffer
    ) {
        buffer.append("{\"type\":\"resume\"")
        append(scope, id, batch, &buffer)
    }

    private static func append(
        _ scope: NativeScope, _ id: RawSpan, _ batch: RawSpan, _ buffer: inout ByteBuffer
    ) {
        buffer.field(",\"id\":", ifAny: id)
        switch scope.target {
        case .connection: break
        case .session: buffer.field(",\"session\":", scope.name.of(batch))
        case .consumer: buffer.field(",\"consumer\":", scope.name.of(batch))
        }
        buffer.flag(",\"scope\":\"work\"", scope.isOnlyWork)
        buffer.append(UInt8(ascii: "}"))
    }

    /// Who is there: all agents, or those whose id begins so.
    package static func agents(id: RawSpan, filter: RawSpan, to buffer: inout ByteBuffer) {
        buffer.append("{\"type\":\"agents\"")
        buffer.field(",\"id\":", ifAny: id)
        buffer.field(",\"filter\":", ifAny: filter)
        buffer.append(UInt8(ascii: "}"))
    }

    /// Where agents are; and whether the agent is to be told of changes.
    package static func presence(
        id: RawSpan, agents: [String], watch: Bool?, to buffer: inout ByteBuffer
    ) {
        buffer.append("{\"type\":\"presence\"")
        buffer.field(",\"id\":", ifAny: id)
        if !agents.isEmpty { buffer.field(",\"agents\":", agents) }
        field(",\"watch\":", watch, &buffer)
        buffer.append(UInt8(ascii: "}"))
    }
}
