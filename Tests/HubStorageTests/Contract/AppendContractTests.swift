import HubBytes
import HubModel
import HubStorage
import Testing

/// What goes in comes out, and what breaks the rules does not go in.
@Suite struct AppendContractTests {
    /// Three sessions, three topics and an agent in four blocks; checkpoints after as many of them as asked for.
    static func filled(_ kind: LogKind, checkpoints: Int = 0) throws -> TestLog {
        let test = try TestLog(kind)
        for block in 0..<4 {
            try test.commit(
                Draft(session: "a", topic: "jobs.new", payload: "{\"block\":\(block)}"),
                Draft(session: "b", topic: "jobs.done", payload: String(repeating: "y", count: block * 700)),
                Draft(session: "a", agent: "bob"), Draft(topic: "logs"), Draft(session: "c"))
            test.wait(milliseconds: 1000)
            if block < checkpoints { try test.checkpoint() }
        }
        return test
    }

    @Test(arguments: LogKind.allCases, [0, 2, 4])
    func `The log reads back byte for byte, both ways`(_ kind: LogKind, _ checkpoints: Int) throws {
        let test = try Self.filled(kind, checkpoints: checkpoints)
        let expected = test.producer.rows()
        #expect(expected.count == 20)
        #expect(try test.reader.all(.log()).rows == expected)
        #expect(try test.reader.all(.log(.backward)).rows == expected.reversed())
        #expect(try test.reader.all(.log()).gaps.isEmpty)
        #expect(try test.reader.all(.log(.backward)).gaps.isEmpty)
    }

    @Test(arguments: LogKind.allCases, [0, 2, 4])
    func `A session reads back byte for byte, both ways`(_ kind: LogKind, _ checkpoints: Int) throws {
        let test = try Self.filled(kind, checkpoints: checkpoints)
        let session = test.producer.session("a")
        let expected = test.producer.rows(isSession: true) { $0.session == session }
        #expect(expected.map(\.position) == Array(1...8))
        #expect(try test.reader.all(.session(session)).rows == expected)
        #expect(try test.reader.all(.session(session, .backward)).rows == expected.reversed())
        #expect(try test.reader.all(.session(session)).gaps.isEmpty)
    }

    @Test(arguments: LogKind.allCases, [0, 2, 4])
    func `A topic and an agent read back byte for byte, both ways`(_ kind: LogKind, _ checkpoints: Int) throws
    {
        let test = try Self.filled(kind, checkpoints: checkpoints)
        for id in [test.producer.topic("jobs.done"), test.producer.id(.agent, "bob")] {
            let expected = test.producer.rows { $0.destination == id }
            #expect(expected.count == 4)
            #expect(try test.reader.all(.destination(id)).rows == expected)
            #expect(try test.reader.all(.destination(id, .backward)).rows == expected.reversed())
        }
    }

    @Test(arguments: LogKind.allCases, [0, 2, 4])
    func `Topics that match a pattern read back in the log's order`(_ kind: LogKind, _ checkpoints: Int)
        throws
    {
        let test = try Self.filled(kind, checkpoints: checkpoints)
        let tenant = test.producer.id(.tenant, "acme")
        let jobs = test.producer.rows { $0.topic?.hasPrefix("jobs.") ?? false }
        let pattern = try TopicPattern("jobs.*")
        #expect(jobs.count == 8)
        #expect(try test.reader.all(.topics(pattern, tenant: tenant)).rows == jobs)
        #expect(try test.reader.all(.topics(pattern, tenant: tenant, .backward)).rows == jobs.reversed())
        #expect(try test.reader.all(.topics(.everything, tenant: tenant)).rows.count == 12)
        #expect(try test.reader.all(.topics(TopicPattern("jobs"), tenant: tenant)).rows.isEmpty)
        #expect(try test.reader.all(.topics(.everything, tenant: test.producer.topic("logs"))).rows.isEmpty)
    }

