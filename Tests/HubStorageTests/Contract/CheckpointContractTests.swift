import HubBytes
import HubModel
import HubStorage
import Testing

/// The router's state, and what is left after an end without warning.
@Suite struct CheckpointContractTests {
    private func changes(appliedTo: Offset, _ entries: [(String, String?)]) -> StateChanges {
        var changes = StateChanges(appliedTo: appliedTo)
        for (key, value) in entries {
            key.withBytes { key in
                guard let value else { return changes.remove(key) }
                value.withBytes { changes.set(key, $0) }
            }
        }
        return changes
    }

    private func state(_ test: TestLog) throws -> [String] {
        var found: [String] = []
        try test.reader.forEachState { key, value in found.append("\(key.text)=\(value.text)") }
        return found
    }

    @Test(arguments: LogKind.allCases)
    func `State is set, replaced, removed and read back in order of its keys`(_ kind: LogKind) throws {
        let test = try TestLog(kind)
        #expect(try state(test).isEmpty)
        try test.commit(
            Draft(session: "a"),
            state: changes(appliedTo: .zero, [("b", "1"), ("a", "2"), ("c", ""), ("ab", "3")]))
        #expect(try state(test) == ["a=2", "ab=3", "b=1", "c="])
        try test.commit(
            Draft(session: "a"),
            state: changes(
                appliedTo: Offset(1), [("a", "4"), ("b", nil), ("none", nil), ("ab", nil), ("ab", "5")]))
        #expect(try state(test) == ["a=4", "ab=5", "c="])
        #expect(test.reader.bounds.stateAppliedTo == Offset(1))
    }

    @Test(arguments: LogKind.allCases)
    func `State is as firm as the block that it came with`(_ kind: LogKind) throws {
        let test = try TestLog(kind)
        try test.commit(Draft(session: "a"), state: changes(appliedTo: .zero, [("a", "1")]))
        try test.log.checkpoint(state: changes(appliedTo: Offset(1), [("b", "2")]), now: test.producer.time)
        try test.reopen()
        #expect(try state(test) == ["a=1", "b=2"])
        #expect(test.reader.bounds.stateAppliedTo == Offset(1))
    }

    @Test(arguments: LogKind.allCases)
    func `State that comes with a refused block is not taken`(_ kind: LogKind) throws {
        let test = try TestLog(kind)
        #expect(throws: StorageError.self) {
            try test.producer.commit(
                [Draft(session: "a")], to: test.log, state: changes(appliedTo: Offset(1), [("a", "1")])
            ) { header, _ in header.sequence = SequenceNumber(9) }
        }
        #expect(try state(test).isEmpty)
        #expect(test.reader.bounds.stateAppliedTo == .zero)
    }

    @Test(arguments: LogKind.allCases, [0, 1, 3, 4])
    func `A log that is opened again is what it was, whatever was checkpointed`(
        _ kind: LogKind, _ checkpoints: Int
    ) throws {
        let test = try AppendContractTests.filled(kind, checkpoints: checkpoints)
        let before = test.reader.bounds
        try test.reopen()
        #expect(test.reader.bounds == before)
        #expect(try test.reader.all(.log()).rows == test.producer.rows())
        let session = test.producer.session("a")
        let expected = test.producer.rows(isSession: true) { $0.session == session }
        #expect(try test.reader.all(.session(session)).rows == expected)
        try test.commit(Draft(session: "a", topic: "jobs.new"))
        try test.checkpoint()
        try test.reopen()
        #expect(try test.reader.all(.session(session)).positions == Array(1...9))
        #expect(try test.reader.all(.destination(test.producer.topic("jobs.new"))).rows.count == 5)
    }

    @Test(arguments: LogKind.allCases)
    func `Many checkpoints of a quiet session leave one readable whole`(_ kind: LogKind) throws {
        let test = try TestLog(kind)
        for round in 0..<60 {
            try test.commit(Draft(session: "a", topic: "t"), Draft(session: "\(round)"))
            try test.checkpoint()
        }
        let session = test.producer.session("a")
        #expect(try test.reader.all(.session(session)).positions == Array(1...60))
        #expect(try test.reader.all(.session(session, .backward)).positions == Array(1...60).reversed())
    }

    @Test func `What a crash leaves of a memory log goes its own way`() throws {
        let log = MemoryLog(epoch: .random())
        let producer = TestProducer()
        try producer.commit([Draft(session: "a")], to: log)
        let left = log.reopened()
        try producer.commit([Draft(session: "a")], to: log)
        #expect(left.reader.bounds.head == Offset(1))
        #expect(log.reader.bounds.head == Offset(2))
        #expect(left.reader.bounds.epoch == log.reader.bounds.epoch)
        #expect(try left.reader.all(.log()).rows == Array(producer.rows().prefix(1)))
    }
}
