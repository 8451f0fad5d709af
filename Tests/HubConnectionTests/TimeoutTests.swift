import HubBytes
import HubConnection
import HubSystem
import SocketPeer
import Testing

/// Peers that are slow, silent or gone, and how long they are put up with.
@Suite struct TimeoutTests {
    private static let short: Int64 = 150

    @Test func `A slow reader fills its queue, is told of, and recovers`() throws {
        var settings = ConnectionSettings.patient
        settings.outboundHighWater = 256 * 1024
        settings.outboundLowWater = 64 * 1024
        settings.outboundMax = 1 << 20
        let block = [UInt8](repeating: 7, count: 16 * 1024)
        let total = 600
        let hub = try TestHub(settings) { script in
            let recorder = script.recorder
            // Sends until the connection is full, then waits until it has room: as the hub's catching up does.
            let pump: (ConnectionID, inout EventLoop) -> Void = { id, loop in
                while recorder.now.byteCount < total * block.count {
                    let outcome = block.withBytes { loop.send($0, on: id) }
                    #expect(outcome != .refused)
                    recorder.note { $0.byteCount += block.count }
                    if outcome == .full { return }
                }
                loop.close(id)
            }
            script.onOpened = { id, _, loop in
                loop.markEstablished(id)
                pump(id, &loop)
            }
            script.onRoom = pump
        }
        let peer = try Peer(hub.address)
        #expect(hub.recorder.wait { $0.filled == 1 })
        // The socket's own buffers take some; what is queued stays within one block of the mark.
        let received = peer.receive(total * block.count)
        #expect(received.count == total * block.count && received.allSatisfy { $0 == 7 })
        #expect(peer.ending() == .end)
        let events = hub.recorder.now
        // Once at least for each time that a quarter of a mebibyte was put in, but for what the socket took at once.
        #expect(events.filled >= 1 && events.roomy > 10)
        #expect(hub.count(.queuedMax) < settings.outboundHighWater + block.count)
        #expect(hub.count(.sendsRefused) == 0)
    }

    @Test func `More than the bound is refused, header and payload together`() throws {
        var settings = ConnectionSettings.patient
        settings.outboundMax = 300_000
        settings.outboundHighWater = 200_000
        let hub = try TestHub(settings) { script in
            let recorder = script.recorder
            script.onOpened = { id, _, loop in
                var buffer = ByteBuffer()
                buffer.append(zeros: 100_000)
                let shared = SharedBytes(buffer)
                for _ in 0..<4 {
                    let outcome = [1].withBytes { loop.send($0, shared, on: id) }
                    recorder.note { $0.notes.append("\(outcome)") }
                }
                recorder.note { $0.byteCount = loop.waitingBytes(id) }
            }
        }
        let peer = try Peer(hub.address)
        #expect(hub.recorder.wait { $0.opened.count == 1 })
        #expect(hub.recorder.now.notes == ["queued", "full", "refused", "refused"])
        #expect(hub.recorder.now.byteCount == 200_002)
        #expect(peer.receive(200_002).count == 200_002)
    }

    @Test func `A peer that takes no byte is cut off, one that takes some is not`() throws {
        var settings = ConnectionSettings.patient
        settings.writeMilliseconds = 400
        settings.outboundMax = 64 << 20
        settings.idleMilliseconds = 600_000
        let hub = try TestHub(settings) { script in
            script.onOpened = { id, _, loop in
                loop.markEstablished(id)
                [UInt8](repeating: 1, count: 32 << 20).withBytes { _ = loop.send($0, on: id) }
            }
        }
        let reads = try Peer(hub.address)
        let stalls = try Peer(hub.address)
        stalls.shrinkBuffers()
        var received = 0
        while hub.recorder.now.closed.isEmpty {
            received += reads.receive(16 * 1024).count
            SystemClock.sleep(milliseconds: 5)
        }
        #expect(hub.recorder.now.closed == [.writeStalled] && hub.count(.timeoutWrite) == 1)
        // More than the buffers between the two could have held.
        received += reads.receive(16 << 20).count
        #expect(received > 16 << 20 && hub.count(.open) == 1)
        #expect(stalls.ending() == .failed)
    }

    @Test func `A silent connection is closed when its time is up, one that speaks is not`() throws {
        var settings = ConnectionSettings.patient
        settings.idleMilliseconds = 600
        let hub = try TestHub(settings) { echo(&$0) }
        let silent = try Peer(hub.address)
        let speaks = try Peer(hub.address)
        let start = SystemClock.monotonicNanoseconds()
        while hub.recorder.now.closed.isEmpty {
            #expect(speaks.send("x") && speaks.text(1) == "x")
            SystemClock.sleep(milliseconds: 5)
        }
        #expect(SystemClock.monotonicNanoseconds() - start >= 590_000_000)
        #expect(hub.recorder.now.closed == [.idle] && hub.count(.timeoutIdle) == 1)
        #expect(silent.ending() == .end)
    }

