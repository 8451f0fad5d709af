import HubBytes
import HubProtocols
import Testing

@testable import HubServer

@Suite("Questions that wait for answers")
struct PendingRepliesTests {
    private func id(_ text: String, _ body: (RawSpan) -> UInt64) -> UInt64 { text.withBytes { body($0) } }

    @Test("a question is found by its number, with its kind and its id, until it is answered")
    func found() {
        var pending = PendingReplies()
        let first = "m-1".withBytes { pending.add(3, id: $0) }
        let second = "m-2".withBytes { pending.add(4, id: $0) }
        #expect(pending.find(second)?.kind == 4)
        if let question = pending.find(second) { #expect(pending.id(of: question).text == "m-2") }
        pending.answer(first)
        #expect(pending.find(first) == nil)
        #expect(pending.find(second)?.kind == 4)
        #expect(pending.count == 1)
    }

    @Test("numbers are never used twice, and 0 is nobody's")
    func numbers() {
        var pending = PendingReplies()
        var seen: Set<UInt64> = [0]
        for _ in 0..<5000 {
            let tag = "x".withBytes { pending.add(1, id: $0) }
            #expect(seen.insert(tag).inserted)
            pending.answer(tag)
            #expect(pending.find(tag) == nil)
        }
        #expect(pending.count == 0)
        #expect(pending.find(0) == nil)
        #expect(pending.find(99_999) == nil)
    }

    @Test("answers in any order leave each of the others with its own id")
    func anyOrder() {
        var random = SystemRandomNumberGenerator()
        var pending = PendingReplies()
        var open: [UInt64: String] = [:]
        for round in 0..<20_000 {
            if open.count < 3000, random.next() % 3 > 0 {
                let text = round % 7 == 0 ? "" : "id-\(round)"
                open[text.withBytes { pending.add(1, id: $0) }] = text
            } else if let tag = open.keys.randomElement() {
                pending.answer(tag)
                open[tag] = nil
            }
            if round % 1000 == 0 {
                for (tag, text) in open {
                    guard let question = pending.find(tag) else {
                        Issue.record("\(tag) is gone")
                        continue
                    }
                    #expect(pending.id(of: question).text == text)
                }
            }
        }
    }
}
