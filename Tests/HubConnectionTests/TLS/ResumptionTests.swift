import HubBytes
import HubSystem
import Synchronization
import Testing

@testable import HubConnection

/// Coming back without a full handshake, and when that must not work.
@Suite struct ResumptionTests {
    private func visit(
        _ client: TLSContext, _ server: TLSContext, _ earlier: TLSResumption? = nil,
        host: String = TestAuthority.host
    ) throws -> (resumption: TLSResumption?, isResumed: Bool, identity: PeerIdentity?) {
        var pair = try SessionPair(client, server, host: host, resuming: earlier)
        pair.settle()
        let states = pair.states
        #expect(states == [.open, .open])
        #expect(pair.client.isResumed == pair.server.isResumed)
        // Bytes go through either way.
        try pair.clientWrites("hello")
        pair.settle()
        #expect(pair.serverText == "hello")
        return (pair.client.resumption, pair.server.isResumed, pair.server.peerIdentity)
    }

    @Test("A client that comes back saves the handshake, again and again, and is still known")
    func resumes() throws {
        let client = try TestAuthority.clientContext { $0.credentials = TestAuthority.client }
        let server = try TestAuthority.serverContext { $0.clientCertificates = .required }
        let first = try visit(client, server)
        #expect(!first.isResumed && first.resumption != nil)
        let second = try visit(client, server, first.resumption)
        #expect(second.isResumed && second.identity == TestAuthority.client.chain[0].identity)
        // The first ticket works a second time, and the renewed one as well.
        #expect(try visit(client, server, first.resumption).isResumed)
        #expect(try visit(client, server, second.resumption).isResumed)
    }

    @Test("A connection that was cut can be resumed")
    func resumesAfterCut() throws {
        let client = try TestAuthority.clientContext()
        let server = try TestAuthority.serverContext()
        var pair = try SessionPair(client, server)
        pair.settle()
        let resumption = pair.client.resumption
        try? pair.client.endOfInput()
        #expect(pair.client.failure?.reason == .truncated)
        #expect(try visit(client, server, resumption).isResumed)
    }

    @Test("Another host, another client's context and a reloaded server begin anew")
    func begins() throws {
        let client = try TestAuthority.clientContext()
        let server = try TestAuthority.serverContext()
        let resumption = try visit(client, server).resumption
        #expect(try !visit(client, server, resumption, host: "127.0.0.1").isResumed)
        #expect(try !visit(TestAuthority.clientContext(), server, resumption).isResumed)
        #expect(try !visit(client, TestAuthority.serverContext(), resumption).isResumed)
        #expect(try visit(client, server, resumption).isResumed)
    }

    @Test("Who was revoked does not come back by an old ticket: a reload ends all of them")
    func revoked() throws {
        let client = try TestAuthority.clientContext { $0.credentials = TestAuthority.client }
        let before = try TestAuthority.serverContext { $0.clientCertificates = .required }
        let resumption = try visit(client, before).resumption
        let entry = (serial: TestAuthority.client.chain[0].identity.serial, time: TestAuthority.now)
        let after = try TestAuthority.serverContext {
            $0.clientCertificates = .required
            $0.revocations = [try TestAuthority.authority.revocations([entry], number: 2)]
        }
        var pair = try SessionPair(client, after, resuming: resumption)
        pair.settle()
        #expect(pair.serverFailure?.reason == .revoked)
    }

    @Test("A ticket ends with its owner's certificate")
    func expires() throws {
        var request = CertificateRequest.client("short")
        request.validDays = 1
        request.notBefore = TestAuthority.now - 86_400 + 2
        let credentials = try TestAuthority.authority.issue(request)
        let client = try TestAuthority.clientContext { $0.credentials = credentials }
        let server = try TestAuthority.serverContext { $0.clientCertificates = .required }
        let resumption = try visit(client, server).resumption
        while TestAuthority.now <= credentials.chain[0].identity.notAfter {
            SystemClock.sleep(milliseconds: 50)
        }
        var pair = try SessionPair(client, server, resuming: resumption)
        pair.settle()
        #expect(pair.serverFailure?.reason == .expired)
    }

    @Test("Without resumption no tickets are issued")
    func none() throws {
        let client = try TestAuthority.clientContext()
        let server = try TestAuthority.serverContext { $0.resumptionSeconds = 0 }
        let first = try visit(client, server)
        #expect(first.resumption == nil)
    }

    @Test("Any of a server's names takes the tickets that it issued under that name")
    func resumesByName() throws {
        let authority = TestAuthority.authority
        let client = try TestAuthority.clientContext()
        let server = try TestAuthority.serverContext {
            $0.credentials = try ["one.example", "two.example"].map {
                try authority.issue(CertificateRequest.server($0))
            }
        }
        for host in ["one.example", "two.example"] {
            let resumption = try visit(client, server, host: host).resumption
            #expect(try visit(client, server, resumption, host: host).isResumed)
        }
    }

    @Test("Ticket keys are replaced at half of their life, and forgotten at its end")
    func rotation() {
        let clock = SteppedClock()
        let keys = TicketKeys(lifetimeSeconds: 100) { clock.now }
        let first = keys.newest().name
        #expect(keys.key(named: first) != nil)
        clock.advance(seconds: 49)
        #expect(keys.newest().name == first && keys.count == 1)
        clock.advance(seconds: 1)
        let second = keys.newest().name
        #expect(second != first && keys.count == 2)
        #expect(keys.key(named: first) != nil && keys.key(named: second) != nil)
        clock.advance(seconds: 50)
        // Even before anybody seals again, what has run out opens nothing.
        #expect(keys.key(named: first) == nil && keys.key(named: second) != nil)
        let third = keys.newest().name
        #expect(third != second && keys.count == 2)
        clock.advance(seconds: 1000)
        #expect(keys.key(named: third) == nil)
    }
}

/// A clock that goes when it is told to.
private final class SteppedClock: Sendable {
    private let time = Mutex<UInt64>(1_000_000_000)
    var now: UInt64 { time.withLock { $0 } }
    func advance(seconds: UInt64) { time.withLock { $0 += seconds * 1_000_000_000 } }
}
