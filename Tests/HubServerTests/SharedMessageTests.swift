import HubBytes
import HubConnection
import HubProtocols
import HubServer
import HubSystem
import SocketPeer
import Synchronization
import Testing

@Suite("One payload for many WebSockets")
struct SharedMessageTests {
    private static func hub(_ deflate: DeflateSettings? = DeflateSettings()) throws -> WebHub {
        var settings = WebSettings.patient
        settings.handshake.deflate = deflate
        return try WebHub(.patient, settings, echoes: false)
    }

    private static func open(_ caller: WebHub, _ hub: WebHub, _ deflate: DeflateSettings?) {
        let (text, address) = ("ws://127.0.0.1:\(hub.port)/", hub.address)
        caller.run { web, loop in
            guard let url = try? HTTPURL(text) else { return }
            var request = WebSocketRequest(url, at: address)
            request.deflate = deflate
            _ = try? web.open(request, &loop)
        }
    }

    /// Sends all a compressed text and says what became of it.
    private static func share(
        _ hub: WebHub, _ ids: [ConnectionID], _ text: String, bits: Int
    ) -> [SendOutcome] {
        let outcomes = Mutex<[SendOutcome]>([])
        hub.run { web, loop in
            guard var deflater = Deflater(window: DeflateWindow(bits: bits, isKept: false)) else { return }
            var buffer = ByteBuffer(capacity: 4096)
            guard text.withBytes({ deflater.compress($0, to: &buffer) }) else { return }
            let payload = SharedBytes(buffer)
            for id in ids {
                let outcome = web.send(id, .text, shared: payload, compressedBits: bits, &loop)
                outcomes.withLock { $0.append(outcome) }
            }
        }
        let end = SystemClock.monotonicNanoseconds() + 30_000_000_000
        while outcomes.withLock({ $0.count }) < ids.count, SystemClock.monotonicNanoseconds() < end {
            SystemClock.sleep(milliseconds: 1)
        }
        return outcomes.withLock { $0 }
    }

    @Test("A compressed payload goes to those that agreed on it, and is refused to the others")
    func compressed() throws {
        let hub = try Self.hub()
        let caller = try WebHub(echoes: false)
        let offers: [DeflateSettings?] = [DeflateSettings(), nil, DeflateSettings(serverBits: 10)]
        for (number, offer) in offers.enumerated() {
            Self.open(caller, hub, offer)
            #expect(hub.recorder.waits { $0.opened.count == number + 1 })
        }
        let ids = hub.recorder.read { $0.opened.map(\.id) }
        let text = String(repeating: "all ", count: 20)
        #expect(Self.share(hub, ids, text, bits: 15) == [.queued, .refused, .refused])
        #expect(Self.share(hub, ids, text, bits: 9) == [.queued, .refused, .queued])
        #expect(caller.recorder.waits { $0.messages == [text, text, text] })
        #expect(hub.counters[.messagesOut] == 3 && hub.counters[.messagesRefused] == 3)
    }

    @Test("It is refused where messages refer to each other, and on a connection of the hub's own")
    func kept() throws {
        let keeping = DeflateSettings(isServerContextKept: true, isClientContextKept: true)
        let hub = try Self.hub(keeping)
        let caller = try WebHub(echoes: false)
        Self.open(caller, hub, keeping)
        #expect(hub.recorder.waits { $0.opened.count == 1 })
        #expect(caller.recorder.waits { $0.opened.count == 1 })
        let (theirs, ours) = (hub.recorder.read { $0.opened[0].id }, caller.recorder.read { $0.opened[0].id })
        #expect(Self.share(hub, [theirs], "text", bits: 9) == [.refused])
        #expect(Self.share(caller, [ours], "text", bits: 9) == [.refused])
        #expect(caller.recorder.read { $0.closed.isEmpty && $0.messages.isEmpty })
    }
}
