import HubBytes
import HubModel
import Testing

@Suite struct BlockTests {
    private static let start = Timestamp(microseconds: 1_000_000)

    private func header(_ change: (inout RecordHeader) -> Void = { _ in }) -> RecordHeader {
        var header = RecordHeader(.message, time: Self.start, tenant: NameID(1))
        change(&header)
        return header
    }

    /// Appends a record with nothing but a payload.
    private func append(_ payload: String, to block: inout Block, at time: Timestamp = BlockTests.start) {
        let header = header { $0.time = time }
        payload.withBytes { bytes in _ = block.append(header, RecordParts(payload: bytes)) }
    }

    @Test func `A record has all its parts, whatever is empty`() {
        for mask in 0..<64 {
            let texts = (0..<6).map { mask >> $0 & 1 == 1 ? String(repeating: "\($0)", count: 3 + $0) : "" }
            var block = Block(firstOffset: Offset(40))
            let ends = texts.indices.map { texts[...$0].reduce(0) { $0 + $1.utf8.count } }
            let places = texts.indices.map { ends[$0] - texts[$0].utf8.count..<ends[$0] }
            texts.joined().withBytes { all in
                var parts = RecordParts(payload: all.extracting(places[5]))
                parts.id = all.extracting(places[0])
                parts.correlation = all.extracting(places[1])
                parts.cause = all.extracting(places[2])
                parts.trace = all.extracting(places[3])
                parts.annotations = all.extracting(places[4])
                _ = block.append(header(), parts)
            }
            block.seal()
            let record = block.view.record(at: 0)
            #expect(record.id.text == texts[0] && record.correlation.text == texts[1])
            #expect(record.cause.text == texts[2] && record.trace.text == texts[3])
            #expect(record.annotations.text == texts[4] && record.payload.text == texts[5])
            #expect(record.flags.contains(.annotated) == !texts[4].isEmpty)
            #expect(record.bytes.byteCount % 8 == 0)
        }
    }

    @Test func `A record has the fields of its header`() {
        var block = Block(firstOffset: Offset(7))
        let wanted = header {
            $0.kind = .command
            $0.dialect = 3
            $0.flags = [.retained, .binary]
            $0.sequence = SequenceNumber(1 << 40)
            $0.expiry = Timestamp(microseconds: 5_000_000)
            $0.tenant = NameID(UInt32.max)
            $0.session = NameID(2)
            $0.sender = NameID(3)
            $0.destination = NameID(4)
            $0.offset = Offset(7)
        }
        "x".withBytes { payload in _ = block.append(wanted, RecordParts(payload: payload)) }
        block.seal()
        #expect(block.view.record(at: 0).header == wanted)
    }

    @Test func `A block knows what it covers`() {
        var block = Block(firstOffset: Offset(100))
        #expect(block.isEmpty && block.nextOffset == Offset(100))
        for index in 0..<10 {
            let time = Self.start.adding(milliseconds: Int64(index))
            append(String(repeating: "p", count: index * 13), to: &block, at: time)
        }
        #expect(block.count == 10 && block.nextOffset == Offset(110))
        let size = block.byteCount
        block.seal()
        #expect(block.byteCount == size && block.bytes.byteCount == size)
        let view = block.view
        #expect(view.count == 10 && view.span == 10 && !view.isSparse && view.nameCount == 0)
        #expect(view.firstOffset == Offset(100) && view.endOffset == Offset(110))
        #expect(view.firstTime == Self.start && view.lastTime == Self.start.adding(milliseconds: 9))
        for index in 0..<10 {
            #expect(view.offset(at: index) == Offset(UInt64(100 + index)))
            #expect(view.record(at: index).offset == view.offset(at: index))
            #expect(view.record(at: index).payload.byteCount == index * 13)
            #expect(view.index(atOrAfter: view.offset(at: index)) == index)
        }
        #expect(view.index(atOrAfter: .zero) == 0 && view.index(atOrAfter: Offset(500)) == 10)
    }

    @Test func `Names come back in order with their keys`() {
        var block = Block()
        let keys = [
            NameKey(.tenant, tenant: .none), NameKey(.topic, tenant: NameID(1)),
            NameKey(.session, tenant: NameID(1)),
        ]
        let texts = ["acme", "größe", String(repeating: "s", count: 500)]
        for (index, text) in texts.enumerated() {
            text.withBytes { block.define(NameID(UInt32(index + 1)), keys[index], $0) }
        }
        #expect(!block.isEmpty && block.nameCount == 3)
        append("{}", to: &block)
        block.seal()
        var names = block.view.names
        var found = 0
        while let name = names.next() {
            #expect(name.id == NameID(UInt32(found + 1)) && name.key == keys[found])
            #expect(name.text.text == texts[found])
            found += 1
        }
        #expect(found == 3 && names.isAtEnd)
    }

    @Test func `A block that is reset is as good as new`() {
        var block = Block(firstOffset: .zero)
        "n".withBytes { block.define(NameID(1), NameKey(.tenant, tenant: .none), $0) }
        append(String(repeating: "x", count: 100_000), to: &block)
        block.seal()
        block.reset(firstOffset: Offset(1))
        #expect(block.isEmpty && !block.isSealed && block.firstOffset == Offset(1) && block.lastTime == .none)
        block.shrink(toCapacity: 4096)
        append("y", to: &block)
        block.seal()
        #expect(block.view.count == 1 && block.view.nameCount == 0)
        #expect(block.view.record(at: 0).payload.text == "y" && block.view.record(at: 0).offset == Offset(1))
    }

    @Test func `Checksums cover every byte but their own and the magic number`() {
        var block = Block()
        "acme".withBytes { block.define(NameID(1), NameKey(.tenant, tenant: .none), $0) }
        append("hello", to: &block)
        append("", to: &block)
        block.seal()
        // Sums, so that it shows which bytes are covered.
        var covered = 0
        block.fillChecksums { bytes in
            covered += bytes.byteCount
            return UInt32(bytes.byteCount)
        }
        // A checksum of four bytes for each of two records and the header; the directory's lies in the header.
        #expect(covered == block.bytes.byteCount - 2 * 4 - 4 - 4)
        #expect(block.view.bytes.load(BlockLayout.headerChecksum, as: UInt32.self) == 56)
    }

    @Test func `Bytes that are no block make no view, and none makes the program stop`() {
        var block = Block(firstOffset: Offset(3))
        "acme".withBytes { block.define(NameID(1), NameKey(.tenant, tenant: .none), $0) }
        append("hello", to: &block)
        append("world", to: &block)
        block.seal()
        let right = block.bytes.array
        for length in 0..<right.count {
            #expect(Array(right.prefix(length)).withBytes { BlockView($0) == nil })
        }
        for position in right.indices {
            for value in [UInt8(0), 1, 0x7f, 0x80, 0xff] {
                var changed = right
                changed[position] = value
                changed.withBytes { Self.walk($0) }
            }
        }
    }

    /// Touches all that a view of unverified bytes offers.
    private static func walk(_ bytes: RawSpan) {
        guard let view = BlockView(bytes) else { return }
        for index in 0..<view.count {
            _ = view.offset(at: index)
            guard let record = view.record(atPosition: view.position(at: index)) else { continue }
            let size = record.id.byteCount + record.correlation.byteCount + record.cause.byteCount
            #expect(size + record.annotations.byteCount + record.payload.byteCount <= bytes.byteCount)
            _ = record.header
        }
        var names = view.names
        while let name = names.next() { #expect(name.text.byteCount <= bytes.byteCount) }
    }
}
