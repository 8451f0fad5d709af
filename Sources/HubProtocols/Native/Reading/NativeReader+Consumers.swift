import HubBytes
import HubModel

/// What agents say of consumers and of what these gave them.
extension NativeReader {
    func settlement(
        _ verdict: Settlement.Verdict, _ batch: inout ByteBuffer
    ) throws(Refusal) -> Settlement {
        let consumer = try required(.consumer, &batch)
        var settlement = Settlement(verdict, consumer: consumer, runs: try settled(&batch))
        settlement.reason = try text(.reason, &batch)
        guard settlement.reason.count <= 4096 else {
            throw Refusal(.tooLarge, "`reason` has \(settlement.reason.count) bytes; the limit is 4096")
        }
        return settlement
    }

    private func settled(_ batch: inout ByteBuffer) throws(Refusal) -> Slice {
        let (one, list, all) = (scanner[.offset], scanner[.offsets], scanner[.upTo])
        guard (one == nil ? 0 : 1) + (list == nil ? 0 : 1) + (all == nil ? 0 : 1) == 1 else {
            throw Refusal(
                one == nil && list == nil && all == nil ? .missingField : .badField,
                "one of `offset`, `offsets` and `up_to` says which deliveries are meant")
        }
        if let list {
            let runs = try runs(list, .offsets, &batch)
            guard !runs.isEmpty else { throw mistyped(.offsets, "an array of one offset at least") }
            return runs
        }
        let start = batch.count
        if let one {
            let offset = UInt64(try integer(one, .offset, 0...Int64.max))
            batch.append(offset)
            batch.append(offset)
        } else if let all {
            batch.append(UInt64(0))
            batch.append(UInt64(try integer(all, .upTo, 0...Int64.max)))
        }
        return Slice(from: start, in: batch)
    }

    func heartbeat(_ id: Slice, _ batch: inout ByteBuffer) throws(Refusal) -> NativeHeartbeat {
        var beat = NativeHeartbeat()
        beat.id = id
        guard let data = try data(batch), let inner = try inside(.data) else { return beat }
        beat.data = data
        if let status = inner[.status] {
            guard status.isText else { throw Refusal(.badField, "`data.status` must be a string") }
            beat.status = place(status, &batch)
        }
        if let list = inner[.workingOn] { beat.workingOn = try runs(list, .workingOn, &batch) }
        return beat
    }

    func subscribe(_ id: Slice, _ batch: inout ByteBuffer) throws(Refusal) -> NativeSubscribe {
        var wanted = NativeSubscribe()
        wanted.id = id
        wanted.consumer = try string(.consumer)
        wanted.topics = try topics()
        wanted.isShared = try bool(.group)
        wanted.isSticky = try bool(.sticky)
        wanted.from = try start()
        if let word = try string(.ack) {
            guard word == "explicit" || word == "auto" else {
                throw mistyped(.ack, "\"explicit\" or \"auto\"")
            }
            wanted.isExplicit = word == "explicit"
        }
        wanted.inFlightMax = try integer(.maxInFlight, 1...65_536).map { Int($0) }
        wanted.ackWaitMilliseconds = try integer(.ackWaitMs, 10...86_400_000)
        wanted.deliveriesMax = try integer(.maxDeliver, 1...1000).map { Int($0) }
        if let backoff = try inside(.backoff) { try fill(&wanted, backoff) }
        return wanted
    }

    /// Patterns, or none for the inbox.
    private func topics() throws(Refusal) -> [String] {
        let isInbox = try bool(.inbox) ?? false
        guard let topics = try strings(.topics) else {
            guard isInbox else {
                throw Refusal(
                    .missingField,
                    "`topics` is missing: an array of patterns; or \"inbox\": true, for what is sent to the agent"
                )
            }
            return []
        }
        guard !isInbox else {
            throw Refusal(.badField, "a consumer has `topics` or the `inbox`, not both; make two of them")
        }
        guard !topics.isEmpty else { throw mistyped(.topics, "an array of one pattern at least") }
        return topics
    }