    @Test func `Whoever does not get through the handshake in time is cut off, however much it sends`() throws
    {
        var settings = ConnectionSettings.patient
        settings.handshakeMilliseconds = 400
        let hub = try TestHub(settings) { script in
            script.onOpened = { _, _, _ in }
            script.onReceived = { id, bytes, loop in
                // The letter e is the whole of this handshake.
                if bytes.array.contains(101) { loop.markEstablished(id) }
                return bytes.byteCount
            }
        }
        let slow = try Peer(hub.address)
        let quick = try Peer(hub.address)
        #expect(quick.send("e"))
        while hub.recorder.now.closed.isEmpty {
            _ = slow.sendNow([120])
            SystemClock.sleep(milliseconds: 2)
        }
        #expect(hub.recorder.now.closed == [.deadline] && hub.count(.timeoutDeadline) == 1)
        #expect(hub.count(.open) == 1)
    }

    @Test func `What is sent a byte at a time is not waited for, what comes slowly but steadily is`() throws {
        var settings = ConnectionSettings.patient
        settings.partialMilliseconds = 400
        settings.partialBytesPerSecondMin = 2000
        let hub = try TestHub(settings) { $0.onReceived = { _, _, _ in 0 } }
        let loris = try Peer(hub.address)
        let steady = try Peer(hub.address)
        let start = SystemClock.monotonicNanoseconds()
        while hub.recorder.now.closed.isEmpty {
            _ = loris.sendNow([1])
            // Far more than asked for, so that a busy machine is no reason to fail.
            _ = steady.sendNow([UInt8](repeating: 1, count: 500))
            SystemClock.sleep(milliseconds: 10)
        }
        #expect(SystemClock.monotonicNanoseconds() - start >= 390_000_000)
        #expect(hub.recorder.now.closed == [.slowSender] && hub.count(.timeoutSlowSender) == 1)
        #expect(hub.recorder.now.closedIDs == [hub.recorder.now.opened[0]])
        #expect(loris.ending() == .failed)
    }

    @Test func `Closing does not wait for ever for a peer that takes nothing or stays`() throws {
        var settings = ConnectionSettings.patient
        settings.lingerMilliseconds = Self.short
        let hub = try TestHub(settings) { script in
            script.onReceived = { id, bytes, loop in
                if bytes.array.contains(1) {
                    [UInt8](repeating: 1, count: 3_900_000).withBytes { _ = loop.send($0, on: id) }
                }
                loop.close(id)
                return bytes.byteCount
            }
        }
        let stays = try Peer(hub.address)
        #expect(stays.send([0]))
        let takesNothing = try Peer(hub.address)
        takesNothing.shrinkBuffers()
        #expect(takesNothing.send([1]))
        #expect(hub.recorder.wait { $0.closed == [.lingerTimeout, .lingerTimeout] })
    }

    @Test func `A peer that goes on sending after closing is cut off`() throws {
        let hub = try TestHub { $0.onOpened = { id, _, loop in loop.close(id) } }
        let peer = try Peer(hub.address)
        #expect(hub.recorder.wait { $0.opened.count == 1 })
        var sent = 0
        let block = [UInt8](repeating: 1, count: 64 * 1024)
        while hub.recorder.now.closed.isEmpty, sent < 200 << 20 { sent += peer.sendNow(block) }
        #expect(hub.recorder.wait { $0.closed == [.lingerTimeout] })
    }

    @Test func `A timer that is armed for now, again and again, holds nobody up`() throws {
        let hub = try TestHub { script in
            script.onStarted = { loop in _ = loop.arm(1, afterMilliseconds: 0) }
            script.onTimer = { _, loop in _ = loop.arm(1, afterMilliseconds: 0) }
            echo(&script)
        }
        let peer = try Peer(hub.address)
        #expect(peer.send("hello") && peer.text(5) == "hello")
    }

    @Test func `Timers fire in order, not before their time, and not when cancelled`() throws {
        let hub = try TestHub { script in
            let recorder = script.recorder
            script.onStarted = { loop in
                _ = loop.arm(3, afterMilliseconds: 60)
                _ = loop.arm(1, afterMilliseconds: 0)
                let cancelled = loop.arm(9, afterMilliseconds: 5)
                _ = loop.arm(2, afterMilliseconds: 30)
                loop.cancel(cancelled)
                let begin = loop.now
                recorder.note { $0.byteCount = Int(begin) }
            }
            script.onTimer = { payload, loop in
                let passed = Int(loop.now) - recorder.now.byteCount
                if passed < [0, 0, 30, 60][Int(payload)] {
                    recorder.note { $0.notes.append("early") }
                }
            }
        }
        #expect(hub.recorder.wait { $0.timers == [1, 2, 3] })
        #expect(hub.recorder.now.notes.isEmpty)
    }
}
