import HubBytes
import Testing

@testable import HubProtocols

/// A server's side of the handshake: RFC 6455, sections 4.2 and 11.3.
@Suite struct ServerHandshakeTests {
    static let good: [String] = [
        "Host: server.example.com", "Upgrade: websocket", "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13",
    ]

    private func answer(
        _ fields: [String], method: String = "GET", minorVersion: Int = 1,
        _ settings: ServerHandshake.Settings = ServerHandshake.Settings()
    ) -> Result<ServerHandshake.Acceptance, HandshakeRefusal> {
        var handshake = method.withBytes { ServerHandshake(method: $0, minorVersion: minorVersion) }
        for field in fields {
            let parts = field.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(
                String.init)
            parts[0].withBytes { name in parts[1].withBytes { handshake.take(name: name, value: $0) } }
        }
        do throws(HandshakeRefusal) { return .success(try handshake.finish(settings)) } catch {
            return .failure(error)
        }
    }

    private func refusal(_ fields: [String]) -> HandshakeRefusal? {
        if case .failure(let refusal) = answer(fields) { refusal } else { nil }
    }

    /// The good fields with one left out, and others added.
    private static func changed(without name: String = "-", _ added: String...) -> [String] {
        good.filter { !$0.hasPrefix(name) } + added
    }

    @Test("the example of section 1.3 gets the RFC's answer")
    func example() throws {
        var settings = ServerHandshake.Settings()
        settings.subprotocols = ["superchat", "chat"]
        let fields = Self.good + ["Origin: http://example.com", "Sec-WebSocket-Protocol: chat, superchat"]
        let acceptance = try answer(fields, settings).get()
        #expect(acceptance.acceptKey == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        #expect(acceptance.subprotocol == "chat" && acceptance.agreement == nil)
        var output = ByteBuffer()
        acceptance.append(to: &output)
        let wanted =
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: chat\r\n\r\n"
        #expect(output.bytes.text == wanted)
    }

    static let variants: [[String]] = [
        changed(without: "Connection", "connection: keep-alive, Upgrade"),
        changed(without: "Connection", "CONNECTION: keep-alive", "Connection: upgrade"),
        changed(without: "Upgrade", "Upgrade:  h2c ,, WebSocket\t"),
        changed(without: "Sec-WebSocket-K", "SEC-WEBSOCKET-KEY:   dGhlIHNhbXBsZSBub25jZQ==  "),
        changed("Sec-WebSocket-Protocol: unknown", "Sec-WebSocket-Protocol: other"),
        changed(
            "Sec-WebSocket-Extensions: x-webkit-deflate-frame, permessage-deflate; client_max_window_bits"
        ),
        changed("Sec-WebSocket-Extensions:", "X-Other: " + String(repeating: "x", count: 9000)),
        changed("Origin: http://anywhere.example", "Sec-WebSocket-Protocol:"),
    ]

    @Test("what browsers and proxies send differently is accepted", arguments: variants)
    func accepted(fields: [String]) throws {
        let acceptance = try answer(fields).get()
        #expect(acceptance.acceptKey == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        #expect(acceptance.subprotocol == nil && acceptance.extensions == nil)
    }