    private func start() throws(Refusal) -> NativeStart? {
        guard let value = scanner[.from] else { return nil }
        let wanted = "\"new\", \"all\", \"last\", {\"offset\": …} or {\"time\": …}"
        if value.isText {
            switch string(value) {
            case "new": return .new
            case "all": return .all
            case "last": return .last
            default: throw mistyped(.from, wanted)
            }
        }
        guard value.kind == .object else { throw mistyped(.from, wanted) }
        switch try point(.from) {
        case .offset(let offset): return .offset(offset)
        case .time(let time): return .time(time)
        default: throw mistyped(.from, wanted)
        }
    }

    /// A place that an object in a field names.
    private func point(_ key: NativeKey) throws(Refusal) -> NativePlace? {
        guard let inner = try inside(key) else { return nil }
        let (offset, sequence, time) = (inner[.offset], inner[.seq], inner[.time])
        guard (offset == nil ? 0 : 1) + (sequence == nil ? 0 : 1) + (time == nil ? 0 : 1) == 1 else {
            throw Refusal(.badField, "`\(key.word)` has one of `offset`, `seq` and `time`")
        }
        if let offset {
            return .offset(Offset(UInt64(try integer(offset, .offset, 0...Int64.max))))
        }
        if let sequence {
            return .sequence(SequenceNumber(UInt64(try integer(sequence, .seq, 1...Int64.max))))
        }
        guard let time, time.isText, let moment = Timestamp(text: string(time)) else {
            throw mistyped(.time, "a time such as \"2026-11-20T10:18:54Z\"")
        }
        return .time(moment)
    }

    private func fill(_ wanted: inout NativeSubscribe, _ backoff: borrowing NativeScanner) throws(Refusal) {
        if let value = backoff[.initialMs] {
            wanted.backoffInitialMilliseconds = try integer(value, .initialMs, 0...86_400_000)
        }
        if let value = backoff[.maxMs] {
            wanted.backoffMaxMilliseconds = try integer(value, .maxMs, 0...86_400_000)
        }
        if let value = backoff[.jitterPercent] {
            wanted.backoffJitterPercent = Int(try integer(value, .jitterPercent, 0...100))
        }
        if let value = backoff[.factor] {
            guard value.kind == .number, let factor = NativeNumber.double(text, value), factor >= 1,
                factor <= 100
            else { throw mistyped(.factor, "a number from 1 to 100") }
            wanted.backoffFactorThousandths = Int((factor * 1000).rounded())
        }
    }

    // MARK: Replay

    func replay(_ id: Slice, _ batch: inout ByteBuffer) throws(Refusal) -> NativeReplay {
        guard !id.isEmpty else {
            throw Refusal(.missingField, "a replay has an `id`, which its messages carry")
        }
        var replay = NativeReplay()
        replay.id = id
        replay.session = try string(.session)
        replay.topics = try strings(.topics) ?? []
        guard (replay.session == nil) != replay.topics.isEmpty else {
            throw Refusal(
                replay.session == nil ? .missingField : .badField,
                "a replay is of a `session` or of `topics`: one of them")
        }
        replay.from = try end(.from)
        replay.to = try end(.to)
        replay.speed = try speed()
        replay.limit = try integer(.limit, 1...Int64.max).map { Int($0) }
        return replay
    }

    /// Where a replay begins or ends: a number is an offset.
    private func end(_ key: NativeKey) throws(Refusal) -> NativePlace? {
        guard let value = scanner[key] else { return nil }
        switch value.kind {
        case .number: return .offset(Offset(UInt64(try integer(value, key, 0...Int64.max))))
        case .object: return try point(key)
        default:
            throw mistyped(key, "an offset, {\"offset\": …}, {\"seq\": …} or {\"time\": …}")
        }
    }

    private func speed() throws(Refusal) -> NativeSpeed {
        guard let value = scanner[.speed] else { return .instant }
        if value.isText {
            switch string(value) {
            case "instant": return .instant
            case "original": return .times(1)
            default: break
            }
        } else if value.kind == .number, let factor = NativeNumber.double(text, value), factor >= 0.001,
            factor <= 1_000_000
        {
            return .times(factor)
        }
        throw mistyped(.speed, "\"instant\", \"original\" or a number from 0.001 to 1000000")
    }
}
