package import HubBytes
import HubModel
package import HubProtocols
package import Randomness

/// Makes frames of every kind from a seed, with everything that may be in them.
package struct FrameMaker {
    /// Where the choices come from.
    package var random: SplitMix64

    /// A maker that repeats itself with its seed.
    package init(seed: UInt64) { random = SplitMix64(seed: seed) }

    private static let words = [
        "a", "jobs.new.eu", "worker-7", "topic:jobs", "dm:anna:bob", "Grüße", "日本語", "😀", "say \"hi\"",
        "back\\slash",
        "c-00000001", "tab\there", "\u{1}", "0123456789abcdef0", "7\u{7f}",
    ]
    private static let payloads = [
        "null", "0", "-1.5e3", "true", "\"\"", "\"text\"", #""\ud83d\ude00 \n""#, "[]", "{}", "[1,[2,[3]]]",
        #"{"a":1,"a":2}"#, #"{ "type" : "none" , "id":7 }"#, "{\"data\":{\"data\":[null,false]}}",
    ]
    private static let objects = [
        #"{"status":"idle"}"#, #"{"x":[1,2],"status":"b\u0075sy","progress":0.5}"#,
        #"{"status":"ok","result":{"status":3}}"#,
    ]

    mutating func word() -> String { Self.words[random.below(Self.words.count)] }

    mutating func text(_ batch: inout ByteBuffer) -> Slice { batch.place(word()) }

    mutating func maybe(_ batch: inout ByteBuffer) -> Slice { random.once(in: 2) ? text(&batch) : .empty }

    mutating func maybe<Value>(_ value: (inout FrameMaker) -> Value) -> Value? {
        random.once(in: 2) ? value(&self) : nil
    }

    mutating func number(_ bound: Int = 1_000_000) -> Int {
        random.once(in: 8) ? Int.random(in: 1...Int(Int32.max), using: &random) : 1 + random.below(bound)
    }

    mutating func offset() -> Offset {
        random.once(in: 10)
            ? Offset(UInt64.random(in: 0...UInt64(Int64.max), using: &random)) : Offset(UInt64(number()))
    }

    mutating func time() -> Timestamp {
        Timestamp(microseconds: Int64.random(in: 1...4_102_444_800_000_000, using: &random))
    }

    mutating func payload(_ batch: inout ByteBuffer) -> Slice {
        batch.place(Self.payloads[random.below(Self.payloads.count)])
    }

    mutating func object(_ batch: inout ByteBuffer) -> Slice {
        batch.place(Self.objects[random.below(Self.objects.count)])
    }

    /// Runs of offsets as they come out of a list: apart from each other.
    mutating func runs(_ batch: inout ByteBuffer) -> Slice {
        let start = batch.count
        var next = UInt64(1 + random.below(1000))
        for _ in 0...random.below(4) {
            let last = next + UInt64(random.below(5))
            batch.append(next)
            batch.append(last)
            next = last + 2 + UInt64(random.below(100))
        }
        return Slice(from: start, in: batch)
    }

    // MARK: Of agents

    /// A frame of an agent.
    package mutating func agentFrame(_ batch: inout ByteBuffer) -> NativeFrame {
        switch random.below(16) {
        case 0: return .hello(hello(&batch))
        case 1: return .heartbeat(heartbeat(&batch))
        case 2: return .subscribe(subscribe(&batch))
        case 3:
            return .unsubscribe(id: maybe(&batch), consumer: text(&batch), delete: random.once(in: 2))
        case 4, 5: return .settlement(settlement(&batch))
        case 6: return .replay(replay(&batch))
        case 7: return .cancel(id: text(&batch))
        case 8: return .session(step(&batch))
        case 9: return .pause(id: maybe(&batch), scope(&batch))
        case 10: return .resume(id: maybe(&batch), scope(&batch))
        case 11: return .agents(id: maybe(&batch), filter: maybe(&batch))
        case 12:
            let agents = (0..<random.below(3)).map { _ in word() }
            return .presence(id: maybe(&batch), agents: agents, watch: maybe { $0.random.once(in: 2) })
        case 13: return .ping(id: maybe(&batch))
        default: return .publication(publication(&batch))
        }
    }

    /// A message, a command, an answer or a status.
    package mutating func publication(_ batch: inout ByteBuffer) -> Publication {
        let kinds: [MessageKind] = [.message, .command, .response, .status]
        var one = Publication(kinds[random.below(4)])
        one.id = one.kind == .command ? text(&batch) : maybe(&batch)
        one.session = maybe(&batch)
        one.cause = maybe(&batch)
        one.trace = maybe(&batch)
        one.durability = Durability.allCases[random.below(3)]
        switch one.kind {
        case .message, .command:
            one.target = random.once(in: 2) ? .topic : .agent
            one.name = text(&batch)
            one.lifeMilliseconds = maybe { Int64($0.number()) }
            one.isRetained = one.kind == .message && random.once(in: 3)
            one.payload =
                one.kind == .command ? batch.place(#"{"command":"go","args":[1]}"#) : payload(&batch)
            if one.isRetained, random.once(in: 3) { one.payload = .empty }
        case .response:
            one.correlation = text(&batch)
            one.payload = payload(&batch)
            if random.once(in: 3) {
                one.target = .agent
                one.name = text(&batch)
            }
        default:
            one.payload = object(&batch)
            one.lifeMilliseconds = maybe { Int64($0.number()) }
        }
        return one
    }

    private mutating func hello(_ batch: inout ByteBuffer) -> NativeHello {
        var hello = NativeHello()
        hello.id = maybe(&batch)
        hello.agent = maybe { $0.word() }
        hello.token = maybe { $0.word() }
        if random.once(in: 3) {
            hello.key = word()
            hello.signature = word()
        }
        hello.session = maybe { $0.word() }
        hello.client = maybe { $0.word() }
        hello.heartbeatSeconds = maybe { 1 + $0.random.below(3600) }
        hello.epoch = maybe { Epoch.random(using: &$0.random) }
        hello.offset = maybe { $0.offset() }
        hello.takesBatches = random.once(in: 2)
        return hello
    }

    private mutating func heartbeat(_ batch: inout ByteBuffer) -> NativeHeartbeat {
        var beat = NativeHeartbeat()
        beat.id = maybe(&batch)
        beat.status = maybe(&batch)
        if random.once(in: 2) { beat.workingOn = runs(&batch) }
        return beat
    }

    private mutating func settlement(_ batch: inout ByteBuffer) -> Settlement {
        let verdicts: [Settlement.Verdict] = [
            .acknowledged, .refused(afterMilliseconds: maybe { Int64($0.random.below(86_400_000)) }),
            .working,
            .givenUp,
        ]
        let consumer = text(&batch)
        var list = runs(&batch)
        if random.once(in: 3) {
            let start = batch.count
            batch.append(UInt64(0))
            batch.append(offset().rawValue)
            list = Slice(from: start, in: batch)
        }
        var settlement = Settlement(verdicts[random.below(4)], consumer: consumer, runs: list)
        settlement.reason = maybe(&batch)
        return settlement
    }

    private mutating func subscribe(_ batch: inout ByteBuffer) -> NativeSubscribe {
        var wanted = NativeSubscribe()
        wanted.id = maybe(&batch)
        wanted.consumer = maybe { $0.word() }
        wanted.topics = (0..<random.below(3)).map { _ in word() }
        wanted.isShared = maybe { $0.random.once(in: 2) }
        wanted.isSticky = maybe { $0.random.once(in: 2) }
        let starts: [NativeStart] = [.new, .all, .last, .offset(offset()), .time(time())]
        wanted.from = maybe { starts[$0.random.below(5)] }
        wanted.isExplicit = maybe { $0.random.once(in: 2) }
        wanted.inFlightMax = maybe { 1 + $0.random.below(65_536) }
        wanted.ackWaitMilliseconds = maybe { Int64(10 + $0.random.below(86_399_000)) }
        wanted.deliveriesMax = maybe { 1 + $0.random.below(1000) }
        wanted.backoffInitialMilliseconds = maybe { Int64($0.random.below(86_400_000)) }
        wanted.backoffFactorThousandths = maybe { 1000 + $0.random.below(99_000) }
        wanted.backoffMaxMilliseconds = maybe { Int64($0.random.below(86_400_000)) }
        wanted.backoffJitterPercent = maybe { $0.random.below(101) }
        return wanted
    }

    private mutating func place() -> NativePlace {
        switch random.below(3) {
        case 0: .offset(offset())
        case 1: .sequence(SequenceNumber(UInt64(number())))
        default: .time(time())
        }
    }

    private mutating func replay(_ batch: inout ByteBuffer) -> NativeReplay {
        var replay = NativeReplay()
        replay.id = text(&batch)
        if random.once(in: 2) { replay.session = word() } else { replay.topics = [word(), word()] }
        replay.from = maybe { $0.place() }
        replay.to = maybe { $0.place() }
        let speeds: [NativeSpeed] = [.instant, .times(1), .times(0.5), .times(60)]
        replay.speed = speeds[random.below(4)]
        replay.limit = maybe { $0.number() }
        return replay
    }

    private mutating func step(_ batch: inout ByteBuffer) -> NativeSessionStep {
        let kinds: [NativeSessionStep.Kind] = [.open, .accept, .reject, .close]
        var step = NativeSessionStep(kinds[random.below(4)])
        step.id = maybe(&batch)
        step.session = text(&batch)
        if case .open = step.kind { step.with = maybe(&batch) }
        if random.once(in: 2) { step.data = payload(&batch) }
        return step
    }

    mutating func scope(_ batch: inout ByteBuffer) -> NativeScope {
        var scope = NativeScope()
        let targets: [NativeScope.Target] = [.connection, .session, .consumer]
        scope.target = targets[random.below(3)]
        if scope.target != .connection { scope.name = text(&batch) }
        scope.isOnlyWork = random.once(in: 2)
        return scope
    }
}

extension NativeFrame {
    /// The frame as an agent would write it.
    package func append(in batch: RawSpan, to buffer: inout ByteBuffer) {
        typealias Writer = NativeClientWriter
        switch self {
        case .hello(let hello): Writer.hello(hello, in: batch, to: &buffer)
        case .publication(let one): Writer.publication(one, in: batch, to: &buffer)
        case .heartbeat(let beat):
            Writer.heartbeat(
                id: beat.id.of(batch), status: beat.status.of(batch), workingOn: beat.workingOn.of(batch),
                to: &buffer)
        case .subscribe(let wanted): Writer.subscribe(wanted, in: batch, to: &buffer)
        case .unsubscribe(let id, let consumer, let delete):
            Writer.unsubscribe(id: id.of(batch), consumer: consumer.of(batch), delete: delete, to: &buffer)
        case .settlement(let settlement): Writer.settlement(settlement, in: batch, to: &buffer)
        case .replay(let replay): Writer.replay(replay, in: batch, to: &buffer)
        case .cancel(let id): Writer.cancel(id: id.of(batch), to: &buffer)
        case .session(let step): Writer.step(step, in: batch, to: &buffer)
        case .pause(let id, let scope): Writer.pause(id: id.of(batch), scope, in: batch, to: &buffer)
        case .resume(let id, let scope): Writer.resume(id: id.of(batch), scope, in: batch, to: &buffer)
        case .agents(let id, let filter):
            Writer.agents(id: id.of(batch), filter: filter.of(batch), to: &buffer)
        case .presence(let id, let agents, let watch):
            Writer.presence(id: id.of(batch), agents: agents, watch: watch, to: &buffer)
        case .ping(let id): Writer.ping(id: id.of(batch), to: &buffer)
        }
    }
}
