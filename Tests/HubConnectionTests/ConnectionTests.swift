import HubBytes
import HubConnection
import HubSystem
import SocketPeer
import Testing

/// What goes over a connection, and how it ends.
@Suite struct ConnectionTests {
    private static func pattern(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    }

    @Test(arguments: ["127.0.0.1:0", "[::1]:0"])
    func `What is sent comes back, in order, on every kind of network`(_ address: String) throws {
        let hub = try TestHub(at: address) { echo(&$0) }
        let peer = try Peer(hub.address)
        #expect(peer.send("hello"))
        #expect(peer.text(5) == "hello")
        let large = Self.pattern(600_000)
        for start in stride(from: 0, to: large.count, by: 100_000) {
            let part = Array(large[start..<start + 100_000])
            #expect(peer.send(part))
            #expect(peer.receive(part.count) == part)
        }
    }

    @Test func `A Unix socket works as well, replaces one left behind, and goes with the listener`() throws {
        let path = "hub-\(SystemClock.monotonicNanoseconds()).socket"
        do {
            let hub = try TestHub(at: "unix:\(path)") { echo(&$0) }
            let peer = try Peer(hub.address)
            #expect(peer.send("hello"))
            #expect(peer.text(5) == "hello")
            #expect(Directory.exists(path))
            // Somebody listens there: not replaced.
            #expect(throws: SystemError.self) { _ = try ListeningSocket(hub.address).descriptor }
            #expect(Directory.exists(path))
        }
        #expect(!Directory.exists(path))
    }