    static let flaws: [([String], HandshakeRefusal)] = [
        (changed(without: "Upgrade"), .upgradeMissing),
        (changed(without: "Upgrade", "Upgrade: websockets"), .upgradeMissing),
        (changed(without: "Upgrade", "Upgrade: web socket"), .upgradeMissing),
        (changed(without: "Connection"), .connectionMissing),
        (changed(without: "Connection", "Connection: keep-alive"), .connectionMissing),
        (changed(without: "Sec-WebSocket-V"), .versionUnsupported),
        (changed(without: "Sec-WebSocket-V", "Sec-WebSocket-Version: 8"), .versionUnsupported),
        (changed(without: "Sec-WebSocket-V", "Sec-WebSocket-Version: 13, 8"), .versionUnsupported),
        (changed(without: "Sec-WebSocket-V", "Sec-WebSocket-Version: 013"), .versionUnsupported),
        (changed("Sec-WebSocket-Version: 13"), .versionUnsupported),
        (changed(without: "Sec-WebSocket-K"), .keyInvalid),
        (changed(without: "Sec-WebSocket-K", "Sec-WebSocket-Key:"), .keyInvalid),
        (changed(without: "Sec-WebSocket-K", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ="), .keyInvalid),
        (
            changed(without: "Sec-WebSocket-K", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==="),
            .keyInvalid
        ),
        (changed(without: "Sec-WebSocket-K", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZTEy"), .keyInvalid),
        (changed(without: "Sec-WebSocket-K", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub-5jZQ=="), .keyInvalid),
        (changed("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="), .keyInvalid),
        (changed("Sec-WebSocket-Protocol: chat, chat"), .subprotocolsInvalid),
        (changed("Sec-WebSocket-Protocol: chat", "Sec-WebSocket-Protocol: chat"), .subprotocolsInvalid),
        (changed("Sec-WebSocket-Protocol: a b"), .subprotocolsInvalid),
        (changed("Sec-WebSocket-Protocol: \"chat\""), .subprotocolsInvalid),
        (
            changed("Sec-WebSocket-Protocol: " + (0...64).map { "p\($0)" }.joined(separator: ",")),
            .subprotocolsInvalid
        ),
        (changed("Sec-WebSocket-Extensions: permessage-deflate;"), .extensionsInvalid),
        (changed("Sec-WebSocket-Extensions: a; b=\"c d\""), .extensionsInvalid),
        (changed("Sec-WebSocket-Extensions: a; b=\"c"), .extensionsInvalid),
        (changed("Sec-WebSocket-Extensions: a; b="), .extensionsInvalid),
        (changed("Sec-WebSocket-Extensions: a b"), .extensionsInvalid),
        (changed("Sec-WebSocket-Extensions: ;"), .extensionsInvalid),
        (
            changed("Sec-WebSocket-Extensions: " + (0...16).map { "e\($0)" }.joined(separator: ",")),
            .extensionsInvalid
        ),
        (
            changed("Sec-WebSocket-Extensions: e" + (0...16).map { "; p\($0)" }.joined()),
            .extensionsInvalid
        ),
        (changed("Sec-WebSocket-Protocol: " + String(repeating: "x", count: 4097)), .fieldTooLong),
    ]

    @Test("each flaw of a request has its refusal", arguments: flaws)
    func refused(fields: [String], wanted: HandshakeRefusal) {
        #expect(refusal(fields) == wanted)
    }

    @Test("another method or HTTP/1.0 is refused, and what is no WebSocket at all is told apart")
    func requestLine() {
        #expect(answer(Self.good, method: "POST") == .failure(.methodNotAllowed))
        #expect(answer(Self.good, method: "get") == .failure(.methodNotAllowed))
        #expect(answer(Self.good, minorVersion: 0) == .failure(.versionOfHTTP))
        #expect(answer(["Host: x"], method: "POST") == .failure(.upgradeMissing))
        var handshake = "GET".withBytes { ServerHandshake(method: $0, minorVersion: 1) }
        let isWantedBefore = handshake.isWanted
        "upgrade".withBytes { name in "websocket".withBytes { handshake.take(name: name, value: $0) } }
        let isWantedAfter = handshake.isWanted
        #expect(!isWantedBefore && isWantedAfter)
    }

    @Test("pages of other origins are kept out when origins are listed, programs are not")
    func origins() {
        var settings = ServerHandshake.Settings()
        settings.origins = ["https://dashboard.example"]
        func status(_ fields: [String]) -> Int {
            if case .failure(let refusal) = answer(Self.good + fields, settings) {
                refusal.status
            } else {
                101
            }
        }
        #expect(status([]) == 101)
        #expect(status(["Origin: https://dashboard.example"]) == 101)
        #expect(status(["Origin: https://dashboard.example.evil"]) == 403)
        #expect(status(["Origin: null"]) == 403)
        #expect(status(["Origin: https://dashboard.example", "Origin: https://dashboard.example"]) == 403)
    }

    @Test("each refusal has a status and a sentence, and the field that HTTP asks for with it")
    func refusals() {
        for refusal in HandshakeRefusal.allCases {
            #expect((400...431).contains(refusal.status) && refusal.sentence.utf8CodeUnitCount > 10)
            #expect([405, 426].contains(refusal.status) == (refusal.field != nil))
        }
    }

    @Test("SHA-1 gives the digests of FIPS 180 and of every length around a block")
    func digests() {
        func hex(_ bytes: [UInt8]) -> String {
            var output = ByteBuffer()
            bytes.withBytes { SHA1($0).append(to: &output) }
            let digits = Array("0123456789abcdef")
            return String(output.bytes.array.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
        }
        #expect(hex([]) == "da39a3ee5e6b4b0d3255bfef95601890afd80709")
        #expect(hex(Array("abc".utf8)) == "a9993e364706816aba3e25717850c26c9cd0d89d")
        let two = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
        #expect(hex(Array(two.utf8)) == "84983e441c3bd26ebaae4aa1f95129e5e54670f1")
        #expect(hex([UInt8](repeating: 97, count: 1_000_000)) == "34aa973cd4c4daa4f61eeb2bdbad27316534016f")
        // The digests of 0 to 130 bytes of 0x61, hashed together.
        let all = (0...130).map { hex([UInt8](repeating: 97, count: $0)) }.joined()
        #expect(hex(Array(all.utf8)) == "e9a26226834c1decc620e4a7df67e181b336a6b8")
    }
}
