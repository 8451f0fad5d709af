import HubBytes
import HubConnection
import HubSystem
import SocketPeer
import Testing

/// Connecting to somebody else.
@Suite struct ConnectTests {
    /// A loop that connects where its messages say: 1 is the address below.
    private func client(
        to address: SocketAddress, _ settings: ConnectionSettings = .patient,
        _ script: @escaping @Sendable (inout Script) -> Void = { _ in }
    ) throws -> TestHub {
        let hub = try TestHub(settings) { handler in
            let recorder = handler.recorder
            handler.onMessage = { tag, loop in
                do throws(SystemError) {
                    _ = try loop.connect(to: address, tag: UInt64(tag))
                } catch {
                    recorder.note { $0.notes.append("\(error.code)") }
                }
            }
            script(&handler)
        }
        var message: Int? = 1
        hub.loop.send(&message)
        return hub
    }

    @Test func `A connection that is made carries bytes both ways`() throws {
        let server = try TestHub { echo(&$0) }
        let client = try client(to: server.address) { script in
            let recorder = script.recorder
            script.onOpened = { id, origin, loop in
                recorder.note { $0.notes.append("\(origin)") }
                "hello".withBytes { _ = loop.send($0, on: id) }
            }
            script.onReceived = { id, bytes, loop in
                let array = bytes.array
                recorder.note { $0.bytes += array }
                if array.count == 5 { loop.close(id) }
                return array.count
            }
        }
        #expect(client.recorder.wait { $0.closed == [.closed] })
        #expect(String(decoding: client.recorder.now.bytes, as: UTF8.self) == "hello")
        #expect(client.recorder.now.notes == ["connected(tag: 1)"] && client.count(.connected) == 1)
        #expect(server.recorder.wait { $0.closed == [.finished] })
    }

    @Test func `Where nobody listens, connecting is refused`() throws {
        guard let free = SocketAddress("127.0.0.1:0") else { throw TestHub.NoAddress() }
        // The port was somebody's a moment ago.
        let address = try ListeningSocket(free).address
        let client = try client(to: address)
        #expect(client.recorder.wait { $0.closed.count + $0.notes.count == 1 })
        let refused = SystemError.connectionRefused
        let events = client.recorder.now
        #expect(events.closed == [.connectFailed(code: refused)] || events.notes == ["\(refused)"])
        #expect(events.opened.isEmpty && client.count(.open) == 0)
    }

    @Test func `A listener that answers nobody is given up in time`() throws {
        // Its queue has room for one or two, which others take; the system leaves the rest without an answer.
        guard let any = SocketAddress("127.0.0.1:0") else { throw TestHub.NoAddress() }
        let listener = try ListeningSocket(any, backlog: 0)
        var others: [Peer] = []
        for _ in 0..<3 { others.append(try Peer(listener.address, waits: false)) }
        var settings = ConnectionSettings.patient
        settings.connectMilliseconds = 300
        let client = try client(to: listener.address, settings)
        #expect(client.recorder.wait { $0.closed.count == 1 })
        #expect(client.recorder.now.closed == [.connectTimeout] && client.count(.timeoutConnect) == 1)
        #expect(others.count == 3)
    }

    @Test func `Connecting to what is no address fails at once`() throws {
        let path = String(repeating: "x", count: 200)
        let client = try client(to: .unix(path: path))
        #expect(client.recorder.wait { $0.notes == ["\(SystemError.invalid)"] })
        #expect(client.count(.open) == 0)
    }

    @Test func `A connection that is closed while it is being made is gone at once`() throws {
        guard let any = SocketAddress("127.0.0.1:0") else { throw TestHub.NoAddress() }
        let listener = try ListeningSocket(any, backlog: 0)
        let client = try TestHub { script in
            script.onMessage = { _, loop in
                guard let id = try? loop.connect(to: listener.address) else { return }
                loop.close(id)
            }
        }
        var message: Int? = 1
        client.loop.send(&message)
        #expect(client.recorder.wait { $0.closed == [.closed] })
        #expect(client.recorder.now.opened.isEmpty)
    }
}