    @Test func `A handler sees the bytes that it left once more, with those behind them`() throws {
        let hub = try TestHub { script in
            let recorder = script.recorder
            // Takes lines.
            script.onReceived = { _, bytes, _ in
                let array = bytes.array
                guard let end = array.lastIndex(of: 10) else { return 0 }
                recorder.note { $0.bytes += array[...end] }
                return end + 1
            }
        }
        let peer = try Peer(hub.address)
        let expected = Array("one\ntwo\n".utf8) + Self.lines
        for byte in "one\ntw".utf8 { #expect(peer.send([byte])) }
        #expect(hub.recorder.wait { $0.bytes == Array("one\n".utf8) })
        #expect(peer.send("o\n"))
        #expect(peer.send(Self.lines))
        #expect(hub.recorder.wait { $0.bytes.count == expected.count })
        #expect(hub.recorder.now.bytes == expected)
    }

    /// Lines from one byte to more than a connection keeps in the loop's buffer.
    private static let lines: [UInt8] = [1, 100, 5000, 20_000, 300_000, 3, 900_000, 1].flatMap { count in
        pattern(count).map { $0 == 10 ? 11 : $0 } + [10]
    }

    @Test func `A handler that wants more at once than the bound loses the connection`() throws {
        var settings = ConnectionSettings.patient
        settings.inputMax = 100_000
        let hub = try TestHub(settings) { $0.onReceived = { _, _, _ in 0 } }
        let fits = try Peer(hub.address)
        #expect(fits.send(Self.pattern(100_000)))
        #expect(eventually { hub.count(.bytesIn) == 100_000 })
        #expect(hub.recorder.now.closed.isEmpty)
        _ = fits.sendNow([1])
        #expect(hub.recorder.wait { $0.closed == [.inputTooLong] })
        #expect(hub.count(.closedInputTooLong) == 1 && hub.count(.open) == 0)
    }

    @Test func `The other side may finish and still be answered`() throws {
        let hub = try TestHub { script in
            let recorder = script.recorder
            script.onReceived = { _, bytes, _ in
                let array = bytes.array
                recorder.note { $0.bytes += array }
                return array.count
            }
            script.onEnded = { id, loop in
                _ = loop.arm(7, afterMilliseconds: 20)
                recorder.note { $0.notes.append("ended") }
            }
            script.onTimer = { _, loop in
                guard let id = recorder.now.opened.first else { return }
                Array("answer".utf8).withBytes { _ = loop.send($0, on: id) }
                loop.close(id)
            }
        }
        let peer = try Peer(hub.address)
        #expect(peer.send("question"))
        peer.finish()
        #expect(peer.text(6) == "answer")
        #expect(peer.ending() == .end)
        #expect(hub.recorder.wait { $0.closed == [.finished] })
        #expect(String(decoding: hub.recorder.now.bytes, as: UTF8.self) == "question")
    }

    @Test func `Closing sends everything that waits and then the end`() throws {
        let count = 1_000_000
        let hub = try TestHub { script in
            script.onOpened = { id, _, loop in
                Self.pattern(count).withBytes { _ = loop.send($0, on: id) }
                loop.close(id)
                // Nothing more is taken.
                [1, 2, 3].withBytes { _ = loop.send($0, on: id) }
            }
        }
        let peer = try Peer(hub.address)
        // What comes after closing is thrown away and does not reset what is still on its way.
        #expect(peer.send(Self.pattern(10_000)))
        #expect(peer.receive(count + 1) == Self.pattern(count))
        #expect(peer.ending() == .end)
        peer.leave()
        #expect(hub.recorder.wait { $0.closed == [.closed] })
        #expect(hub.count(.sendsRefused) == 1)
    }

    @Test func `A peer that says something and leaves at once is heard, also by a handler that pauses`()
        throws
    {
        let path = "hub-\(SystemClock.monotonicNanoseconds()).socket"
        for address in ["127.0.0.1:0", "unix:\(path)"] {
            let hub = try TestHub(at: address) { script in
                let recorder = script.recorder
                script.onOpened = { id, _, loop in
                    loop.pauseReading(id)
                    // Fails once the other side has left.
                    _ = [UInt8](repeating: 0, count: 100).withBytes { loop.send($0, on: id) }
                    _ = loop.arm(1, afterMilliseconds: 100)
                }
                script.onTimer = { _, loop in recorder.now.opened.first.map { loop.resumeReading($0) } }
                script.onReceived = { _, bytes, _ in
                    let array = bytes.array
                    recorder.note { $0.bytes += array }
                    return array.count
                }
            }
            let peer = try Peer(hub.address)
            #expect(peer.send("last words"))
            _ = peer.receive(100)
            peer.leave()
            #expect(hub.recorder.wait { $0.closed.count == 1 })
            #expect(String(decoding: hub.recorder.now.bytes, as: UTF8.self) == "last words", "\(address)")
        }
    }

    @Test func `What a paused connection kept is shown when it is resumed, without another byte`() throws {
        let hub = try TestHub { script in
            let recorder = script.recorder
            script.onReceived = { id, bytes, loop in
                let array = bytes.array
                recorder.note { $0.bytes.append(array[0]) }
                loop.pauseReading(id)
                _ = loop.arm(1, afterMilliseconds: 1)
                return 1
            }
            script.onTimer = { _, loop in recorder.now.opened.first.map { loop.resumeReading($0) } }
        }
        let peer = try Peer(hub.address)
        #expect(peer.send("abcdef"))
        peer.finish()
        #expect(hub.recorder.wait { $0.closed == [.finished] })
        #expect(String(decoding: hub.recorder.now.bytes, as: UTF8.self) == "abcdef")
    }

    @Test func `A connection that is reset is told of as failed`() throws {
        let hub = try TestHub()
        let peer = try Peer(hub.address)
        #expect(hub.recorder.wait { $0.opened.count == 1 })
        peer.reset()
        #expect(hub.recorder.wait { $0.closed == [.failed(code: SystemError.connectionReset)] })
    }

    @Test func `Cutting resets at once`() throws {
        let hub = try TestHub {
            $0.onReceived = { id, bytes, loop in
                loop.cut(id)
                return bytes.byteCount
            }
        }
        let peer = try Peer(hub.address)
        #expect(peer.send("x"))
        #expect(peer.ending() == .failed)
        #expect(hub.recorder.wait { $0.closed == [.cut] })
    }

    @Test func `A payload goes to many connections behind a header for each`() throws {
        let count = 50
        let payloads = [10, 600, 70_000].map { Self.pattern($0) }
        let hub = try TestHub { script in
            let recorder = script.recorder
            script.onMessage = { _, loop in
                for size in payloads.indices {
                    var buffer = ByteBuffer()
                    payloads[size].withBytes { buffer.append($0) }
                    let shared = SharedBytes(buffer)
                    for (number, id) in recorder.now.opened.enumerated() {
                        [UInt8(number), UInt8(size)].withBytes { _ = loop.send($0, shared, on: id) }
                    }
                }
            }
        }
        var peers: [Peer] = []
        for number in 1...count {
            peers.append(try Peer(hub.address))
            #expect(hub.recorder.wait { $0.opened.count == number })
        }
        var message: Int? = 1
        hub.loop.send(&message)
        for (number, peer) in peers.enumerated() {
            for size in payloads.indices {
                #expect(peer.receive(2) == [UInt8(number), UInt8(size)])
                #expect(peer.receive(payloads[size].count) == payloads[size])
            }
        }
        // All that was sent to a connection in a turn went with one call, unless the socket was full.
        #expect(hub.count(.writes) - hub.count(.writesShort) <= count)
    }
}
