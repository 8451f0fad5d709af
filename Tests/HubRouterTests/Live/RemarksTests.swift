import HubBytes
import HubModel
import Testing

@testable import HubRouter

/// What consumers say of messages that they gave up.
@Suite struct RemarksTests {
    private static let consumer = ConsumerHandle(index: 1, generation: 2)

    private func kept(_ text: String) -> String {
        var remarks = Remarks()
        remarks.set(text, of: Offset(4), by: Self.consumer)
        return String(decoding: remarks.take(Offset(4), by: Self.consumer), as: UTF8.self)
    }

    @Test func `A remark is kept for its consumer and message until it is taken`() {
        var remarks = Remarks()
        remarks.set("one", of: Offset(4), by: Self.consumer)
        remarks.set("two", of: Offset(4), by: Self.consumer)
        #expect(remarks.take(Offset(5), by: Self.consumer) == [])
        #expect(remarks.take(Offset(4), by: ConsumerHandle(index: 1, generation: 3)) == [])
        #expect(remarks.take(Offset(4), by: Self.consumer) == Array("two".utf8))
        #expect(remarks.take(Offset(4), by: Self.consumer) == [])
    }

    @Test func `A long remark is cut between two characters`() {
        let long = String(repeating: "x", count: 254)
        for (text, expected) in [
            ("", ""), (long + "y", long + "y"), (long + "yz", long + "y"), (long + "ü", long),
            (String(repeating: "日", count: 100), String(repeating: "日", count: 85)),
        ] { #expect(kept(text) == expected) }
    }

    @Test func `Of too many remarks the last is kept`() {
        var remarks = Remarks()
        for number in 0..<10_001 { remarks.set("\(number)", of: Offset(UInt64(number)), by: Self.consumer) }
        #expect(remarks.take(Offset(10_000), by: Self.consumer) == Array("10000".utf8))
        #expect(remarks.take(.zero, by: Self.consumer) == [])
    }
}

/// Names of agents and consumers as tokens of topics.
@Suite struct OwnTopicTests {
    private func token(_ name: String) -> String {
        var text = ByteBuffer(capacity: 64)
        name.withBytes { OwnTopic.append($0, to: &text) }
        return text.bytes.text
    }

    @Test func `What a token cannot have is written with two digits`() {
        for (name, expected) in [
            ("ada", "ada"), ("a.b", "a%2eb"), ("*", "%2a"), (">", "%3e"), ("100%", "100%25"),
            ("%2e", "%252e"),
            ("größe", "größe"), ("did:web:a.example", "did:web:a%2eexample"), ("", ""),
        ] { #expect(token(name) == expected) }
    }

    @Test(arguments: ["$status.", "$dead."])
    func `Whatever the name is, a topic comes of it`(prefix: String) throws {
        for part in ["a", ".", "*", ">", "%", "ü", "日", "😀", "a.", "aü"] {
            for count in [1, 2, 60, 70, 76, 77, 80, 100, 115, 125, 200, 229, 230, 231, 250] {
                let name = String(repeating: part, count: count)
                guard name.utf8.count <= Limits.agentBytesMax else { continue }
                let topic = try TopicName(prefix + token(name))
                #expect(topic.text.utf8.count { $0 == UInt8(ascii: ".") } == 1)
            }
        }
    }

    @Test func `Two names never share a topic, however long they are`() {
        var topics: [String: String] = [:]
        for part in ["a", ".", "%", "ü", "%2e", "%%"] {
            for count in 1...250 where part.utf8.count * count <= 249 {
                for end in ["", "x", "y"] {
                    let name = String(repeating: part, count: count) + end
                    let other = topics.updateValue(name, forKey: token(name))
                    #expect(other == nil || other == name, "\(name)")
                }
            }
        }
    }
}
