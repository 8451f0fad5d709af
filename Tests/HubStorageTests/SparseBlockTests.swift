import HubBytes
import HubModel
import Testing

@testable import HubStorage

@Suite struct SparseBlockTests {
    /// The bytes of sealed blocks of five records each, with a name in the first.
    private func blocks(_ count: Int) throws -> [[UInt8]] {
        let log = MemoryLog(epoch: .random())
        let producer = TestProducer()
        var sealed: [[UInt8]] = []
        for _ in 0..<count {
            producer.time = producer.time.adding(milliseconds: 10)
            let drafts = (0..<5).map { Draft(session: "a", payload: String(repeating: "p", count: $0 * 7)) }
            try producer.commit(drafts, to: log, look: { sealed.append($0.bytes.array) })
        }
        return sealed
    }

    /// Keeps some records of a block.
    private func remains(of bytes: [UInt8], keeping places: [Int]) -> SparseBlock {
        bytes.withBytes { bytes in
            var sparse = SparseBlock()
            guard let block = BlockView(bytes) else { return sparse }
            sparse.begin(block)
            for place in places { sparse.append(block.record(at: place)) }
            return sparse
        }
    }

    private func records(_ bytes: [UInt8]) -> [[UInt8]] {
        bytes.withBytes { bytes in
            guard let block = BlockView(bytes) else { return [] }
            return (0..<block.count).map { block.record(at: $0).bytes.array }
        }
    }

    @Test(arguments: [[0, 1, 2, 3, 4], [0], [4], [1, 3], [2, 3, 4]])
    func `What is left of a block keeps its bytes, offsets and span`(_ places: [Int]) throws {
        let original = try blocks(2)[1]
        var sparse = remains(of: original, keeping: places)
        #expect(sparse.originalBytes == original.count)
        sparse.seal()
        #expect(sparse.byteCount == sparse.bytes.byteCount)
        let bytes = sparse.bytes.array
        #expect(records(bytes) == places.map { records(original)[$0] })
        bytes.withBytes { bytes in
            guard let view = BlockView(bytes) else { return #expect(Bool(false), "no block") }
            #expect(view.isIntact && view.isSparse && view.nameCount == 0)
            #expect(view.firstOffset == Offset(5) && view.endOffset == Offset(10) && view.span == 5)
            #expect((0..<view.count).map { Int(view.offset(at: $0).rawValue) - 5 } == places)
            for place in 0...5 {
                let next = places.firstIndex { $0 >= place } ?? places.count
                #expect(view.index(atOrAfter: Offset(UInt64(5 + place))) == next)
            }
        }
    }

    @Test func `Two that are joined cover both and what lies between`() throws {
        let sealed = try blocks(3)
        var joined = remains(of: sealed[0], keeping: [1, 4])
        joined.append(contentsOf: remains(of: sealed[2], keeping: [0, 3]))
        joined.seal()
        let bytes = joined.bytes.array
        let first = records(sealed[0])
        let last = records(sealed[2])
        #expect(records(bytes) == [first[1], first[4], last[0], last[3]])
        bytes.withBytes { bytes in
            guard let view = BlockView(bytes) else { return #expect(Bool(false), "no block") }
            #expect(view.isIntact && view.firstOffset == .zero && view.endOffset == Offset(15))
            #expect((0..<4).map { view.offset(at: $0).rawValue } == [1, 4, 10, 13])
            #expect(view.lastTime > view.firstTime)
        }
    }
}

@Suite struct IntactBlockTests {
    @Test func `A block with any bit flipped is not intact`() throws {
        let log = MemoryLog(epoch: .random())
        var sealed: [UInt8] = []
        try TestProducer().commit(
            [Draft(session: "a", topic: "t"), Draft(payload: "123")], to: log,
            look: { sealed = $0.bytes.array })
        #expect(isIntact(sealed))
        for bit in 0..<sealed.count * 8 {
            var flipped = sealed
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(!isIntact(flipped), "bit \(bit)")
        }
        for length in 0..<sealed.count { #expect(!isIntact(Array(sealed.prefix(length)))) }
    }

    private func isIntact(_ bytes: [UInt8]) -> Bool { bytes.withBytes { BlockView($0)?.isIntact ?? false } }
}
