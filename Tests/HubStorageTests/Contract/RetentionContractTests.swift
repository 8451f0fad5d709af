import HubModel
import Testing

@testable import HubStorage

/// What the log's own limits allow stays; what exceeds them goes, and is explained.
@Suite struct RetentionContractTests {
    /// Ten blocks of four records, a second apart; the session `early` ends with the first, `late` begins in the
    /// last.
    static func filled(_ kind: LogKind) throws -> TestLog {
        let test = try TestLog(kind)
        for block in 0..<10 {
            if block > 0 { test.wait(milliseconds: 1000) }
            try test.commit(
                Draft(session: "a", topic: "jobs"),
                Draft(session: block == 0 ? "early" : "mid", topic: "logs"),
                Draft(session: "a", agent: "bob"), Draft(session: block == 9 ? "late" : nil))
        }
        return test
    }

    /// Where the log begins after retention, and that everything from there on reads as it was.
    private func start(_ test: TestLog, _ limits: RetentionLimits) throws -> UInt64 {
        try test.retain(RetentionPolicy(log: limits))
        let start = test.reader.bounds.start.rawValue
        try Self.expect(test, from: start)
        return start
    }

    /// Reads in every way and direction, and holds what is found to what was written from an offset on.
    static func expect(_ test: TestLog, from start: UInt64) throws {
        let end = test.producer.head.rawValue
        for direction in [LogQuery.Direction.forward, .backward] {
            func ordered(_ rows: [Reading.Row]) -> [Reading.Row] {
                direction == .forward ? rows : rows.reversed()
            }
            let log = try test.reader.all(.log(direction))
            #expect(log.rows == ordered(test.producer.rows { $0.offset >= start }))
            #expect(log.missing == Array(0..<start))
            for name in ["a", "early", "mid", "late"] {
                let id = test.producer.session(name)
                let session = try test.reader.all(.session(id, direction))
                let all = test.producer.records.filter { $0.session == id }
                let kept = test.producer.rows(isSession: true) { $0.session == id && $0.offset >= start }
                #expect(session.rows == ordered(kept))
                #expect(session.missing == all.filter { $0.offset < start }.map(\.sequence))
                let extent = try test.reader.extent(of: id)
                #expect(extent.first == kept.first?.position && extent.count == kept.count)
                #expect(extent.last == all.last?.sequence)
                #expect(extent.removedThrough == session.missing.last ?? 0)
            }
            for id in [test.producer.topic("jobs"), test.producer.id(.agent, "bob")] {
                let topic = try test.reader.all(.destination(id, direction))
                #expect(
                    topic.rows == ordered(test.producer.rows { $0.destination == id && $0.offset >= start }))
                let gone = test.producer.records.filter { $0.destination == id && $0.offset < start }
                #expect(Set(gone.map(\.offset)).isSubset(of: topic.missing))
                #expect(topic.missing.allSatisfy { $0 < start })
            }
        }
        #expect(test.reader.bounds.head.rawValue == end)
    }

    @Test(arguments: LogKind.allCases, [0, 1, 4, 5, 15, 16, 17, 39, 40, 41, 1000])
    func `As many records as allowed stay, and less than a block more`(_ kind: LogKind, _ most: Int) throws {
        let test = try Self.filled(kind)
        let kept = 40 - Int(try start(test, RetentionLimits(records: most)))
        #expect(kept >= min(most, 40))
        #expect(kept == 4 || kept < most + 4)
    }

    @Test(arguments: LogKind.allCases, [0, 1, 500, 1000, 2500, 100_000])
    func `As many bytes as allowed stay, and less than a block more`(_ kind: LogKind, _ most: Int) throws {
        let test = try Self.filled(kind)
        let start = try start(test, RetentionLimits(bytes: most))
        let kept = test.producer.blocks.filter { $0.records.lowerBound >= Int(start) }
        let bytes = kept.reduce(0) { $0 + $1.byteCount }
        #expect(kept.count == 10 || bytes >= most)
        #expect(kept.count == 1 || bytes - kept[0].byteCount < most)
    }

    @Test(arguments: LogKind.allCases, [0, 1, 999, 1000, 4500, 8999, 9000, 10_000])
    func `What is not too old stays, and what is too old goes`(_ kind: LogKind, _ age: Int64) throws {
        let test = try Self.filled(kind)
        let start = try start(test, RetentionLimits(ageMilliseconds: age))
        let oldest = test.producer.time.adding(milliseconds: -age)
        #expect(test.producer.records.allSatisfy { ($0.time >= oldest) == ($0.offset >= start) })
    }

    @Test(arguments: LogKind.allCases)
    func `The newest block stays, however old it is`(_ kind: LogKind) throws {
        let test = try Self.filled(kind)
        test.wait(milliseconds: 1_000_000)
        #expect(try start(test, RetentionLimits(ageMilliseconds: 1, bytes: 0, records: 0)) == 36)
    }

    @Test(arguments: LogKind.allCases)
    func `Nothing goes before it is asked for, or without a limit`(_ kind: LogKind) throws {
        let test = try Self.filled(kind)
        try test.retain()
        test.log.setRetention(RetentionPolicy(log: RetentionLimits(records: 1)))
        #expect(test.reader.bounds.start == .zero)
        try Self.expect(test, from: 0)
    }

    @Test(arguments: LogKind.allCases)
    func `What was removed stays removed and explained when the log is opened again`(_ kind: LogKind) throws {
        let test = try Self.filled(kind)
        let start = try start(test, RetentionLimits(records: 10))
        try test.reopen()
        #expect(test.reader.bounds.start.rawValue == start)
        try Self.expect(test, from: start)
    }

    @Test(arguments: LogKind.allCases, [false, true])
    func `A session goes on where it ended after all of it was removed`(
        _ kind: LogKind, _ isReopened: Bool
    ) throws {
        let test = try Self.filled(kind)
        _ = try start(test, RetentionLimits(records: 4))
        if isReopened { try test.reopen() }
        let early = test.producer.session("early")
        #expect(try test.reader.all(.session(early)).missing == [1])
        #expect(try test.reader.all(.session(early)).rows.isEmpty)
        try test.commit(Draft(session: "early"), Draft(session: "mid"))
        try test.checkpoint()
        let found = try test.reader.all(.session(early, .backward))
        #expect(found.positions == [2] && found.missing == [1])
        #expect(try test.reader.all(.session(test.producer.session("mid"))).positions == [9, 10])
    }

    @Test(arguments: LogKind.allCases)
    func `A range that lies in what was removed is all gap, and ends`(_ kind: LogKind) throws {
        let test = try Self.filled(kind)
        _ = try start(test, RetentionLimits(records: 4))
        for direction in [LogQuery.Direction.forward, .backward] {
            let found = try test.reader.all(
                .log(from: Offset(3), to: Offset(9), direction), PageLimit(records: 2))
            #expect(found.rows.isEmpty && found.missing == Array(3..<9))
            let session = test.producer.session("a")
            let range = LogQuery(.session(session), from: 3, to: 9, direction)
            #expect(try test.reader.all(range, PageLimit(records: 2)).missing == Array(3..<9))
        }
    }

    @Test(arguments: LogKind.allCases)
    func `Time leads behind what was removed`(_ kind: LogKind) throws {
        let test = try Self.filled(kind)
        let start = try start(test, RetentionLimits(records: 4))
        #expect(try test.reader.offset(atOrAfter: TestProducer.start).rawValue == start)
    }
}
