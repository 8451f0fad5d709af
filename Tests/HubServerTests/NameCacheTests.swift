import HubServer
import HubSystem
import Synchronization
import Testing

@Suite("Remembered addresses of hosts")
struct NameCacheTests {
    private static let millisecond: UInt64 = 1_000_000

    @Test("What was found is known for its time, with the port that is asked for, and what was not for less")
    func times() throws {
        var cache = NameCache(hostsMax: 10, holdsMilliseconds: 1000, missingMilliseconds: 100)
        let found = try #require(SocketAddress("192.0.2.1:80"))
        let wanted = try #require(SocketAddress("192.0.2.1:443"))
        cache.remember([found], of: "there.test", now: 0)
        cache.remember([], of: "missing.test", now: 0)
        #expect(cache.addresses(of: "there.test", port: 443, now: 999 * Self.millisecond) == [wanted])
        #expect(cache.addresses(of: "there.test", port: 443, now: 1000 * Self.millisecond) == nil)
        #expect(cache.addresses(of: "missing.test", port: 1, now: 99 * Self.millisecond) == [])
        #expect(cache.addresses(of: "missing.test", port: 1, now: 100 * Self.millisecond) == nil)
        #expect(cache.addresses(of: "other.test", port: 1, now: 0) == nil)
    }

    @Test("No more hosts are remembered than may be: those go whose time is over, or is over first")
    func bounded() throws {
        var cache = NameCache(hostsMax: 3, holdsMilliseconds: 1000, missingMilliseconds: 100)
        for number in 0..<100 {
            cache.remember([], of: "host-\(number).test", now: UInt64(number) * Self.millisecond)
            #expect(cache.count <= 3)
        }
        let now = 100 * Self.millisecond
        let known = (0..<100).filter { cache.addresses(of: "host-\($0).test", port: 1, now: now) != nil }
        #expect(known == [97, 98, 99])
        cache.remember([], of: "late.test", now: 1000 * Self.millisecond)
        #expect(cache.count == 1)
        var none = NameCache(hostsMax: 0, holdsMilliseconds: .max, missingMilliseconds: .max)
        none.remember([], of: "host.test", now: .max)
        #expect(none.count == 0)
    }

    @Test("A lookup remembers what it found, for whoever asks without waiting")
    func remembers() throws {
        let lookup = try NameLookup(threads: 1)
        #expect(lookup.known(host: "127.0.0.1", port: 80) == nil)
        let answers = Mutex<[[SocketAddress]]>([])
        for port in [80, 81] as [UInt16] {
            #expect(
                lookup.ask(host: "127.0.0.1", port: port) { found in answers.withLock { $0.append(found) } })
        }
        lookup.stop()
        let expected = [
            try #require(SocketAddress("127.0.0.1:80")), try #require(SocketAddress("127.0.0.1:81")),
        ]
        #expect(answers.withLock { $0 } == expected.map { [$0] })
        #expect(lookup.known(host: "127.0.0.1", port: 81) == [expected[1]])
    }
}
