import HubBytes
import HubConnection
import HubProtocols
import HubServer
import HubSystem
import SocketPeer
import Synchronization
import Testing

@Suite("Where connections of the hub's own may go")
struct OutboundPolicyTests {
    private static let usual = OutboundPolicy()
    private static let strict = OutboundPolicy.internetOnly

    private static let judgements:
        [(address: String, usual: OutboundPolicy.Refusal?, strict: OutboundPolicy.Refusal?)] =
            [
                ("192.0.2.1:80", nil, nil), ("[2001:db8::1]:80", nil, nil), ("172.15.255.255:1", nil, nil),
                ("172.32.0.0:1", nil, nil), ("11.0.0.0:1", nil, nil), ("9.255.255.255:1", nil, nil),
                ("127.0.0.1:80", nil, .loopback), ("127.255.0.9:80", nil, .loopback),
                ("[::1]:80", nil, .loopback),
                ("10.1.2.3:80", nil, .privateNetwork), ("172.16.0.1:80", nil, .privateNetwork),
                ("172.31.255.255:80", nil, .privateNetwork), ("192.168.1.1:80", nil, .privateNetwork),
                ("100.64.0.1:80", nil, .privateNetwork), ("[fd12::1]:80", nil, .privateNetwork),
                ("[fc00::1]:80", nil, .privateNetwork), ("[fec0::1]:80", nil, .privateNetwork),
                ("169.254.169.254:80", .linkLocal, .linkLocal), ("[fe80::1]:80", .linkLocal, .linkLocal),
                ("[febf::1]:80", .linkLocal, .linkLocal), ("[fd00:ec2::254]:80", .linkLocal, .linkLocal),
                ("100.100.100.200:80", .linkLocal, .linkLocal), ("168.63.129.16:80", .linkLocal, .linkLocal),
                ("0.0.0.0:80", .noPeer, .noPeer), ("0.1.2.3:80", .noPeer, .noPeer),
                ("[::]:80", .noPeer, .noPeer),
                ("224.0.0.1:80", .noPeer, .noPeer), ("255.255.255.255:80", .noPeer, .noPeer),
                ("[ff02::1]:80", .noPeer, .noPeer),
                // IPv4 by way of IPv6: written as one, in an old form, translated, tunnelled.
                ("[::ffff:169.254.169.254]:80", .linkLocal, .linkLocal),
                ("[::ffff:127.0.0.1]:80", nil, .loopback),
                ("[::127.0.0.1]:80", nil, .loopback),
                ("[64:ff9b::169.254.169.254]:80", .linkLocal, .linkLocal),
                ("[64:ff9b::10.0.0.1]:80", nil, .privateNetwork),
                ("[2002:a9fe:a9fe::1]:80", .linkLocal, .linkLocal),
                ("[2002:7f00:1::]:80", nil, .loopback), ("[::ffff:192.0.2.1]:80", nil, nil),
                ("unix:/run/agent.socket", nil, nil),
            ]

    @Test("Each kind of address is known, however it is written", arguments: judgements)
    func kinds(address: String, usual: OutboundPolicy.Refusal?, strict: OutboundPolicy.Refusal?) throws {
        let address = try #require(SocketAddress(address))
        #expect(Self.usual.refusal(of: address) == usual)
        #expect(Self.strict.refusal(of: address) == strict)
        #expect(Self.strict.permitted([address]).isEmpty == (strict != nil))
    }

    @Test("Exceptions hold, and what is denied stays denied")
    func exceptions() throws {
        var policy = OutboundPolicy.internetOnly
        policy.allowed = [try #require(IPNetwork("10.7.0.0/16")), try #require(IPNetwork("fe80::/10"))]
        policy.denied = [try #require(IPNetwork("10.7.7.0/24")), try #require(IPNetwork("192.0.2.0/24"))]
        let answers: [(String, OutboundPolicy.Refusal?)] = [
            ("10.7.1.1:1", nil), ("10.7.7.1:1", .denied), ("10.8.0.1:1", .privateNetwork),
            ("[fe80::9]:1", nil),
            ("192.0.2.200:1", .denied), ("[::ffff:192.0.2.200]:1", .denied), ("192.0.3.1:1", nil),
        ]
        for (text, refusal) in answers {
            #expect(policy.refusal(of: try #require(SocketAddress(text))) == refusal, "\(text)")
        }
    }

    @Test(
        "A network is read in its usual form only",
        arguments: [
            "", "/", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.1/8", "fe80::/129",
            "fe80::1/10", "10.0.0.0/8/8", "ten/8", "10.0.0.0/99999999999999999999",
        ])
    func malformed(text: String) { #expect(IPNetwork(text) == nil) }

    @Test("Neither a request nor a WebSocket is begun to an address that is refused, whatever the name")
    func refused() throws {
        let agent = try WebHub()
        var settings = WebSettings.patient
        settings.outbound = .internetOnly
        let caller = try WebHub(.patient, settings)
        let refusals = Mutex<[WebRequestFault]>([])
        let (port, address) = (agent.port, agent.address)
        caller.run { web, loop in
            do throws(WebRequestFault) {
                guard let url = try? HTTPURL("http://innocent.example:\(port)/") else { return }
                _ = try web.call(WebCall(.get, url, at: address), &loop)
            } catch { refusals.withLock { $0.append(error) } }
            do throws(WebRequestFault) {
                guard let url = try? HTTPURL("ws://innocent.example:\(port)/") else { return }
                _ = try web.open(WebSocketRequest(url, at: address), &loop)
            } catch { refusals.withLock { $0.append(error) } }
        }
        let end = SystemClock.monotonicNanoseconds() + 30_000_000_000
        while refusals.withLock({ $0.count }) < 2, SystemClock.monotonicNanoseconds() < end {
            SystemClock.sleep(milliseconds: 1)
        }
        #expect(refusals.withLock { $0 } == [.forbidden(.loopback), .forbidden(.loopback)])
        #expect(agent.group.count(.accepted) == 0 && agent.recorder.read { $0.requests.isEmpty })
    }
}
