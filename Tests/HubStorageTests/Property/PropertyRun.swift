import HubBytes
import HubModel
import HubStorage
import Randomness

/// One log, and what happens to it by chance.
struct PropertyRun {
    private var random: SplitMix64
    private let test: TestLog
    private var model = LogModel()
    private var policy = RetentionPolicy.everything
    private let focus: Focus
    private var producer: TestProducer { test.producer }

    /// What retention is mostly about: blocks that go whole hide what happens to single records.
    private enum Focus: CaseIterable {
        case log, topics, both
    }

    private static let sessions = ["s1", "s2", "s3", "busy"]
    private static let topics = ["jobs.new", "jobs.done", "logs", "logs.eu.de"]
    private static let tenants = ["acme", "other"]
    private static let patterns = [">", "jobs.*", "jobs.>", "logs", "*.eu.>", "none.*"]

    init(_ kind: LogKind, seed: UInt64) throws {
        random = SplitMix64(seed: seed)
        focus = Focus.allCases.randomElement(using: &random) ?? .both
        // Every other log makes checkpoints by itself, after little.
        let checkpoint =
            random.once(in: 2)
            ? TestLog.quiet
            : CheckpointPolicy(
                intervalMilliseconds: 1 << Int64(random.below(14)), bytes: 1 << (8 + random.below(10)),
                names: 1 + random.below(12))
        test = try TestLog(kind, checkpoint: checkpoint, retentionBytesPerCall: 1 << (8 + random.below(12)))
    }

    mutating func step() throws {
        if random.once(in: 3) { test.wait(milliseconds: Int64(random.below(2000))) }
        switch random.below(100) {
        case 0..<45: try append()
        case 45..<52: try checkpoint()
        case 52..<64: try maintain()
        case 64..<67: changePolicy()
        case 67..<72: try reopen()
        case 72..<75: try appendBroken()
        default: try read()
        }
        try checkBounds()
    }

    // MARK: Writing

    private mutating func draft() -> Draft {
        var draft = Draft()
        draft.tenant = Self.tenants[random.once(in: 4) ? 1 : 0]
        if !random.once(in: 4) { draft.session = Self.sessions.randomElement(using: &random) }
        switch random.below(5) {
        case 0: break
        case 1: draft.agent = "bob"
        default: draft.topic = Self.topics.randomElement(using: &random)
        }
        draft.payload = String(
            repeating: "x", count: random.once(in: 8) ? random.below(3000) : random.below(100))
        return draft
    }

    private mutating func drafts() -> [Draft] {
        let count = random.once(in: 10) ? 1 + random.below(60) : 1 + random.below(5)
        return (0..<count).map { _ in draft() }
    }

    private mutating func append() throws {
        let drafts = drafts()
        if random.once(in: 4) {
            let list = changes()
            let appliedTo = producer.head
            try producer.commit(drafts, to: test.log, state: packed(list, appliedTo))
            model.apply(list, appliedTo: appliedTo)
        } else {
            try producer.commit(drafts, to: test.log)
        }
        model.grow(to: producer.records.count)
    }

    private mutating func changes() -> [(key: [UInt8], value: [UInt8]?)] {
        (0..<random.below(4)).map { _ in
            let key = Array("key-\(random.below(6))".utf8)
            return (key, random.once(in: 3) ? nil : Array("value \(random.below(1000))".utf8))
        }
    }

    private func packed(_ list: [(key: [UInt8], value: [UInt8]?)], _ appliedTo: Offset) -> StateChanges {
        var changes = StateChanges(appliedTo: appliedTo)
        for (key, value) in list {
            key.withBytes { key in
                guard let value else { return changes.remove(key) }
                value.withBytes { changes.set(key, $0) }
            }
        }
        return changes
    }

    private mutating func appendBroken() throws {
        var drafts = drafts()
        drafts[drafts.count - 1].session = "s1"
        let how = random.below(3)
        do throws(StorageError) {
            let last = drafts.count - 1
            try producer.commit(drafts, to: test.log) { header, index in
                guard index == last else { return }
                switch how {
                case 0: header.sequence = header.sequence.next
                case 1: header.session = .none
                default: header.destination = NameID(100_000)
                }
            }
        } catch {
            guard error.kind == .refused else { throw error }
            return
        }
        throw Violation("a block that breaks the rules was accepted")
    }

    private mutating func checkpoint() throws {
        guard random.once(in: 2) else { return try test.checkpoint() }
        let list = changes()
        let appliedTo = producer.head
        try test.log.checkpoint(state: packed(list, appliedTo), now: producer.time)
        model.apply(list, appliedTo: appliedTo)
    }

    // MARK: Retention

    private mutating func limits() -> RetentionLimits {
        var limits = RetentionLimits()
        if random.once(in: 2) { limits.records = random.below(60) }
        if random.once(in: 3) { limits.bytes = random.below(20_000) }
        if random.once(in: 3) { limits.ageMilliseconds = Int64(random.below(20_000)) }
        return limits
    }

    private mutating func changePolicy() {
        policy = RetentionPolicy()
        if focus != .topics, random.once(in: 2) { policy.log = limits() }
        let rules = focus == .topics ? 1 + random.below(2) : focus == .log ? 0 : random.below(3)
        for _ in 0..<rules {
            let pattern = Self.patterns.randomElement(using: &random) ?? ">"
            policy.topics.append(RetentionPolicy.TopicRule(TopicPattern(unchecked: pattern), limits()))
        }
        test.log.setRetention(policy)
    }

