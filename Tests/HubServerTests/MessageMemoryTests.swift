import HubBytes
import HubConnection
import HubProtocols
import HubServer
import HubSystem
import SocketPeer
import Testing

@Suite("Memory for messages in pieces")
struct MessageMemoryTests {
    private static let half = [UInt8](repeating: 7, count: 600_000)

    private static func hub() throws -> WebHub {
        var settings = WebSettings.patient
        settings.assembledBytesMax = 1_000_000
        return try WebHub(.patient, settings, echoes: false)
    }

    private static func begin(_ hub: WebHub) throws -> Peer {
        let peer = try Peer(hub.address)
        _ = peer.upgrade()
        #expect(peer.send(Peer.frame(.binary, half, isFinal: false)))
        // Answered only when all before it was read.
        #expect(peer.send(.ping, "here?"))
        return peer
    }

    @Test("All connections together have a bound, and whoever goes beyond it is told to come later")
    func bounded() throws {
        let hub = try Self.hub()
        let first = try Self.begin(hub)
        #expect(first.frame()?.opcode == 10)
        let second = try Self.begin(hub)
        #expect(second.closeCode() == 1013)
        second.finish()
        #expect(second.ending() == .end)
        #expect(hub.recorder.waits { $0.closed.count == 1 })
        #expect(hub.recorder.read { $0.closed[0].code } == 1013)
        // Whoever was there first comes to its end.
        #expect(first.send(.continuation, "end"))
        #expect(hub.recorder.waits { $0.messages == ["600003 bytes"] })
    }

    @Test("What is complete, and what was begun by somebody who is gone, does not count")
    func givenBack() throws {
        let hub = try Self.hub()
        for round in 1...5 {
            let finishing = try Self.begin(hub)
            #expect(finishing.frame()?.opcode == 10)
            #expect(finishing.send(.continuation, "end"))
            #expect(hub.recorder.waits { $0.messages.count == round })
            let leaving = try Self.begin(hub)
            #expect(leaving.frame()?.opcode == 10)
            leaving.reset()
            #expect(hub.recorder.waits { $0.closed.count >= round })
            finishing.reset()
            #expect(hub.recorder.waits { $0.closed.count == 2 * round })
        }
        #expect(hub.recorder.read { $0.closed.allSatisfy { $0.code == 1006 } })
    }
}
