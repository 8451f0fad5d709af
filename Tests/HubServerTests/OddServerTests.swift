import HubBytes
import HubConnection
import HubProtocols
import HubServer
import HubSystem
import SocketPeer
import Synchronization
import Testing

@Suite("Servers that do what they should not")
struct OddServerTests {
    private static func call(
        _ caller: WebHub, _ address: SocketAddress, _ scheme: String = "http", _ method: HTTPMethod = .get,
        contentBytes: Int = 0, tls: TLSContext? = nil
    ) {
        caller.run { web, loop in
            guard let url = try? HTTPURL("\(scheme)://odd.test/") else { return }
            var call = WebCall(method, url, at: address)
            call.content = [UInt8](repeating: 65, count: contentBytes)
            call.tls = tls
            _ = try? web.call(call, &loop)
        }
    }

    @Test(
        "An answer that ends with the connection counts only if TLS says that this is the end",
        arguments: [true, false])
    func truncation(isAnnounced: Bool) throws {
        let authority = try CertificateAuthority.make(name: "Test")
        let credentials = try authority.issue(.server("odd.test"))
        var odd = OddServer()
        odd.text = "HTTP/1.1 200 OK\r\n\r\npay the bill of 10"
        odd.tls = try TLSContext(server: TLSServerSettings(credentials: [credentials]))
        odd.ends = true
        odd.isAnnounced = isAnnounced
        let (group, address) = try OddServer.start(odd)
        defer { group.stop(graceMilliseconds: 0) }
        let caller = try WebHub()
        let trust = TLSClientSettings(trust: .authorities([authority.certificate]))
        Self.call(caller, address, "https", tls: try TLSContext(client: trust))
        #expect(caller.recorder.waits { $0.answers.count == 1 })
        let outcome = caller.recorder.read { $0.answers[0].outcome }
        if isAnnounced {
            #expect(outcome == .answer(.ok))
        } else if case .notSecured = outcome {
        } else {
            Issue.record("\(outcome)")
        }
    }
}
