import HubBytes
import HubSystem
import SocketPeer
import Testing

@testable import HubConnection

/// Pauses that are meant as "never".
@Suite struct MomentTests {
    @Test(
        arguments: [
            (0, 0, 0), (5, 7, 12), (5, -7, -2), (5, Int64.max, Int64.max), (Int64.max, 1, Int64.max),
            (Int64.max - 3, 3, Int64.max), (-5, Int64.min, Int64.min),
        ] as [(Int64, Int64, Int64)])
    func `A moment beyond the last one is the last one`(moment: Int64, pause: Int64, later: Int64) {
        #expect(Moment.later(moment, by: pause) == later)
    }

    @Test(arguments: [Int64.max, Int64.max - 10_000])
    func `A loop whose deadlines are all never works, waits, and stops`(never: Int64) throws {
        var settings = ConnectionSettings()
        settings.handshakeMilliseconds = never
        settings.connectMilliseconds = never
        settings.idleMilliseconds = never
        settings.partialMilliseconds = never
        settings.writeMilliseconds = never
        settings.lingerMilliseconds = never
        settings.keepBuffersMilliseconds = never
        settings.acceptPauseMilliseconds = never
        let hub = try TestHub(settings) { script in
            script.onStarted = { loop in _ = loop.arm(1, afterMilliseconds: never) }
            script.onReceived = { id, bytes, loop in
                loop.setDeadline(id, afterMilliseconds: never)
                loop.send(bytes.bytes, on: id)
                // Something is always kept, so that the limit for what was begun is asked for.
                return bytes.byteCount - 1
            }
        }
        let peer = try Peer(hub.address)
        for _ in 0..<3 {
            #expect(peer.send("ab"))
            #expect(!peer.receive(2).isEmpty)
            SystemClock.sleep(milliseconds: 100)
        }
        let block = [UInt8](repeating: 1, count: 1 << 20)
        peer.shrinkBuffers()
        hub.loop.stop(graceMilliseconds: never)
        _ = peer.sendNow(block)
        peer.finish()
        #expect(peer.ending() != .none)
        peer.leave()
        #expect(hub.recorder.wait { $0.closed.count == 1 })
        hub.loop.join()
    }
}
