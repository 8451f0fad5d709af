import HubBytes
import HubModel
import Testing

@testable import HubStorage

/// Topics with limits of their own: their records leave the topic, and in time the log.
@Suite struct TopicRetentionContractTests {
    private static let rounds = 40

    /// Blocks of a record each for `jobs`, `logs` and an agent; everything is in the session `a`, what is about
    /// `jobs` also makes up the session `j`'s turn every other block.
    private func filled(_ kind: LogKind, checkpointEvery rounds: Int = 1) throws -> TestLog {
        let test = try TestLog(kind)
        for block in 0..<Self.rounds {
            test.wait(milliseconds: 1000)
            try test.commit(
                Draft(
                    session: block % 2 == 0 ? "a" : "j", topic: "jobs",
                    payload: String(repeating: "j", count: 400)),
                Draft(session: "a", topic: "logs"), Draft(session: "a", agent: "bob"))
            if block % rounds == rounds - 1 { try test.checkpoint() }
        }
        return test
    }

    private func policy(_ topic: String, _ limits: RetentionLimits) -> RetentionPolicy {
        RetentionPolicy(topics: [RetentionPolicy.TopicRule(TopicPattern(unchecked: topic), limits)])
    }

    /// Whatever is left: records as they were, everything missing explained, other topics whole.
    private func expectWhole(_ test: TestLog) throws {
        var model = LogModel()
        model.grow(to: test.producer.records.count)
        // The topic `jobs` alone may have lost anything.
        model.retain(policy("jobs", RetentionLimits(records: 0)), test.producer, now: test.producer.time)
        let tenant = test.producer.id(.tenant, "acme")
        let sources: [LogQuery.Source] = [
            .log, .session(test.producer.session("a")), .session(test.producer.session("j")),
            .destination(test.producer.topic("jobs")), .destination(test.producer.topic("logs")),
            .destination(test.producer.id(.agent, "bob")), .topics([.everything], tenant: tenant),
        ]
        for source in sources {
            for direction in [LogQuery.Direction.forward, .backward] {
                let query = LogQuery(source, direction)
                let whole = try test.reader.all(query)
                try model.check(whole, query, test.producer)
                #expect(try test.reader.all(query, PageLimit(records: 3)) == whole)
            }
        }
    }

    private func left(_ test: TestLog, _ topic: String = "jobs") throws -> Int {
        try test.reader.all(.destination(test.producer.topic(topic))).rows.count
    }

