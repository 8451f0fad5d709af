import HubBytes
import HubModel
import HubProtocols

/// Writes the frames that are no messages.
struct ControlWriter: ~Copyable {
    private let link: ClientLink
    private var texts = ByteBuffer(capacity: 256)

    init(_ link: ClientLink) { self.link = link }

    /// Appends a frame.
    mutating func write(_ frame: ClientFrame, to buffer: inout ByteBuffer) {
        texts.removeAll()
        switch frame {
        case .hello(let epoch, let offset, let proof):
            Self.write(hello(epoch, offset, proof), texts, to: &buffer)
        case .subscribe(let id, let filter, let options, let start):
            var wanted = NativeSubscribe(filter, options, from: start)
            wanted.id = place(id)
            NativeClientWriter.subscribe(wanted, in: texts.bytes, to: &buffer)
        case .unsubscribe(let id, let consumer, let delete):
            let id = place(id)
            let consumer = texts.place(consumer)
            NativeClientWriter.unsubscribe(
                id: id.of(texts.bytes), consumer: consumer.of(texts.bytes), delete: delete, to: &buffer)
        case .settle(let consumer, let verdict, let offsets, let delay, let reason):
            let settlement = settlement(consumer, verdict, offsets, delay, reason)
            NativeClientWriter.settlement(settlement, in: texts.bytes, to: &buffer)
        case .settleUpTo(let consumer, let offset):
            consumer.withBytes { NativeClientWriter.ack(consumer: $0, upTo: Offset(offset), to: &buffer) }
        case .replay(let id, let spec):
            var replay = NativeReplay(spec)
            replay.id = place(id)
            NativeClientWriter.replay(replay, in: texts.bytes, to: &buffer)
        default: writeQuestion(frame, to: &buffer)
        }
    }

    private mutating func writeQuestion(_ frame: ClientFrame, to buffer: inout ByteBuffer) {
        switch frame {
        case .cancel(let id):
            let id = place(id)
            NativeClientWriter.cancel(id: id.of(texts.bytes), to: &buffer)
        case .agents(let id, let filter):
            let id = place(id)
            let filter = texts.place(filter)
            NativeClientWriter.agents(id: id.of(texts.bytes), filter: filter.of(texts.bytes), to: &buffer)
        case .watchPresence(let id, let agents):
            let id = place(id)
            NativeClientWriter.presence(id: id.of(texts.bytes), agents: agents, watch: true, to: &buffer)
        case .pause(let id, let target, let isOnlyWork):
            let id = place(id)
            let scope = scope(target, isOnlyWork)
            NativeClientWriter.pause(id: id.of(texts.bytes), scope, in: texts.bytes, to: &buffer)
        case .resume(let id, let target):
            let id = place(id)
            let scope = scope(target, false)
            NativeClientWriter.resume(id: id.of(texts.bytes), scope, in: texts.bytes, to: &buffer)
        case .heartbeat:
            NativeClientWriter.heartbeat(id: RawSpan(), status: RawSpan(), workingOn: RawSpan(), to: &buffer)
        default: preconditionFailure("a frame that nobody writes")
        }
    }

    // MARK: Parts

    private static func write(
        _ hello: NativeHello, _ texts: borrowing ByteBuffer, to buffer: inout ByteBuffer
    ) {
        NativeClientWriter.hello(hello, in: texts.bytes, to: &buffer)
    }

    private func hello(_ epoch: String?, _ offset: UInt64?, _ proof: ClientFrame.Proof?) -> NativeHello {
        var hello = NativeHello()
        // Credentials may say it instead.
        hello.agent = link.agent.isEmpty ? nil : link.agent
        if case .token(let token) = link.options.credentials { hello.token = token }
        hello.key = proof?.key
        hello.signature = proof?.signature
        hello.session = link.options.session
        hello.client = link.options.program
        hello.epoch = epoch.flatMap { Epoch(text: $0) }
        hello.offset = hello.epoch == nil ? nil : offset.map { Offset($0) }
        hello.takesBatches = true
        return hello
    }

    private mutating func place(_ id: UInt64) -> Slice {
        let start = texts.count
        link.ids.append(id, IDs.requestMark, to: &texts)
        return Slice(from: start, in: texts)
    }

    private mutating func settlement(
        _ consumer: String, _ verdict: Verdict, _ offsets: [UInt64], _ delay: Int64?, _ reason: String?
    ) -> Settlement {
        let name = texts.place(consumer)
        let why = reason.map { texts.place($0) } ?? .empty
        let start = texts.count
        for offset in offsets {
            texts.append(offset)
            texts.append(offset)
        }
        let word: Settlement.Verdict =
            switch verdict {
            case .acknowledged: .acknowledged
            case .refused: .refused(afterMilliseconds: delay)
            case .working: .working
            case .givenUp: .givenUp
            }
        var settlement = Settlement(word, consumer: name, runs: Slice(from: start, in: texts))
        settlement.reason = why
        return settlement
    }

    private mutating func scope(_ target: PauseTarget, _ isOnlyWork: Bool) -> NativeScope {
        var scope = NativeScope()
        scope.isOnlyWork = isOnlyWork
        switch target {
        case .connection: break
        case .session(let name):
            scope.target = .session
            scope.name = texts.place(name)
        case .consumer(let name):
            scope.target = .consumer
            scope.name = texts.place(name)
        }
        return scope
    }
}
