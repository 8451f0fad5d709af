import HubBytes
import HubModel
import Testing

@testable import HubStorage

/// What goes on around a block that nobody can read.
@Suite struct DamagedBlockTests {
    /// Ten blocks of four records, all in a checkpoint.
    private func closed() throws -> StoredBlocks {
        let test = try TestLog(.lmdb)
        var sealed: [[UInt8]] = []
        for block in 0..<10 {
            let drafts = (0..<4).map {
                Draft(session: "a", topic: "t", payload: "block \(block), record \($0)")
            }
            try test.producer.commit(drafts, to: test.log, look: { sealed.append($0.bytes.array) })
            test.wait(milliseconds: 1000)
        }
        try test.checkpoint()
        return try StoredBlocks(closing: test, sealed)
    }

    @Test func `A damaged block that goes takes its records out of the count`() throws {
        let closed = try closed()
        try closed.flip(BlockLayout.firstTime * 8, of: 0)
        try closed.test.reopen()
        try closed.test.retain(RetentionPolicy(log: RetentionLimits(records: 24)))
        let bounds = closed.test.reader.bounds
        #expect(bounds.head.rawValue - bounds.start.rawValue == 24)
        #expect(try closed.test.reader.all(.log()).rows == closed.producer.rows { $0.offset >= 16 })
    }

    @Test func `The newest block stays even if it is damaged`() throws {
        let closed = try closed()
        try closed.flip(BlockLayout.firstTime * 8, of: 9)
        try closed.test.reopen()
        try closed.test.retain(RetentionPolicy(log: RetentionLimits(ageMilliseconds: 1, records: 0)))
        #expect(closed.test.reader.bounds.start == Offset(36))
        let found = try closed.test.reader.all(.log())
        #expect(found.rows.isEmpty && found.gaps.last == Gap(from: 36, through: 39, .damaged))
    }

    @Test func `Time does not go back because the newest block cannot be read`() throws {
        let closed = try closed()
        try closed.flip(BlockLayout.firstTime * 8, of: 9)
        try closed.test.reopen()
        #expect(closed.test.reader.bounds.lastTime == closed.producer.blocks[8].lastTime)
        try closed.test.commit(Draft(session: "a", topic: "t"))
    }

    @Test(arguments: [BlockLayout.firstTime, BlockLayout.headerBytes + 30])
    func `A damaged block is never rewritten`(_ position: Int) throws {
        let closed = try closed()
        try closed.flip(position * 8, of: 3)
        try closed.test.reopen()
        let rule = RetentionPolicy.TopicRule(.everything, RetentionLimits(records: 0))
        try closed.test.retain(RetentionPolicy(topics: [rule]))
        let found = try closed.test.reader.all(.log())
        #expect(found.gaps.contains { $0.reason == .damaged && $0.from == 12 })
        #expect(found.rows.allSatisfy { $0.bytes == closed.producer.records[Int($0.position)].bytes })
    }
}
