import Glibc
import HubBytes
import HubConnection
import HubSystem
import SocketPeer
import Testing

/// Who is let in, and by which loop.
@Suite struct ListenerTests {
    @Test func `An address gets as many connections as allowed, and again when some are gone`() throws {
        let hub = try TestHub(perAddress: 3) { echo(&$0) }
        var peers: [Peer] = []
        for _ in 0..<3 { peers.append(try Peer(hub.address)) }
        #expect(hub.recorder.wait { $0.opened.count == 3 })
        let refused = try Peer(hub.address)
        #expect(refused.ending() == .end)
        #expect(eventually { hub.count(.refusedAddress) == 1 })
        #expect(hub.recorder.wait { $0.notices == [.connectionsRefused(.refusedAddress)] })
        peers.removeLast()
        #expect(hub.recorder.wait { $0.closed.count == 1 })
        let again = try Peer(hub.address)
        #expect(again.send("x") && again.text(1) == "x")
        #expect(hub.group.admission.total == 3)
    }

    @Test func `There are as many connections as allowed, over all loops`() throws {
        let hub = try TestHub(loops: 2, total: 5) { echo(&$0) }
        var peers: [Peer] = []
        for _ in 0..<5 { peers.append(try Peer(hub.address)) }
        for peer in peers { #expect(peer.send("x") && peer.text(1) == "x") }
        let refused = try Peer(hub.address)
        #expect(refused.ending() == .end)
        #expect(eventually { hub.count(.refusedTotal) == 1 })
    }

    @Test func `An IPv6 network counts as one address, and IPv4 is IPv4 however it is written`() throws {
        let one = try #require(IPAddress("2001:db8:1:2:3::1"))
        let other = try #require(IPAddress("2001:db8:1:2:ffff::9"))
        let elsewhere = try #require(IPAddress("2001:db8:1:3::1"))
        #expect(one != other && one.network == other.network && one.network != elsewhere.network)
        let four = try #require(IPAddress("192.0.2.1"))
        #expect(four.isIPv4 && four.network == four)
    }

    @Test(arguments: [
        ("127.0.0.1:80", "127.0.0.1:80"), ("[::1]:65535", "[::1]:65535"),
        ("[2001:DB8:0:0::1]:1", "[2001:db8::1]:1"),
        ("unix:/run/hub.socket", "unix:/run/hub.socket"), ("[fe80::1%lo]:5", "[fe80::1%lo]:5"),
    ])
    func `An address is read and written`(_ text: String, _ expected: String) throws {
        let address = try #require(SocketAddress(text))
        #expect(address.description == expected && SocketAddress(expected) == address)
    }

    @Test(arguments: [
        "", ":", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.256:1", "::1:80",
        "[127.0.0.1]:80",
        "[::1]", "[::1:80", "localhost:80", "unix:", "unix:" + String(repeating: "x", count: 108),
        "[fe80::1%no-such]:1",
        "127.0.0.1\0:80", "unix:/a\0b", "[" + String(repeating: "0", count: 300) + "]:80",
    ])
    func `What is no address is refused`(_ text: String) { #expect(SocketAddress(text) == nil) }

    @Test func `A host's name becomes addresses, one that nobody has becomes none`() throws {
        let addresses = SocketAddress.resolve(host: "localhost", port: 80)
        #expect(addresses.contains { $0.description == "127.0.0.1:80" || $0.description == "[::1]:80" })
        #expect(SocketAddress.resolve(host: "no such host.invalid", port: 80).isEmpty)
    }

    @Test func `Connections are dealt out evenly`() throws {
        let hub = try TestHub(loops: 3) { echo(&$0) }
        var peers: [Peer] = []
        for _ in 0..<60 { peers.append(try Peer(hub.address)) }
        for peer in peers { #expect(peer.send("x") && peer.text(1) == "x") }
        #expect(hub.group.loops.map { $0.counters[.open] } == [20, 20, 20])
        // Those that come in place of others go where there are fewest.
        let before = hub.group.loops.map { $0.counters[.adopted] }
        peers.removeFirst(30)
        #expect(hub.recorder.wait { $0.closed.count == 30 })
        for _ in 0..<30 { peers.append(try Peer(hub.address)) }
        for peer in peers { #expect(peer.send("x") && peer.text(1) == "x") }
        let open = hub.group.loops.map { $0.counters[.open] }
        #expect(open == [20, 20, 20], "\(before)")
    }

    @Test func `No more are taken in a second than allowed; the others wait and come later`() throws {
        var settings = ConnectionSettings.patient
        settings.acceptsPerSecondMax = 10
        let hub = try TestHub(settings) { echo(&$0) }
        let start = SystemClock.monotonicNanoseconds()
        var peers: [Peer] = []
        for _ in 0..<15 { peers.append(try Peer(hub.address)) }
        for peer in peers { #expect(peer.send("x") && peer.text(1) == "x") }
        // Ten at once, and five that come a tenth of a second after one another.
        #expect(SystemClock.monotonicNanoseconds() - start >= 400_000_000)
        #expect(hub.count(.acceptThrottled) > 0 && hub.count(.accepted) == 15)
    }

    @Test func `Several sockets may share a port`() throws {
        let any = try #require(SocketAddress("127.0.0.1:0"))
        let first = try ListeningSocket(any, sharesPort: true)
        let second = try ListeningSocket(first.address, sharesPort: true)
        let same = second.address == first.address
        #expect(same)
        var code: Int32 = 0
        do { _ = try ListeningSocket(first.address).address } catch { code = error.code }
        #expect(code == SystemError.addressInUse)
    }

    /// In a child process, which loses all its descriptors.
    @Test func `A hub without descriptors turns connections away and recovers`() async throws {
        await #expect(processExitsWith: .success) {
            let hub = try TestHub { echo(&$0) }
            let before = try Peer(hub.address)
            precondition(before.send("x") && before.text(1) == "x")
            // Sockets that connect later are made while they can be.
            var waiting = (0..<3).map { _ in socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) }
            var limit = rlimit(rlim_cur: 64, rlim_max: 64)
            precondition(setrlimit(__rlimit_resource_t(7), &limit) == 0)
            var taken: [Int32] = []
            while true {
                let descriptor = open("/dev/null", O_RDONLY)
                if descriptor < 0 { break }
                taken.append(descriptor)
            }
            guard case .ip(_, let port) = hub.address else { preconditionFailure() }
            for descriptor in waiting {
                var address = sockaddr_in()
                address.sin_family = sa_family_t(AF_INET)
                address.sin_port = port.bigEndian
                address.sin_addr.s_addr = inet_addr("127.0.0.1")
                let connected = withUnsafePointer(to: &address) {
                    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                    }
                }
                precondition(connected == 0)
                var byte: UInt8 = 0
                // Told at once that it is over, and not left waiting.
                precondition(recv(descriptor, &byte, 1, 0) <= 0)
            }
            precondition(hub.recorder.wait { $0.notices == [.descriptorsExhausted] })
            // The peers may know before the loop has counted.
            precondition(eventually { hub.count(.shedNoDescriptors) == 3 })
            // It rests in between, and does not spin.
            precondition(hub.count(.turns) < 1000)
            precondition(before.send("y") && before.text(1) == "y")
            for descriptor in taken + waiting { close(descriptor) }
            waiting = []
            let after = try Peer(hub.address)
            precondition(after.send("z") && after.text(1) == "z")
            precondition(hub.recorder.wait { $0.notices == [.descriptorsExhausted, .descriptorsAvailable] })
        }
    }
}