    @Test(arguments: LogKind.allCases)
    func `Tenants do not see each other's topics`(_ kind: LogKind) throws {
        let test = try TestLog(kind)
        var other = Draft(topic: "jobs.new")
        other.tenant = "other"
        try test.commit(Draft(topic: "jobs.new"), other)
        for (tenant, offset) in [("acme", UInt64(0)), ("other", 1)] {
            let id = test.producer.id(.tenant, tenant)
            #expect(try test.reader.all(.topics(.everything, tenant: id)).positions == [offset])
        }
    }

    @Test(arguments: LogKind.allCases)
    func `A log knows where it begins and ends`(_ kind: LogKind) throws {
        let test = try TestLog(kind)
        let empty = test.reader.bounds
        #expect(empty.start == .zero && empty.head == .zero && empty.names == 0)
        #expect(try test.reader.all(.log()) == test.reader.all(.log(.backward)))
        #expect(try test.reader.all(.log()).rows.isEmpty)
        try test.commit(Draft(session: "a", topic: "t"), Draft())
        let bounds = test.reader.bounds
        #expect(bounds.start == .zero && bounds.head == Offset(2) && bounds.epoch == empty.epoch)
        #expect(bounds.lastTime == test.producer.time && bounds.names == test.producer.nameCount)
        #expect(try test.reader.page(.log(), PageLimit()).head == Offset(2))
    }

    // MARK: Rules

