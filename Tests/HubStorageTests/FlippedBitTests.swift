import HubBytes
import HubModel
import HubStorage
import HubSystem
import Randomness
import Testing

/// Every byte of every block, changed on disk one at a time: nothing wrong is ever returned as right.
@Suite struct FlippedBitTests {
    private static let checkpointed = 1

    /// Four blocks with names, sessions and topics; the first is in a checkpoint.
    private func closed() throws -> StoredBlocks {
        let test = try TestLog(.lmdb)
        var sealed: [[UInt8]] = []
        for block in 0..<4 {
            try test.producer.commit(
                [
                    Draft(session: "a", topic: "jobs"),
                    Draft(session: "only-\(block)", topic: "logs.\(block)"),
                    Draft(session: "a", agent: "bob", payload: "{\"n\":\(block)}"), Draft(topic: "jobs"),
                ], to: test.log, look: { sealed.append($0.bytes.array) })
            test.wait(milliseconds: 1000)
            if block + 1 == Self.checkpointed { try test.checkpoint() }
        }
        return try StoredBlocks(closing: test, sealed)
    }

    /// The bits to flip in a block: all of its header's, one of each byte's behind.
    private func bits(of sealed: [UInt8], _ random: inout SplitMix64) -> [Int] {
        Array(0..<BlockLayout.headerBytes * 8)
            + (BlockLayout.headerBytes..<sealed.count).map { $0 * 8 + random.below(8) }
    }

    // MARK: What must hold

    private func check(_ reader: any LogReader, _ block: Int, _ closed: StoredBlocks) throws(Violation) {
        do {
            for direction in [LogQuery.Direction.forward, .backward] {
                try checkLog(reader.all(.log(direction)), reader.bounds.head, block, closed)
                for name in ["a", "only-\(block)"] {
                    let id = closed.producer.session(name)
                    try checkSession(reader.all(.session(id, direction)), id, block, closed)
                }
                let topic = closed.producer.topic("jobs")
                let head = reader.bounds.head
                try checkTopic(reader.all(.destination(topic, direction)), head, block, closed) {
                    $0.destination == topic
                }
                let tenant = closed.producer.id(.tenant, "acme")
                let few = PageLimit(records: 2)
                try checkTopic(
                    reader.all(.topics(.everything, tenant: tenant, direction), few), head, block, closed
                ) { $0.topic != nil }
            }
        } catch let violation as Violation {
            throw violation
        } catch is StorageError {
            // A refusal to read is an answer, too.
        } catch {
            throw Violation("\(error)")
        }
    }

    private func checkLog(
        _ reading: Reading, _ head: Offset, _ block: Int, _ closed: StoredBlocks
    ) throws(Violation) {
        let records = closed.producer.records
        let damaged = closed.producer.blocks[block].records
        for row in reading.rows where row.bytes != records[Int(row.position)].bytes {
            throw Violation("record \(row.position) has other bytes than were written")
        }
        let there = Set(reading.positions)
        let missing = records.filter { !there.contains($0.offset) && $0.offset < head.rawValue }
        guard missing.map(\.offset) == reading.missing else {
            throw Violation("\(missing.map(\.offset)) are missing, the gaps are \(reading.gaps)")
        }
        guard !reading.gaps.isEmpty, reading.gaps.allSatisfy({ $0.reason == .damaged }),
            missing.allSatisfy({ damaged.contains(Int($0.offset)) })
        else { throw Violation("gaps \(reading.gaps) for damage in \(damaged)") }
        guard head.rawValue == UInt64(records.count) || block + 1 == closed.producer.blocks.count else {
            throw Violation("the log ends at \(head)")
        }
    }

