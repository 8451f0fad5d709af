import HubModel
import Randomness
import Testing

@testable import HubStorage

@Suite struct PendingIndexTests {
    private struct Filled: ~Copyable {
        var index: PendingIndex
        let producer: TestProducer
        let session: NameID
    }

    /// Takes in blocks of records in `a` and in a second session, which gets every third record.
    private func filled(_ blocks: Int, _ perBlock: Int) throws -> Filled {
        let log = MemoryLog(epoch: .random())
        let producer = TestProducer()
        var index = PendingIndex(from: .zero)
        for _ in 0..<blocks {
            let drafts = (0..<perBlock).map { Draft(session: $0 % 3 == 0 ? "b" : "a", topic: "t") }
            try producer.commit(drafts, to: log, look: { index.add($0) })
        }
        return Filled(index: index, producer: producer, session: producer.session("a"))
    }

    @Test(arguments: [(1, 1), (1, 4), (1, 5), (3, 7), (10, 500)])
    func `Entries come back in order, both ways, in every range`(_ blocks: Int, _ perBlock: Int) throws {
        let filled = try filled(blocks, perBlock)
        let producer = filled.producer
        var random = SplitMix64(seed: 3)
        for id in [producer.session("a"), producer.session("b"), producer.topic("t")] {
            let isSession = id != producer.topic("t")
            let all = producer.records.filter { isSession ? $0.session == id : $0.destination == id }
            let postings = all.map {
                Posting(position: isSession ? $0.sequence : $0.offset, offset: Offset($0.offset))
            }
            for round in 0..<60 {
                let bound = producer.records.count + 3
                let from = round == 0 ? 0 : UInt64(random.below(bound))
                let to = round < 2 ? UInt64(Int64.max) : UInt64(random.below(bound))
                let max = round < 3 ? 100_000 : 1 + random.below(50)
                let wanted = postings.filter { $0.position >= from && $0.position < to }
                var forward: [Posting] = []
                filled.index.appendForward(of: id, from: from, to: to, max: max, &forward)
                #expect(forward == Array(wanted.prefix(max)))
                var backward: [Posting] = []
                filled.index.appendBackward(of: id, from: from, to: to, max: max, &backward)
                #expect(backward == wanted.suffix(max).reversed())
            }
            let list = filled.index.list(of: id)
            #expect(list?.count == (postings.isEmpty ? nil : postings.count))
            #expect(list?.firstPosition == postings.first?.position)
            #expect(list?.lastPosition == postings.last?.position)
            #expect(list?.bytes == (all.isEmpty ? nil : all.reduce(0) { $0 + $1.bytes.count }))
        }
    }

    @Test func `A name that has no entries has no list`() throws {
        let filled = try filled(1, 4)
        var found: [Posting] = []
        filled.index.appendForward(of: NameID(77_777), from: 0, to: 100, max: 9, &found)
        filled.index.appendBackward(of: .none, from: 0, to: 100, max: 9, &found)
        #expect(found.isEmpty && filled.index.list(of: NameID(77_777)) == nil)
    }

    @Test func `After a checkpoint it is empty and goes on from its end`() throws {
        var filled = try filled(2, 10)
        #expect(filled.index.end == Offset(20) && filled.index.base == .zero && filled.index.blockBytes > 0)
        filled.index.clear()
        #expect(
            filled.index.end == Offset(20) && filled.index.base == Offset(20) && filled.index.blockBytes == 0)
        #expect(filled.index.lists.isEmpty && filled.index.list(of: filled.session) == nil)
    }

    @Test func `Lists are sorted by name, and walked from any entry on`() throws {
        let filled = try filled(4, 100)
        let ids = filled.index.sortedLists().map(\.id)
        #expect(ids == ids.sorted() && ids.count == 3)
        guard let list = filled.index.list(of: filled.session) else { return }
        for first in [0, 1, 4, 5, 63, list.count - 1, list.count] {
            var indexes: [Int] = []
            filled.index.forEachOffset(of: list, from: first) { entry, _ in
                indexes.append(entry)
                return true
            }
            #expect(indexes == Array(first..<list.count))
        }
    }
}
