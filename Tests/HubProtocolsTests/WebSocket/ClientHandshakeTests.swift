import HubBytes
import Testing

@testable import HubProtocols

/// A client's side of the handshake: RFC 6455, section 4.1.
@Suite struct ClientHandshakeTests {
    /// The key of section 1.3: "the sample nonce".
    static let nonce: (UInt64, UInt64) = (0x706d_6173_2065_6874, 0x6563_6e6f_6e20_656c)
    static let good: [String] = [
        "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
    ]

    private func verdict(
        _ fields: [String], status: Int = 101, subprotocols: [String] = [], deflate: DeflateSettings? = nil
    ) -> Result<ClientHandshake.Acceptance, ClientHandshake.Failure> {
        var handshake = ClientHandshake(nonce: Self.nonce, subprotocols: subprotocols, deflate: deflate)
        for field in fields {
            let parts = field.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(
                String.init)
            parts[0].withBytes { name in parts[1].withBytes { handshake.take(name: name, value: $0) } }
        }
        do throws(ClientHandshake.Failure) { return .success(try handshake.finish(status: status)) } catch {
            return .failure(error)
        }
    }

    private static func changed(without name: String = "-", _ added: String...) -> [String] {
        good.filter { !$0.hasPrefix(name) } + added
    }

    @Test("the request has the RFC's fields")
    func request() {
        var output = ByteBuffer()
        ClientHandshake(nonce: Self.nonce).appendFields(to: &output)
        let plain =
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        #expect(output.bytes.text == plain)
        output.removeAll()
        ClientHandshake(nonce: Self.nonce, subprotocols: ["chat", "superchat"], deflate: DeflateSettings())
            .appendFields(to: &output)
        let wanted =
            plain
            + "Sec-WebSocket-Protocol: chat, superchat\r\nSec-WebSocket-Extensions: permessage-deflate; "
            + "server_no_context_takeover; client_no_context_takeover; client_max_window_bits\r\n"
        #expect(output.bytes.text == wanted)
    }

    @Test("an answer opens the connection only with everything in it")
    func answers() throws {
        let chat = ["chat", "talk"]
        #expect(try verdict(Self.good).get().subprotocol == nil)
        let chosen = Self.changed("Sec-WebSocket-Protocol: talk")
        #expect(try verdict(chosen, subprotocols: chat).get().subprotocol == "talk")
        let table: [([String], Int, ClientHandshake.Failure)] = [
            (Self.good, 200, .status(200)), (Self.good, 401, .status(401)),
            (Self.changed(without: "Upgrade"), 101, .upgradeMissing),
            (Self.changed(without: "Upgrade", "Upgrade: h2c"), 101, .upgradeMissing),
            (Self.changed(without: "Connection"), 101, .connectionMissing),
            (Self.changed(without: "Sec"), 101, .acceptWrong),
            (
                Self.changed(without: "Sec", "Sec-WebSocket-Accept: S3pPLMBiTxaQ9kYGzzhZRbK+xOo="), 101,
                .acceptWrong
            ),
            (Self.changed("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), 101, .acceptWrong),
            (Self.changed("Sec-WebSocket-Protocol: other"), 101, .subprotocolUnknown),
            (
                Self.changed("Sec-WebSocket-Protocol: chat", "Sec-WebSocket-Protocol: talk"), 101,
                .subprotocolUnknown
            ),
            (Self.changed("Sec-WebSocket-Protocol: chat, talk"), 101, .subprotocolUnknown),
            (Self.changed("Sec-WebSocket-Extensions: permessage-deflate"), 101, .extensionUnknown),
            (Self.changed("Sec-WebSocket-Extensions: ;"), 101, .extensionUnknown),
        ]
        for (fields, status, failure) in table {
            #expect(verdict(fields, status: status, subprotocols: chat) == .failure(failure), "\(fields)")
        }
    }

    @Test("a server that agrees to what was not offered is refused")
    func extensions() {
        let deflate = DeflateSettings(isServerContextKept: true, isClientContextKept: true)
        func isRefused(_ value: String) -> Bool {
            let fields = Self.good + ["Sec-WebSocket-Extensions: \(value)"]
            return verdict(fields, deflate: deflate) == .failure(.extensionUnknown)
        }
        #expect(!isRefused("permessage-deflate"))
        #expect(isRefused("permessage-deflate, permessage-deflate"))
        #expect(isRefused("permessage-bzip2"))
        #expect(isRefused("permessage-deflate; client_max_window_bits"))
        #expect(isRefused("permessage-deflate; server_max_window_bits=16"))
        #expect(isRefused("permessage-deflate; anything"))
    }
}