    private mutating func maintain() throws {
        // The first steps of a run find a policy, too.
        if policy == .everything, random.once(in: 2) { changePolicy() }
        // Clocks may be set back.
        let now = producer.time.adding(milliseconds: Int64(random.below(3000)) - 1000)
        model.retain(policy, producer, now: now)
        var rounds = 0
        while try test.log.maintain(now: now), random.below(4) > 0 || rounds < 1 {
            rounds += 1
            guard rounds < 5000 else { throw Violation("maintenance does not end") }
        }
    }

    private mutating func reopen() throws {
        let before = test.reader.bounds
        try test.reopen()
        test.log.setRetention(policy)
        guard test.reader.bounds == before else {
            throw Violation("bounds \(before) became \(test.reader.bounds) by opening the log again")
        }
    }

    // MARK: Reading

    private mutating func source() -> LogQuery.Source {
        switch random.below(4) {
        case 0: return .log
        case 1: return .session(producer.session(Self.sessions.randomElement(using: &random) ?? ""))
        case 2:
            if random.once(in: 4) { return .destination(producer.id(.agent, "bob")) }
            return .destination(producer.topic(Self.topics.randomElement(using: &random) ?? ""))
        default:
            let tenant = Self.tenants.randomElement(using: &random) ?? ""
            let patterns = (0...random.below(3)).map { _ in
                TopicPattern(unchecked: Self.patterns.randomElement(using: &random) ?? ">")
            }
            return .topics(patterns, tenant: producer.id(.tenant, tenant))
        }
    }

    private mutating func read() throws {
        if random.once(in: 5) { return try readAround() }
        let source = source()
        if source == .session(.none) || source == .destination(.none) { return }
        var query = LogQuery(source, random.once(in: 2) ? .forward : .backward)
        let most = producer.records.count + 3
        if random.once(in: 2) { query.from = UInt64(random.below(most)) }
        if random.once(in: 2) { query.to = UInt64(random.below(most)) }
        let whole = try test.reader.all(query, PageLimit(records: 100_000, bytes: 1 << 30))
        do {
            try model.check(whole, query, producer)
            let limit = PageLimit(
                records: 1 + random.below(20), bytes: random.once(in: 2) ? 1 << 20 : 1 + random.below(2000))
            let paged = try test.reader.all(query, limit)
            guard paged == whole else {
                throw Violation(
                    "by \(limit): \(paged.positions) \(paged.gaps), at once: \(whole.positions) \(whole.gaps)"
                )
            }
        } catch {
            throw Violation("\(query): \(error)")
        }
    }

    /// The other ways to ask.
    private mutating func readAround() throws {
        switch random.below(3) {
        case 0: try readByTime()
        case 1: try readLastPerTopic()
        default: try readState()
        }
    }

    private mutating func readByTime() throws {
        let span = producer.time.microseconds - TestProducer.start.microseconds + 2
        let time = Timestamp(
            microseconds: TestProducer.start.microseconds - 1 + Int64.random(in: 0...span, using: &random))
        let found = try test.reader.offset(atOrAfter: time).rawValue
        for row in try test.reader.all(.log()).rows {
            let isEarlier = producer.records[Int(row.position)].time < time
            guard isEarlier == (row.position < found) else {
                throw Violation("\(time) was found at \(found), which is wrong for \(row.position)")
            }
        }
    }

    private mutating func readLastPerTopic() throws {
        let pattern = TopicPattern(unchecked: Self.patterns.randomElement(using: &random) ?? ">")
        let tenant = producer.id(.tenant, "acme")
        var found: [UInt64] = []
        var after: TopicName?
        while true {
            let page = try test.reader.lastPerTopic(
                pattern, tenant: tenant, after: after, PageLimit(records: 2))
            if page.isEmpty { break }
            var index = 0
            while index < page.count {
                let record = page[index]
                found.append(record.offset.rawValue)
                index += 1
            }
            after = producer.records[Int(found[found.count - 1])].topic.map { TopicName(unchecked: $0) }
            guard found.count < 100 else { throw Violation("the topics' last records have no end") }
        }
        var expected: [UInt64] = []
        for topic in Self.topics.sorted() where pattern.matches(TopicName(unchecked: topic)) {
            let there = try test.reader.all(
                .destination(producer.topic(topic), .backward), PageLimit(records: 1))
            if let last = there.positions.first { expected.append(last) }
        }
        guard found == expected else { throw Violation("last per topic: \(found), not \(expected)") }
    }

    private func readState() throws {
        var found: [(key: [UInt8], value: [UInt8])] = []
        try test.reader.forEachState { key, value in found.append((key.array, value.array)) }
        let expected = model.state.map { ($0.key, $0.value) }.sorted { $0.0.lexicographicallyPrecedes($1.0) }
        guard found.elementsEqual(expected, by: { $0.key == $1.0 && $0.value == $1.1 }) else {
            throw Violation("the state is \(found), not \(expected)")
        }
    }

    /// What must hold after every step.
    private func checkBounds() throws {
        let bounds = test.reader.bounds
        guard bounds.head == producer.head, bounds.names == producer.nameCount, bounds.start <= bounds.head,
            bounds.stateAppliedTo == model.stateAppliedTo
        else { throw Violation("bounds \(bounds) after \(producer.records.count) records") }
        for name in Self.sessions where producer.session(name) != .none {
            try checkExtent(producer.session(name))
        }
    }

    private func checkExtent(_ session: NameID) throws {
        let extent = try test.reader.extent(of: session)
        let there = try test.reader.all(.session(session), PageLimit(records: 100_000, bytes: 1 << 30))
        let last = producer.records.last { $0.session == session }?.sequence ?? 0
        guard extent.first == there.positions.first, extent.count == there.rows.count, extent.last == last
        else {
            throw Violation("extent \(extent) of a session that ends at \(last) and has \(there.positions)")
        }
    }
}
