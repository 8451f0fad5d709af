import HubBytes
import HubConnection
import HubSystem
import SocketPeer
import Synchronization
import Testing

/// Turns, messages from other threads, and the end of a loop.
@Suite struct LoopTests {
    @Test
    func `An event for a connection that the same turn closed reaches nobody, its successor least of all`()
        throws
    {
        let held = try EventCounterBox()
        let goOn = try EventCounterBox()
        let hub = try TestHub { script in
            let recorder = script.recorder
            // Holds the loop up until both have something to say: whichever comes first then closes the other.
            script.onMessage = { _, _ in
                held.counter.signal()
                goOn.counter.wait()
            }
            script.onReceived = { id, bytes, loop in
                let count = bytes.byteCount
                recorder.note { $0.byteCount += count }
                for other in recorder.now.opened where other != id { loop.cut(other) }
                return count
            }
        }
        for round in 1...20 {
            let first = try Peer(hub.address)
            let second = try Peer(hub.address)
            #expect(hub.recorder.wait { $0.opened.count == 2 * round })
            var message: Int? = 1
            hub.loop.send(&message)
            held.counter.wait()
            #expect(first.send("1") && second.send("2"))
            goOn.counter.signal()
            #expect(hub.recorder.wait { $0.closed.count == 2 * round - 1 })
            first.leave()
            second.leave()
            #expect(hub.recorder.wait { $0.closed.count == 2 * round })
            #expect(hub.recorder.now.byteCount == round)
        }
        #expect(hub.count(.staleEvents) == 20)
    }

    @Test func `An id of a connection that is gone reaches nothing, though its place is used again`() throws {
        let hub = try TestHub { script in
            let recorder = script.recorder
            script.onMessage = { _, loop in
                guard let old = recorder.now.closedIDs.first else { return }
                let outcome = "x".withBytes { loop.send($0, on: old) }
                loop.cut(old)
                loop.close(old)
                loop.pauseReading(old)
                loop.setDeadline(old, afterMilliseconds: 0)
                recorder.note { $0.notes.append("\(outcome) \(loop.isOpen(old)) \(loop.peer(old) == nil)") }
            }
            echo(&script)
        }
        let first = try Peer(hub.address)
        #expect(hub.recorder.wait { $0.opened.count == 1 })
        first.leave()
        #expect(hub.recorder.wait { $0.closed.count == 1 })
        let second = try Peer(hub.address)
        #expect(hub.recorder.wait { $0.opened.count == 2 })
        let ids = hub.recorder.now.opened
        #expect(ids[0].index == ids[1].index && ids[0] != ids[1])
        var message: Int? = 1
        hub.loop.send(&message)
        #expect(hub.recorder.wait { $0.notes == ["refused false true"] })
        #expect(second.send("still here") && second.text(10) == "still here")
    }