    @Test(arguments: LogKind.allCases, [0, 1, 5, 39, 40, 41])
    func `A topic keeps as many records as it may`(_ kind: LogKind, _ most: Int) throws {
        let test = try filled(kind)
        try test.retain(policy("jobs", RetentionLimits(records: most)))
        #expect(try left(test) >= min(most, Self.rounds))
        if kind == .memory { #expect(try left(test) == min(most, Self.rounds)) }
        #expect(try left(test, "logs") == Self.rounds)
        try expectWhole(test)
    }

    @Test(arguments: LogKind.allCases)
    func `A topic keeps what is young enough and as many bytes as it may`(_ kind: LogKind) throws {
        let test = try filled(kind)
        try test.retain(policy("jobs", RetentionLimits(ageMilliseconds: 10_000)))
        #expect(try left(test) >= 11)
        if kind == .memory { #expect(try left(test) == 11) }
        test.wait(milliseconds: 1000)
        try test.retain(policy("jobs", RetentionLimits(bytes: 2000)))
        let bytes = try test.reader.all(.destination(test.producer.topic("jobs"))).rows.reduce(0) {
            $0 + $1.bytes.count
        }
        #expect(bytes >= 2000)
        try expectWhole(test)
    }

    @Test(arguments: LogKind.allCases)
    func `The first rule that matches a topic counts`(_ kind: LogKind) throws {
        let test = try filled(kind)
        var both = policy("jobs", RetentionLimits())
        both.topics += policy(">", RetentionLimits(records: 0)).topics
        try test.retain(both)
        #expect(try left(test) == Self.rounds)
        #expect(try left(test, "logs") == 0)
        // An agent's records are no topic's.
        #expect(try test.reader.all(.destination(test.producer.id(.agent, "bob"))).rows.count == Self.rounds)
    }

    @Test(arguments: LogKind.allCases, [1, 7, 40])
    func `A topic that may keep nothing is gone from everywhere in time, and explained`(
        _ kind: LogKind, _ rounds: Int
    ) throws {
        let test = try filled(kind, checkpointEvery: rounds)
        try test.checkpoint()
        try test.retain(policy("jobs", RetentionLimits(records: 0)))
        #expect(try left(test) == 0)
        let tenant = test.producer.id(.tenant, "acme")
        let last = try test.reader.lastPerTopic(.everything, tenant: tenant, after: nil, PageLimit())
        #expect(last.count == 1)
        try expectWhole(test)
        // The records of `jobs` are the greater part of each block; only the newest is not rewritten.
        #expect(try test.reader.all(.log()).rows.count <= 2 * Self.rounds + 1)
        #expect(try test.reader.all(.session(test.producer.session("j"))).rows.count <= 1)
    }

    @Test(arguments: LogKind.allCases, [1, 7])
    func `What topics lost stays lost and explained when the log is opened again`(
        _ kind: LogKind, _ rounds: Int
    ) throws {
        let test = try filled(kind, checkpointEvery: rounds)
        try test.retain(policy("jobs", RetentionLimits(records: 0)))
        let before = try test.reader.all(.log())
        try test.reopen()
        #expect(try test.reader.all(.log()) == before)
        try expectWhole(test)
        try test.commit(Draft(session: "j", topic: "jobs"), Draft(session: "a", topic: "jobs"))
        try test.checkpoint()
        try test.reopen()
        try expectWhole(test)
        let session = test.producer.session("j")
        #expect(try test.reader.extent(of: session).last == UInt64(Self.rounds / 2 + 1))
    }

    @Test(arguments: LogKind.allCases)
    func `A session whose newest records a topic lost goes on behind them`(_ kind: LogKind) throws {
        let test = try TestLog(kind)
        // The first run of the session stays; the next ones hold nothing but records that will go.
        for _ in 0..<700 { try test.commit(Draft(session: "a", topic: "kept")) }
        try test.checkpoint()
        for _ in 0..<300 {
            try test.commit(Draft(session: "a", topic: "jobs", payload: String(repeating: "j", count: 400)))
        }
        try test.checkpoint()
        try test.commit(Draft(topic: "kept"))
        try test.retain(policy("jobs", RetentionLimits(records: 0)))
        let session = test.producer.session("a")
        #expect(try test.reader.all(.session(session)).positions == Array(1...700))
        #expect(try test.reader.all(.session(session)).missing == Array(701...1000))
        try test.reopen()
        #expect(try test.reader.extent(of: session).last == 1000)
        try test.commit(Draft(session: "a", topic: "kept"))
        try test.checkpoint()
        for direction in [LogQuery.Direction.forward, .backward] {
            let found = try test.reader.all(.session(session, direction), PageLimit(records: 100))
            #expect(found.missing == Array(701...1000))
            #expect(found.positions.sorted() == Array(1...700) + [1001])
        }
    }

    @Test(arguments: LogKind.allCases)
    func `Bytes of many records of one checkpoint are weighed, not averaged`(_ kind: LogKind) throws {
        let test = try TestLog(kind)
        // Old records are large and new ones small, more than one run can hold.
        let large = String(repeating: "l", count: 2000)
        for _ in 0..<12 {
            try test.producer.commit(
                Array(repeating: Draft(topic: "t", payload: large), count: 100), to: test.log)
        }
        for _ in 0..<12 {
            try test.producer.commit(Array(repeating: Draft(topic: "t"), count: 100), to: test.log)
        }
        let most = test.producer.records.suffix(1300).reduce(0) { $0 + $1.bytes.count }
        try test.retain(policy("t", RetentionLimits(bytes: most)))
        #expect(try left(test, "t") >= 1300)
    }

    @Test(arguments: LogKind.allCases)
    func `A page keeps its bytes while its topic is removed from the log`(_ kind: LogKind) throws {
        let test = try filled(kind)
        let topic = test.producer.topic("jobs")
        let expected = test.producer.rows { $0.destination == topic }
        let page = try test.reader.page(.destination(topic), PageLimit())
        try test.retain(policy("jobs", RetentionLimits(records: 0)))
        for _ in 0..<20 { try test.commit(Draft(session: "a", topic: "logs")) }
        try test.retain()
        for index in 0..<page.count {
            let record = page[index]
            #expect(record.bytes.array == expected[index].bytes)
        }
    }
}
