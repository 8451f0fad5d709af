import HubBytes
import HubConnection
import HubSystem
import Testing

/// What a server makes of peers that mean no good, or no TLS.
@Suite struct HostileTests {
    struct Opening: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let bytes: [UInt8]
        let reason: TLSFailure.Reason
    }

    static let openings = [
        Opening(
            testDescription: "HTTP in plain", bytes: Array("GET / HTTP/1.1\r\nHost: hub\r\n\r\n".utf8),
            reason: .notTLS),
        Opening(
            testDescription: "a proxy's request", bytes: Array("CONNECT hub:443 HTTP/1.1\r\n\r\n".utf8),
            reason: .notTLS),
        Opening(testDescription: "SSH", bytes: Array("SSH-2.0-OpenSSH_9.2\r\n".utf8), reason: .notTLS),
        Opening(testDescription: "zeros", bytes: Array(repeating: 0, count: 100), reason: .notTLS),
        Opening(testDescription: "ones", bytes: Array(repeating: 0xff, count: 100), reason: .notTLS),
        Opening(
            testDescription: "application data first", bytes: [23, 3, 3, 0, 5, 1, 2, 3, 4, 5],
            reason: .malformed),
        Opening(testDescription: "an alert first", bytes: [21, 3, 3, 0, 2, 2, 40], reason: .malformed),
        Opening(
            testDescription: "a ServerHello", bytes: [22, 3, 3, 0, 6, 2, 0, 0, 2, 3, 3], reason: .malformed),
        Opening(
            testDescription: "a ClientHello without content", bytes: [22, 3, 1, 0, 4, 1, 0, 0, 0],
            reason: .malformed),
        Opening(
            testDescription: "a ClientHello of 100 kB", bytes: [22, 3, 1, 0x40, 0, 1, 1, 0x80, 0],
            reason: .tooLarge),
        Opening(
            testDescription: "a ClientHello cut inside its header", bytes: [22, 3, 1, 0, 2, 1, 0],
            reason: .malformed),
        Opening(
            testDescription: "an empty record", bytes: [22, 3, 1, 0, 0], reason: .malformed),
    ]

    @Test("What is no handshake ends at once, with a word for it", arguments: openings, [1, Int.max])
    func opening(_ opening: Opening, pieces: Int) throws {
        var session = try TLSSession(server: try TestAuthority.serverContext())
        var plaintext = ByteBuffer()
        var output = ByteBuffer()
        var failure: TLSFailure?
        var position = 0
        while position < opening.bytes.count, failure == nil {
            let end = pieces == .max ? opening.bytes.count : position + pieces
            do throws(TLSFailure) {
                try session.receive(
                    opening.bytes.span.extracting(position..<end).bytes, into: &plaintext, sending: &output)
            } catch {
                failure = error
            }
            position = end
        }
        #expect(failure?.reason == opening.reason)
        let isQuiet = plaintext.isEmpty && output.count <= 7
        #expect(isQuiet)
    }

    @Test("Random bytes never get further than the handshake")
    func garbage() throws {
        let server = try TestAuthority.serverContext()
        for round in 0..<2000 {
            var session = try TLSSession(server: server)
            var plaintext = ByteBuffer()
            var output = ByteBuffer()
            var bytes = RandomBytes.make(200)
            // Half of them with the header of a handshake, so that more of it is looked at.
            if round % 2 == 0 { bytes.replaceSubrange(0..<9, with: [22, 3, 1, 0, 190, 1, 0, 0, 186]) }
            var isRefused = false
            do throws(TLSFailure) {
                try bytes.withBytes { bytes throws(TLSFailure) in
                    try session.receive(bytes, into: &plaintext, sending: &output)
                }
            } catch {
                isRefused = true
            }
            let state = session.state
            #expect(plaintext.count == 0)
            #expect(isRefused == (state == .failed) && (isRefused || state == .handshaking))
        }
    }

    @Test("A new context changes nothing for connections that exist")
    func reload() throws {
        let client = try TestAuthority.clientContext()
        var old: TLSContext? = try TestAuthority.serverContext()
        var pair = try SessionPair(client, try #require(old))
        pair.settle()
        // One that is in the middle of its handshake when the context is replaced.
        var half = try SessionPair(client, try #require(old))
        weak let watched = old
        old = nil
        let replacement = try TestAuthority.authority.issue(CertificateRequest.server(TestAuthority.host))
        let new = try TestAuthority.serverContext { $0.credentials = [replacement] }
        half.settle()
        var fresh = try SessionPair(client, new)
        fresh.settle()
        for round in 0..<3 {
            try pair.clientWrites("round \(round) ")
            try pair.serverWrites("answer \(round) ")
            pair.settle()
        }
        #expect(pair.serverText == "round 0 round 1 round 2 ")
        #expect(pair.clientText == "answer 0 answer 1 answer 2 ")
        let shown = [pair.client.peerIdentity, half.client.peerIdentity, fresh.client.peerIdentity]
        let own = TestAuthority.server.chain[0].identity
        #expect(shown == [own, own, replacement.chain[0].identity])
        #expect(watched != nil)
    }

    @Test("A context is used by many threads at once")
    func threads() throws {
        let server = try TestAuthority.serverContext()
        let client = try TestAuthority.clientContext()
        let done = try Channel<Int>(capacity: 8)
        let threads = try (0..<4).map { number in
            try SystemThread(name: "tls-\(number)") {
                var good = 0
                var earlier: TLSResumption?
                for _ in 0..<50 {
                    guard var pair = try? SessionPair(client, server, resuming: earlier) else { continue }
                    pair.settle()
                    earlier = pair.client.resumption
                    if pair.states == [.open, .open] { good += 1 }
                }
                done.send(good)
            }
        }
        var total = 0
        for _ in threads { total += done.take(waitingMilliseconds: 30_000) ?? 0 }
        for thread in threads { thread.join() }
        #expect(total == 200)
    }

    @Test("Settings that cannot work are refused with a sentence")
    func settings() throws {
        func complaint(_ body: () throws -> Void) -> String {
            do {
                try body()
                return ""
            } catch {
                return "\(error)"
            }
        }
        #expect(
            complaint { _ = try TLSContext(server: TLSServerSettings(credentials: [])) }
                == "a TLS server: needs a certificate")
        #expect(
            complaint {
                _ = try TestAuthority.serverContext {
                    $0.clientCertificates = .required
                    $0.authorities = []
                }
            } == "a TLS server: needs an authority to check its clients with")
        #expect(
            complaint { _ = try TestAuthority.clientContext { $0.trust = .authorities([]) } }
                == "a TLS client: trusts nobody")
        #expect(
            complaint { _ = try TestAuthority.serverContext { $0.applicationProtocols = [""] } }
                == "the application protocol \"\": has no usable length")
        let key = try PrivateKey(.p256)
        #expect(
            complaint { _ = try TLSCredentials(chain: TestAuthority.server.chain, key: key) }
                == "the certificate of CN=hub.example: does not belong to the private key")
    }
}
