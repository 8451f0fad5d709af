import HubBytes
import HubModel
import Testing

@Suite struct NameTableTests {
    private static let topics = NameKey(.topic, tenant: NameID(1))

    private func intern(_ text: String, _ key: NameKey = topics, _ table: inout NameTable) -> (NameID, Bool) {
        let bytes = Array(text.utf8)
        let (id, isNew) = bytes.withBytes { table.intern(key, $0) }
        return (id, isNew)
    }

    private func find(_ text: String, _ key: NameKey = topics, _ table: borrowing NameTable) -> NameID? {
        let bytes = Array(text.utf8)
        return table.find(key, bytes.span.bytes)
    }

    @Test func `Names are numbered from one as they come, and each once`() {
        var table = NameTable()
        #expect(table.nextID == NameID(1) && table.count == 0)
        for round in 0..<2 {
            for number in 1...5000 {
                let (id, isNew) = intern("topic.\(number)", Self.topics, &table)
                #expect(id == NameID(UInt32(number)) && isNew == (round == 0))
            }
        }
        #expect(table.count == 5000 && table.nextID == NameID(5001))
        #expect(table.bytes(of: NameID(77)).text == "topic.77")
        #expect(table.key(of: NameID(77)) == Self.topics)
    }

    @Test func `The same text is another name for another kind or tenant`() {
        var table = NameTable()
        let keys = NameKind.allCases.flatMap { kind in
            [NameKey(kind, tenant: NameID(1)), NameKey(kind, tenant: NameID(2))]
        }
        for (index, key) in keys.enumerated() {
            #expect(intern("x", key, &table) == (NameID(UInt32(index + 1)), true))
        }
        for (index, key) in keys.enumerated() { #expect(find("x", key, table) == NameID(UInt32(index + 1))) }
    }

    @Test func `Texts of every length are told apart`() {
        var table = NameTable()
        for length in 0...600 {
            #expect(intern(String(repeating: "a", count: length), Self.topics, &table).1)
        }
        for length in 0...600 {
            let text = String(repeating: "a", count: length)
            #expect(find(text, Self.topics, table) == NameID(UInt32(length + 1)))
        }
        #expect(find(String(repeating: "a", count: 601), Self.topics, table) == nil)
        // Alike to a reader, not in bytes.
        #expect(intern("é", Self.topics, &table).0 != intern("e\u{301}", Self.topics, &table).0)
    }

    @Test func `What is taken back is unknown, and its numbers are given again`() {
        var table = NameTable()
        for number in 0..<1000 { _ = intern("n\(number)", Self.topics, &table) }
        table.truncate(to: 1000)
        table.truncate(to: 300)
        #expect(table.count == 300)
        for number in 0..<1000 {
            #expect(
                find("n\(number)", Self.topics, table) == (number < 300 ? NameID(UInt32(number + 1)) : nil))
        }
        #expect(intern("other", Self.topics, &table) == (NameID(301), true))
        #expect(table.bytes(of: NameID(301)).text == "other")
        table.truncate(to: 0)
        #expect(table.count == 0 && find("n0", Self.topics, table) == nil)
    }

    @Test func `Numbers that nobody has stand for nothing`() {
        var table = NameTable()
        _ = intern("x", Self.topics, &table)
        for id in [NameID.none, NameID(2), NameID(UInt32.max)] {
            #expect(table.key(of: id) == nil)
            #expect(table.bytes(of: id).byteCount == 0)
        }
    }
}