    @Test func `Messages of several threads all come, each thread's in order, with few wakes`() throws {
        var settings = ConnectionSettings.patient
        settings.mailboxMax = 64
        let hub = try TestHub(settings) { script in
            let recorder = script.recorder
            script.onMessage = { number, _ in recorder.note { $0.messages.append(number) } }
        }
        let each = 20_000
        var threads: [SystemThread] = []
        let loop = hub.loop
        let refusals = Refusals()
        for sender in 0..<3 {
            threads.append(
                try SystemThread(name: "sender-\(sender)") {
                    for number in 0..<each {
                        var message: Int? = sender * each + number
                        loop.send(&message)
                        while message != nil {
                            refusals.count.wrappingAdd(1, ordering: .relaxed)
                            SystemClock.sleep(milliseconds: 1)
                            loop.send(&message)
                        }
                    }
                })
        }
        for thread in threads { thread.join() }
        #expect(hub.recorder.wait { $0.messages.count == 3 * each })
        let messages = hub.recorder.now.messages
        for sender in 0..<3 {
            let own = messages.filter { $0 / each == sender }
            #expect(own == Array(sender * each..<(sender + 1) * each))
        }
        // Whoever was turned away is told when there is room; a batch is one wake, whatever its size.
        if refusals.count.load(ordering: .relaxed) > 0 { #expect(hub.recorder.now.mailboxRoom > 0) }
        #expect(hub.count(.turns) < 3 * each)
    }

    private final class Refusals: Sendable { let count = Atomic(0) }

    @Test func `A full mailbox leaves the message with its sender and tells the handler when there is room`()
        throws
    {
        var settings = ConnectionSettings.patient
        settings.mailboxMax = 4
        let gate = try EventCounterBox()
        let entered = try EventCounterBox()
        let hub = try TestHub(settings) { script in
            let recorder = script.recorder
            script.onMessage = { number, _ in
                if number == 0 {
                    entered.counter.signal()
                    gate.counter.wait()
                }
                recorder.note { $0.messages.append(number) }
            }
        }
        var message: Int? = 0
        hub.loop.send(&message)
        entered.counter.wait()
        for number in 1...4 {
            message = number
            hub.loop.send(&message)
            #expect(message == nil)
        }
        message = 5
        hub.loop.send(&message)
        #expect(message == 5)
        gate.counter.signal()
        #expect(hub.recorder.wait { $0.mailboxRoom == 1 })
        hub.loop.send(&message)
        #expect(message == nil)
        #expect(hub.recorder.wait { $0.messages == [0, 1, 2, 3, 4, 5] })
    }

    @Test
    func `Stopping while busy sends what was promised, tells of every connection, and frees the address`()
        throws
    {
        let count = 20
        let farewell = [UInt8](repeating: 9, count: 100_000)
        let hub = try TestHub(loops: 2) { script in
            let recorder = script.recorder
            let own = Own()
            script.onOpened = { id, _, loop in
                loop.markEstablished(id)
                own.ids.append(id)
            }
            script.onReceived = { id, bytes, loop in
                loop.send(bytes.bytes, on: id)
                let count = bytes.byteCount
                recorder.note { $0.byteCount += count }
                return count
            }
            script.onStopping = { loop in
                for id in own.ids { farewell.withBytes { _ = loop.send($0, on: id) } }
            }
        }
        var peers: [Peer] = []
        for _ in 0..<count { peers.append(try Peer(hub.address)) }
        for peer in peers { #expect(peer.send("busy")) }
        #expect(hub.recorder.wait { $0.byteCount == count * 4 })
        for loop in hub.group.loops { loop.stop(graceMilliseconds: 20_000) }
        for peer in peers {
            #expect(peer.text(4) == "busy")
            #expect(peer.receive(farewell.count) == farewell)
            #expect(peer.ending() == .end)
            peer.leave()
        }
        hub.group.stop(graceMilliseconds: 20_000)
        #expect(hub.recorder.now.closed == Array(repeating: .closed, count: count))
        #expect(hub.group.admission.total == 0 && hub.count(.open) == 0)
        let nobody = try? Peer(hub.address)
        #expect(nobody == nil || nobody?.ending() == .failed)
        var late: Int? = 1
        hub.loop.send(&late)
        #expect(late == 1)
    }

    /// What one loop's handler knows; closures of one thread share it.
    private final class Own { var ids: [ConnectionID] = [] }

    @Test func `Stopping does not wait for a peer that takes nothing, longer than it was told to`() throws {
        let hub = try TestHub { script in
            script.onOpened = { id, _, loop in
                [UInt8](repeating: 1, count: 4_000_000).withBytes { _ = loop.send($0, on: id) }
            }
        }
        let peer = try Peer(hub.address)
        peer.shrinkBuffers()
        #expect(hub.recorder.wait { $0.opened.count == 1 })
        hub.group.stop(graceMilliseconds: 100)
        #expect(hub.recorder.now.closed == [.stopped])
    }

    @Test func `Datagrams go both ways; longer ones than allowed are dropped and counted`() throws {
        guard let any = SocketAddress("127.0.0.1:0") else { throw TestHub.NoAddress() }
        let found = try Found()
        let hub = try TestHub { script in
            script.onStarted = { loop in
                guard let socket = try? DatagramSocket(any) else { return }
                let actual = socket.address
                guard (try? loop.bind(socket)) != nil else { return }
                found.address.withLock { $0 = actual }
                found.ready.counter.signal()
            }
            script.onDatagram = { endpoint, from, bytes, loop in
                bytes.withBytes { _ = loop.send($0, to: from, from: endpoint) }
            }
        }
        found.ready.counter.wait()
        guard let target = found.address.withLock({ $0 }) else { throw TestHub.NoAddress() }
        let socket = try DatagramSocket(any)
        let sizes = [1, 0, 1200, EventLoop.datagramSizeMax]
        for size in sizes {
            let sent = [UInt8](repeating: UInt8(truncatingIfNeeded: size), count: size).withBytes {
                socket.send($0, to: target)
            }
            #expect(sent == 0)
        }
        let tooLong = [UInt8](repeating: 1, count: EventLoop.datagramSizeMax + 1).withBytes {
            socket.send($0, to: target)
        }
        #expect(tooLong == 0)
        #expect(hub.recorder.wait { $0.datagrams.count == sizes.count })
        #expect(hub.recorder.now.datagrams.map(\.count) == sizes)
        #expect(eventually { hub.count(.datagramsTooLong) == 1 })
        var buffer = ByteBuffer()
        for size in sizes {
            var reception = socket.receive(into: &buffer, sizeMax: 65_536)
            while reception == .none { reception = socket.receive(into: &buffer, sizeMax: 65_536) }
            #expect(reception == .datagram(from: target))
            #expect(buffer.count == size)
        }
        #expect(hub.count(.datagramsOut) == sizes.count)
    }

    private final class Found: Sendable {
        let address = Mutex<SocketAddress?>(nil)
        let ready: EventCounterBox
        init() throws(SystemError) { ready = try EventCounterBox() }
    }
}
