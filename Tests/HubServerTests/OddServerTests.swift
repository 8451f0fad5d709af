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

    @Test("A connection on which the request is not yet sent to its end is not used for another one")
    func earlyAnswer() throws {
        var odd = OddServer()
        odd.text = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno"
        odd.stopsReading = true
        let (group, address) = try OddServer.start(odd)
        defer { group.stop(graceMilliseconds: 0) }
        // More than the system takes in on the way.
        var connections = ConnectionSettings.patient
        connections.outboundMax = 64 << 20
        let caller = try WebHub(connections)
        for number in 1...2 {
            Self.call(caller, address, "http", .post, contentBytes: 32 << 20)
            #expect(caller.recorder.waits { $0.answers.count == number })
        }
        #expect(caller.recorder.read { $0.answers.allSatisfy { $0.content == "no" } })
        #expect(caller.counters[.callConnections] == 2)
    }

    /// Asks again at once, each time that there is no connection.
    private struct Stubborn: WebApplication {
        typealias Message = Int

        let url: HTTPURL
        let address: SocketAddress
        let failures: FailureCount

        mutating func took(_ message: Int, _ web: inout WebConnections, _ loop: inout EventLoop) {
            _ = try? web.call(WebCall(.get, url, at: address), &loop)
        }

        mutating func answered(
            _ call: WebCallID, _ outcome: WebCallOutcome, _ content: RawSpan, _ web: inout WebConnections,
            _ loop: inout EventLoop
        ) {
            // A bound of its own: without the loop's, this test would not end either.
            if failures.count.wrappingAdd(1, ordering: .relaxed).newValue < 100_000 { took(0, &web, &loop) }
        }
    }

    private final class FailureCount: Sendable {
        let count = Atomic(0)
    }

    @Test("An application that asks again at once when nobody is there does not hold up the loop")
    func askingAgain() throws {
        let failures = FailureCount()
        let url = try HTTPURL("http://odd.test/")
        let nobody = SocketAddress.unix(path: "/nonexistent/socket")
        let admission = AdmissionLimits(totalMax: 100, perAddressMax: 100)
        let group = try LoopGroup(count: 1, settings: .patient, admission: admission) { _ in
            WebHandler(Stubborn(url: url, address: nobody, failures: failures), .patient)
        }
        var message: Int? = 1
        group.loops[0].send(&message)
        SystemClock.sleep(milliseconds: 500)
        group.stop(graceMilliseconds: 0)
        // Once in each sweep, of which there were 25; not as often as it can.
        #expect((1...1000).contains(failures.count.load(ordering: .relaxed)))
    }
}