    private func checkSession(
        _ reading: Reading, _ session: NameID, _ block: Int, _ closed: StoredBlocks
    ) throws(Violation) {
        let records = closed.producer.records.filter { $0.session == session }
        for row in reading.rows
        where !records.contains(where: { $0.sequence == row.position && $0.bytes == row.bytes }) {
            throw Violation("message \(row.position) of session \(session) is not what was written")
        }
        let missing = records.filter { !reading.positions.contains($0.sequence) }
        guard missing.allSatisfy({ $0.block == block }) else {
            throw Violation("\(missing.map(\.sequence)) of session \(session) are missing without cause")
        }
        // Of what came last, and was in no checkpoint, nobody can know that it ever was.
        let lastThere = reading.positions.max() ?? 0
        let known = missing.filter { block < Self.checkpointed || $0.sequence < lastThere }
        guard Set(known.map(\.sequence)).isSubset(of: reading.missing),
            reading.gaps.allSatisfy({ $0.reason == .damaged }),
            Set(reading.missing).isDisjoint(with: reading.positions)
        else {
            throw Violation("session \(session): \(known.map(\.sequence)) are missing, gaps \(reading.gaps)")
        }
    }

    private func checkTopic(
        _ reading: Reading, _ head: Offset, _ block: Int, _ closed: StoredBlocks,
        where isWanted: (WrittenRecord) -> Bool
    ) throws(Violation) {
        let records = closed.producer.records.filter(isWanted)
        let wrong = reading.rows.filter { row in
            !records.contains { $0.offset == row.position && $0.bytes == row.bytes }
        }
        let missing = records.filter { !reading.positions.contains($0.offset) }
        guard wrong.isEmpty, missing.allSatisfy({ $0.block == block }) else {
            throw Violation("topic: wrong \(wrong.map(\.position)), missing \(missing.map(\.offset))")
        }
        let known = missing.map(\.offset).filter { $0 < head.rawValue }
        guard Set(known).isSubset(of: reading.missing),
            Set(reading.missing).isDisjoint(with: reading.positions),
            reading.gaps.allSatisfy({ $0.reason == .damaged })
        else { throw Violation("topic: \(known) are missing, the gaps are \(reading.gaps)") }
    }

    // MARK: Tests

    @Test(arguments: 0..<4) func `A flipped bit is never returned, and always noticed`(_ block: Int) throws {
        let closed = try closed()
        var random = SplitMix64(seed: UInt64(block) + 1)
        #expect(closed.places.allSatisfy { !$0.isEmpty })
        var failures = 0
        for bit in bits(of: closed.sealed[block], &random) where failures < 5 {
            try closed.flip(bit, of: block) {
                do {
                    try check(LMDBReader.open(closed.test.path), block, closed)
                } catch is StorageError {
                    // Opening may fail, with a sentence.
                } catch {
                    failures += 1
                    Issue.record("bit \(bit) of block \(block): \(error)")
                }
            }
        }
        // Put right again, all is there.
        let whole = try LMDBReader.open(closed.test.path).all(.log())
        #expect(whole.rows == closed.producer.rows() && whole.gaps.isEmpty)
    }

    @Test(arguments: 0..<4) func `A log takes no writes if what no checkpoint covers is damaged`(_ block: Int)
        throws
    {
        let closed = try closed()
        var random = SplitMix64(seed: 9)
        for bit in bits(of: closed.sealed[block], &random) where bit % 7 == 0 && bit % 5 == 0 {
            try closed.flip(bit, of: block) {
                try closed.test.reopen()
                let log = closed.test.log
                defer { closed.test.close() }
                guard block >= Self.checkpointed else { return }
                var block = Block(firstOffset: log.reader.bounds.head)
                "{}".withBytes { payload in
                    let header = RecordHeader(.message, time: closed.producer.time, tenant: NameID(1))
                    _ = block.append(header, RecordParts(payload: payload))
                }
                block.seal()
                #expect {
                    try log.commit(&block, state: nil, now: closed.producer.time)
                } throws: { error in
                    if case .damaged = (error as? StorageError)?.kind { return true }
                    return false
                }
                #expect(throws: StorageError.self) {
                    try log.checkpoint(state: nil, now: closed.producer.time)
                }
            }
        }
    }
}
