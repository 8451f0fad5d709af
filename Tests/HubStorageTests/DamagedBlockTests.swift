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

    /// Where a search for a time must lead and where it may: not behind the first record of that time, and before it
    /// only by what is damaged.
    private func expectSearches(_ test: TestLog, damaged: Set<Int>, _ location: SourceLocation) throws {
        let producer = test.producer
        for step in -1...21 {
            let time = TestProducer.start.adding(milliseconds: Int64(step) * 500)
            let first = producer.records.first { $0.time >= time }?.offset ?? producer.head.rawValue
            var least = first
            while least > 0, damaged.contains(Int(least - 1) / 4) { least -= 1 }
            let found = try test.reader.offset(atOrAfter: time).rawValue
            #expect((least...first).contains(found), "\(step)", sourceLocation: location)
            if damaged.isEmpty { #expect(found == first, sourceLocation: location) }
            // Who reads on from there is told of what is damaged before the record.
            let isHidden = first < producer.head.rawValue && damaged.contains(Int(first) / 4)
            if isHidden {
                let gaps = try test.reader.all(.log(from: Offset(found))).gaps
                #expect(gaps.first?.from == found, sourceLocation: location)
            }
        }
    }

    @Test(
        arguments: [[], [3], [0], [9], [0, 1], [3, 4, 5], [8, 9], [2, 4, 6], Set(0...9)] as [Set<Int>])
    func `A search for a time steps over damaged headers`(_ damaged: Set<Int>) throws {
        let closed = try closed()
        for block in damaged { try closed.flip(BlockLayout.firstTime * 8, of: block) }
        try closed.test.reopen()
        try expectSearches(closed.test, damaged: damaged, #_sourceLocation)
    }

    @Test func `A search for a time leads to damaged records rather than behind them`() throws {
        let closed = try closed()
        let record = closed.producer.records[12]
        // The first record of a block, and nothing else of it.
        try closed.flip((BlockLayout.headerBytes + record.bytes.count - 2) * 8, of: 3)
        try closed.test.reopen()
        #expect(try closed.test.reader.offset(atOrAfter: record.time) == Offset(12))
        #expect(try closed.test.reader.all(.log()).gaps == [Gap(from: 12, through: 12, .damaged)])
    }

    @Test func `A topic whose last record is damaged is a gap among the last of all`() throws {
        let test = try TestLog(.lmdb)
        var sealed: [[UInt8]] = []
        for topic in ["a", "b", "c"] {
            try test.producer.commit(
                [Draft(topic: topic)], to: test.log, look: { sealed.append($0.bytes.array) })
        }
        try test.checkpoint()
        let closed = try StoredBlocks(closing: test, sealed)
        try closed.flip((BlockLayout.headerBytes + 4) * 8, of: 1)
        try test.reopen()
        let tenant = test.producer.id(.tenant, "acme")
        let page = try test.reader.lastPerTopic(.everything, tenant: tenant, after: nil, PageLimit())
        var offsets: [UInt64] = []
        for index in 0..<page.count {
            let record = page[index]
            offsets.append(record.offset.rawValue)
        }
        #expect(offsets == [0, 2] && page.gaps == [Gap(from: 1, through: 1, .damaged)])
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