    private func expectRefusal(
        _ test: TestLog, _ drafts: [Draft], _ change: (inout RecordHeader, Int) -> Void = { _, _ in },
        _ location: SourceLocation = #_sourceLocation
    ) throws {
        let before = try (test.reader.bounds, test.reader.all(.log()))
        #expect(sourceLocation: location) {
            try test.producer.commit(drafts, to: test.log, change: change)
        } throws: {
            ($0 as? StorageError)?.kind == .refused
        }
        #expect(test.reader.bounds == before.0, sourceLocation: location)
        #expect(try test.reader.all(.log()) == before.1, sourceLocation: location)
        // What is right goes on.
        try test.commit(Draft(session: "a", topic: "t"), Draft(session: "new \(before.0.head)"))
    }

    @Test(arguments: LogKind.allCases)
    func `A block that breaks a rule of sessions is refused, and nothing changes`(_ kind: LogKind) throws {
        let test = try TestLog(kind)
        try test.commit(Draft(session: "a", topic: "t"))
        let drafts = [Draft(session: "a"), Draft(session: "b"), Draft(session: "a")]
        try expectRefusal(test, drafts) { if $1 == 2 { $0.sequence = $0.sequence.next } }
        try expectRefusal(test, drafts) { if $1 == 2 { $0.sequence = .first } }
        try expectRefusal(test, drafts) { if $1 == 1 { $0.sequence = .none } }
        try expectRefusal(test, drafts) { if $1 == 1 { $0.session = .none } }
        let session = test.producer.session("a")
        #expect(try test.reader.all(.session(session)).positions == Array(1...5))
    }

    @Test(arguments: LogKind.allCases)
    func `A block with a name that nobody defined is refused, and nothing changes`(_ kind: LogKind) throws {
        let test = try TestLog(kind)
        try test.commit(Draft(session: "a"))
        let stranger = NameID(UInt32(test.producer.nameCount) + 1)
        try expectRefusal(test, [Draft(session: "a")]) { header, _ in header.destination = stranger }
        try expectRefusal(test, [Draft(session: "a")]) { header, _ in header.sender = NameID(1000) }
        try expectRefusal(test, [Draft(session: "a")]) { header, _ in header.tenant = NameID(UInt32.max) }
    }

    @Test(arguments: LogKind.allCases, [false, true])
    func `A record in or about something of the wrong kind is refused, and nothing changes`(
        _ kind: LogKind, isReopened: Bool
    ) throws {
        let test = try TestLog(kind)
        try test.commit(Draft(session: "a", topic: "t"), Draft(session: "b", agent: "x"))
        // What each name is comes from the blocks that bring it, or from the log.
        if isReopened { try test.reopen() }
        let producer = test.producer
        for wrong in [producer.session("a"), producer.id(.tenant, "acme")] {
            try expectRefusal(test, [Draft(session: "a", topic: "t"), Draft(session: "a")]) { header, index in
                if index == 1 { header.destination = wrong }
            }
        }
        for wrong in [producer.topic("t"), producer.id(.tenant, "acme"), producer.id(.agent, "sender")] {
            try expectRefusal(test, [Draft(session: "a"), Draft()]) { header, index in
                guard index == 1 else { return }
                header.session = wrong
                header.sequence = .first
            }
        }
        // Names that the block itself brings: in the order of their use, after those that are known.
        let next = UInt32(producer.nameCount)
        try expectRefusal(test, [Draft(session: "fresh"), Draft(topic: "fresh")]) { header, index in
            if index == 1 { header.destination = NameID(next + 1) }
        }
    }

    @Test(arguments: LogKind.allCases)
    func `A number that was refused as a session's may become a topic's, and is held to that`(
        _ kind: LogKind
    ) throws {
        let test = try TestLog(kind)
        try test.commit(Draft(session: "a"))
        let number = NameID(UInt32(test.producer.nameCount) + 1)
        #expect(throws: StorageError.self) {
            try test.producer.commit([Draft(session: "new"), Draft(session: "a")], to: test.log) {
                header, index in
                if index == 1 { header.sequence = SequenceNumber(77) }
            }
        }
        try test.commit(Draft(topic: "new"))
        #expect(test.producer.topic("new") == number)
        #expect(throws: StorageError.self) {
            try test.producer.commit([Draft(session: "a")], to: test.log) { header, _ in
                header.session = number
                header.sequence = .first
            }
        }
        try test.commit(Draft(session: "a", topic: "new"))
    }

    @Test(arguments: LogKind.allCases)
    func `A block from the past is refused, and nothing changes`(_ kind: LogKind) throws {
        let test = try TestLog(kind)
        try test.commit(Draft(session: "a"))
        test.wait(milliseconds: -1)
        let before = test.reader.bounds
        #expect(throws: StorageError.self) { try test.commit(Draft(session: "a")) }
        #expect(test.reader.bounds == before)
        test.wait(milliseconds: 1)
        try test.commit(Draft(session: "a"))
    }

    @Test(arguments: LogKind.allCases)
    func `A block that does not begin at the head, or is empty, is refused`(_ kind: LogKind) throws {
        let test = try TestLog(kind)
        try test.commit(Draft(session: "a"))
        for offset in [Offset.zero, Offset(2)] {
            var block = Block(firstOffset: offset)
            let tenant = test.producer.id(.tenant, "acme")
            "{}".withBytes { payload in
                _ = block.append(
                    RecordHeader(.message, time: test.producer.time, tenant: tenant),
                    RecordParts(payload: payload))
            }
            block.seal()
            #expect(throws: StorageError.self) {
                try test.log.commit(&block, state: nil, now: test.producer.time)
            }
        }
        var empty = Block(firstOffset: Offset(1))
        empty.seal()
        #expect(throws: StorageError.self) {
            try test.log.commit(&empty, state: nil, now: test.producer.time)
        }
        try test.commit(Draft(session: "a"))
        #expect(try test.reader.all(.log()).rows == test.producer.rows())
    }

    @Test(arguments: LogKind.allCases)
    func `A block whose names are not the next ones is refused`(_ kind: LogKind) throws {
        let test = try TestLog(kind)
        try test.commit(Draft(session: "a"))
        for number in [1, UInt32(test.producer.nameCount), UInt32(test.producer.nameCount) + 2] {
            var block = Block(firstOffset: Offset(1))
            let tenant = test.producer.id(.tenant, "acme")
            "x".withBytes { text in
                block.define(NameID(number), NameKey(.topic, tenant: tenant), text)
                _ = block.append(
                    RecordHeader(.message, time: test.producer.time, tenant: tenant),
                    RecordParts(payload: text))
            }
            block.seal()
            #expect(throws: StorageError.self) {
                try test.log.commit(&block, state: nil, now: test.producer.time)
            }
        }
        try test.commit(Draft(session: "a", topic: "x"))
    }
}
