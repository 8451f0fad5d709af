import Foundation
import HubBytes
import HubModel
import Testing

@testable import HubProtocols

/// The words of the protocol, and the documents that have them.
@Suite struct NativeWordsTests {
    @Test("every word is found, and no other")
    func words() {
        for key in NativeKey.allCases {
            key.word.withBytes { #expect(NativeKey.table.number(of: $0, 0, $0.byteCount) == key.rawValue) }
            ("\"" + key.word + "\" and more, up to sixteen").withBytes {
                #expect(NativeKey.table.number(of: $0, 1, 1 + key.word.utf8.count) == key.rawValue)
            }
            (key.word + "x").withBytes {
                #expect(NativeKey.table.number(of: $0, 0, $0.byteCount) == WordTable.unknown)
            }
        }
        for word in ["", "Type", "type\0", "typ", "seventeen letters"] {
            word.withBytes { #expect(NativeKey.table.number(of: $0, 0, $0.byteCount) == WordTable.unknown) }
        }
        #expect(NativeKey.ttlMs.word == "ttl_ms")
        #expect(NativeKey.commandID.word == "command_id")
        #expect(NativeKey.dataBase64.word == "data_base64")
        #expect(NativeType.sessionOpen.word == "session_open")
        #expect(NativeHubType.heartbeatAck.word == "heartbeat_ack")
    }

    @Test("the hub serves the description that is in the documentation")
    func openAPI() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let file = root.appending(path: "docs/protocol/openapi.json")
        #expect(try String(contentsOf: file, encoding: .utf8) == OpenAPIDocument.text)
    }

    @Test("words of refusals in the page and the schema are those of the program")
    func codes() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        for name in [
            "docs/protocol.md", "docs/protocol/hub-to-agent.schema.json", "docs/protocol/openapi.json",
        ] {
            let text = try String(contentsOf: root.appending(path: name), encoding: .utf8)
            for code in RefusalWords.all { #expect(text.contains(code), "\(code) in \(name)") }
        }
    }
}

private enum RefusalWords {
    static let all = RefusalCode.allCases.map(\.rawValue)
}
