import HubBytes
import HubModel
import Testing

@testable import HubStorage

/// Ranges, pages, and the other ways to ask.
@Suite struct ReadContractTests {
    @Test(arguments: LogKind.allCases, [0, 2, 4])
    func `A range gives what lies in it and no more`(_ kind: LogKind, _ checkpoints: Int) throws {
        let test = try AppendContractTests.filled(kind, checkpoints: checkpoints)
        let session = test.producer.session("a")
        let topic = test.producer.topic("logs")
        for from in UInt64(0)...21 {
            for to in UInt64(0)...21 {
                let isWanted = { (position: UInt64) in position >= from && position < to }
                let log = test.producer.rows { isWanted($0.offset) }
                #expect(try test.reader.all(LogQuery(.log, from: from, to: to)).rows == log)
                #expect(
                    try test.reader.all(LogQuery(.log, from: from, to: to, .backward)).rows == log.reversed())
                let ofSession = test.producer.rows(isSession: true) {
                    $0.session == session && isWanted($0.sequence)
                }
                let found = try test.reader.all(LogQuery(.session(session), from: from, to: to, .backward))
                #expect(found.rows == ofSession.reversed() && found.gaps.isEmpty)
                let ofTopic = test.producer.rows { $0.destination == topic && isWanted($0.offset) }
                #expect(
                    try test.reader.all(LogQuery(.destination(topic), from: from, to: to)).rows == ofTopic)
            }
        }
    }

    @Test(arguments: LogKind.allCases)
    func `Ranges without sense give nothing`(_ kind: LogKind) throws {
        let test = try AppendContractTests.filled(kind)
        let tenant = test.producer.id(.tenant, "acme")
        let sources: [LogQuery.Source] = [
            .log, .session(test.producer.session("a")), .destination(test.producer.topic("logs")),
            .topics([.everything], tenant: tenant), .session(NameID(9999)), .destination(NameID(9999)),
        ]
        for source in sources {
            for direction in [LogQuery.Direction.forward, .backward] {
                for (from, to) in [
                    (UInt64(7), UInt64(7)), (9, 3), (1000, 2000), (UInt64.max, UInt64.max), (0, 0),
                ] {
                    let found = try test.reader.all(LogQuery(source, from: from, to: to, direction))
                    #expect(found.rows.isEmpty && found.gaps.isEmpty, "\(source) \(from) \(to) \(direction)")
                }
            }
            let all = try test.reader.all(LogQuery(source, from: 0, to: UInt64.max, .backward))
            #expect(try all.rows == test.reader.all(LogQuery(source)).rows.reversed())
        }
    }

    @Test(arguments: LogKind.allCases, [0, 2, 4])
    func `Small pages one after the other give what one large page gives`(
        _ kind: LogKind, _ checkpoints: Int
    ) throws {
        let test = try AppendContractTests.filled(kind, checkpoints: checkpoints)
        let tenant = test.producer.id(.tenant, "acme")
        let sources: [LogQuery.Source] = [
            .log, .session(test.producer.session("a")), .destination(test.producer.topic("logs")),
            .topics([.everything], tenant: tenant), .topics([try TopicPattern("jobs.*")], tenant: tenant),
        ]
        for source in sources {
            for direction in [LogQuery.Direction.forward, .backward] {
                let query = LogQuery(source, direction)
                let whole = try test.reader.all(query)
                #expect(whole.pages == 1)
                for records in 1...7 {
                    #expect(try test.reader.all(query, PageLimit(records: records)) == whole)
                }
                for bytes in [1, 100, 1000] {
                    #expect(try test.reader.all(query, PageLimit(bytes: bytes)) == whole)
                }
            }
        }
    }

    @Test(arguments: LogKind.allCases)
    func `A page holds no more than its limits, and at least one record`(_ kind: LogKind) throws {
        let test = try AppendContractTests.filled(kind)
        #expect(try test.reader.page(.log(), PageLimit(records: 3)).count == 3)
        #expect(try test.reader.page(.log(), PageLimit(bytes: 1)).count == 1)
    }

    @Test(arguments: LogKind.allCases, [false, true])
    func `Names are found both ways`(_ kind: LogKind, _ isReopened: Bool) throws {
        let test = try AppendContractTests.filled(kind)
        if isReopened { try test.reopen() }
        let tenant = test.producer.id(.tenant, "acme")
        let key = NameKey(.topic, tenant: tenant)
        let topic = test.producer.topic("jobs.done")
        #expect(try test.reader.find(key, "jobs.done") == topic)
        #expect(try test.reader.name(topic) == KnownName(id: topic, key: key, text: "jobs.done"))
        #expect(try test.reader.find(key, "jobs") == nil)
        #expect(try test.reader.find(key, "") == nil)
        #expect(try test.reader.find(key, String(repeating: "x", count: 2000)) == nil)
        #expect(try test.reader.find(NameKey(.session, tenant: tenant), "jobs.done") == nil)
        #expect(try test.reader.find(NameKey(.topic, tenant: topic), "jobs.done") == nil)
        #expect(try test.reader.find(NameKey(.tenant, tenant: .none), "acme") == tenant)
        #expect(try test.reader.name(.none) == nil)
        #expect(try test.reader.name(NameID(UInt32(test.producer.nameCount) + 1)) == nil)
    }

    @Test(arguments: LogKind.allCases)
    func `Names are listed in the order of their bytes`(_ kind: LogKind) throws {
        let test = try TestLog(kind)
        let texts = ["b", "a", "a.b", "é", "e\u{301}", "a-b", "Z", "aa", "日本"]
        for text in texts { try test.commit(Draft(topic: text)) }
        let key = NameKey(.topic, tenant: test.producer.id(.tenant, "acme"))
        let sorted = texts.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map { Array($0.utf8) }
        let listed = try test.reader.names(key, after: nil, limit: 100)
        #expect(listed.map { Array($0.text.utf8) } == sorted)
        var paged: [[UInt8]] = []
        while let name = try test.reader.names(
            key, after: paged.last.map { String(decoding: $0, as: UTF8.self) }, limit: 1
        ).first {
            paged.append(Array(name.text.utf8))
        }
        #expect(paged == sorted)
        #expect(try test.reader.names(key, after: nil, limit: 0).isEmpty)
        #expect(try test.reader.names(key, after: "aaa", limit: 1).first?.text == "b")
        #expect(try test.reader.names(NameKey(.consumer, tenant: key.tenant), after: nil, limit: 9).isEmpty)
    }

    @Test(arguments: LogKind.allCases)
    func `The longest names are taken, kept and found`(_ kind: LogKind) throws {
        let test = try TestLog(kind)
        let session = String(repeating: "s", count: Limits.sessionBytesMax)
        let topic = String(repeating: "t", count: Limits.topicBytesMax)
        try test.commit(Draft(session: session, topic: topic))
        try test.commit(Draft(session: session, agent: String(repeating: "a", count: Limits.agentBytesMax)))
        let key = NameKey(.session, tenant: test.producer.id(.tenant, "acme"))
        #expect(try test.reader.find(key, session) == test.producer.session(session))
        #expect(try test.reader.all(.session(test.producer.session(session))).positions == [1, 2])
    }

    @Test(arguments: LogKind.allCases, [0, 2, 4])
    func `The last record of each topic is found, in order of the topics' names`(
        _ kind: LogKind, _ checkpoints: Int
    ) throws {
        let test = try AppendContractTests.filled(kind, checkpoints: checkpoints)
        let tenant = test.producer.id(.tenant, "acme")
        func last(_ pattern: String, after: String? = nil, _ limit: PageLimit = PageLimit()) throws
            -> [UInt64]
        {
            let topic = try after.map { try TopicName($0) }
            let page = try test.reader.lastPerTopic(
                TopicPattern(pattern), tenant: tenant, after: topic, limit)
            var offsets: [UInt64] = []
            for index in 0..<page.count {
                let record = page[index]
                offsets.append(record.offset.rawValue)
            }
            return offsets
        }
        #expect(try last(">") == [16, 15, 18])
        #expect(try last("jobs.*") == [16, 15])
        #expect(try last("none") == [])
        #expect(try last(">", PageLimit(records: 2)) == [16, 15])
        #expect(try last(">", after: "jobs.new") == [18])
        #expect(try last(">", after: "logs") == [])
    }

    @Test(arguments: LogKind.allCases)
    func `The last record of a topic may be the first of the log`(_ kind: LogKind) throws {
        let test = try TestLog(kind)
        try test.commit(Draft(topic: "t"))
        try test.checkpoint()
        let tenant = test.producer.id(.tenant, "acme")
        #expect(try test.reader.lastPerTopic(.everything, tenant: tenant, after: nil, PageLimit()).count == 1)
    }

    @Test(arguments: LogKind.allCases, [0, 4])
    func `An offset is found by time`(_ kind: LogKind, _ checkpoints: Int) throws {
        let test = try AppendContractTests.filled(kind, checkpoints: checkpoints)
        let start = TestProducer.start
        func found(_ milliseconds: Int64) throws -> UInt64 {
            try test.reader.offset(atOrAfter: start.adding(milliseconds: milliseconds)).rawValue
        }
        #expect(try found(-5) == 0)
        #expect(try found(0) == 0)
        #expect(try found(1) == 5)
        #expect(try found(1000) == 5)
        #expect(try found(2999) == 15)
        #expect(try found(3001) == 20)
        let empty = try TestLog(kind)
        #expect(try empty.reader.offset(atOrAfter: .none) == .zero)
    }

    @Test(arguments: LogKind.allCases, [0, 2, 4])
    func `An extent says what the log holds of a name`(_ kind: LogKind, _ checkpoints: Int) throws {
        let test = try AppendContractTests.filled(kind, checkpoints: checkpoints)
        let session = try test.reader.extent(of: test.producer.session("a"))
        #expect(session == NameExtent(first: 1, last: 8, count: 8, removedThrough: 0))
        let topic = try test.reader.extent(of: test.producer.topic("jobs.new"))
        #expect(topic == NameExtent(first: 0, last: 15, count: 4, removedThrough: 0))
        #expect(try test.reader.extent(of: NameID(999)) == .empty)
        #expect(try test.reader.extent(of: test.producer.id(.tenant, "acme")) == .empty)
    }

    @Test(arguments: LogKind.allCases)
    func `A page keeps its bytes while the log goes on and lets its blocks go`(_ kind: LogKind) throws {
        let test = try AppendContractTests.filled(kind)
        let expected = test.producer.rows()
        let page = try test.reader.page(.log(), PageLimit())
        for round in 0..<50 {
            try test.commit(Draft(session: "a", payload: String(repeating: "z", count: 4000)))
            if round % 10 == 9 { try test.retain(RetentionPolicy(log: RetentionLimits(records: 1))) }
        }
        #expect(test.reader.bounds.start > Offset(20))
        for index in 0..<page.count {
            let record = page[index]
            #expect(record.bytes.array == expected[index].bytes)
        }
        #expect(page.count == expected.count)
    }
}
