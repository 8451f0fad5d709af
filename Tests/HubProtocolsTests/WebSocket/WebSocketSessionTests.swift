import HubBytes
import Testing

@testable import HubProtocols

/// A session under test with its two buffers.
private struct Wire: ~Copyable {
    var session: WebSocketSession
    var output = ByteBuffer()
    private let role: WebSocketRole

    init(
        _ role: WebSocketRole = .server, _ settings: WebSocketSettings = WebSocketSettings(), now: UInt64 = 0
    ) {
        self.role = role
        session = WebSocketSession(role: role, settings: settings, keys: MaskKeys(seed: (1, 2)), now: now)
    }

    /// Feeds bytes and tells what happened, up to where more is needed.
    mutating func receive(_ frames: [TestFrame], now: UInt64 = 0) -> [WebSocketSession.Event] {
        session.heard(at: now)
        var input = ByteBuffer()
        let bytes = frames.map { role == .server ? $0 : $0.plain }.bytes
        bytes.withBytes { input.append($0) }
        var position = 0
        var events: [WebSocketSession.Event] = []
        while true {
            let event = session.receive(&input, at: &position, answeringTo: &output, now: now)
            switch event {
            case .needs, .ended:
                #expect(position == input.count)
                return events
            default: events.append(event)
            }
        }
    }

    /// What was written since the last look, as the peer reads it.
    mutating func sent() -> [Seen] {
        var run = ReadingRun(role: role == .server ? .client : .server)
        defer { output.removeAll() }
        return run.events(output.bytes.array)
    }
}

private func second(_ count: UInt64) -> UInt64 { count * 1_000_000_000 }

/// The life of a connection: RFC 6455, sections 5.5 and 7.
@Suite struct WebSocketSessionTests {
    @Test(
        "pings are answered with their payload, in their order", arguments: [WebSocketRole.server, .client])
    func pings(role: WebSocketRole) {
        var wire = Wire(role)
        let pings = (0..<10).map { TestFrame(opcode: 9, payload: [UInt8($0)]) }
        let events = wire.receive(pings + [TestFrame(opcode: 10)])
        #expect(events == Array(repeating: .ping, count: 10) + [.pong])
        #expect(wire.sent() == (0..<10).map { .pong([UInt8($0)]) })
    }

    @Test(
        "a flood of pings that nobody reads the answers of takes bounded memory, and the latest is answered")
    func pingFlood() {
        var settings = WebSocketSettings()
        settings.pongBacklogBytesMax = 1000
        var wire = Wire(.server, settings)
        for number in 0..<10_000 {
            _ = wire.receive([TestFrame(opcode: 9, payload: [UInt8(truncatingIfNeeded: number)])])
        }
        #expect(wire.output.count <= 1000 + 127)
        let answered = wire.sent().count
        #expect(answered > 100 && answered < 1000)
        wire.session.tick(at: 1, to: &wire.output)
        #expect(wire.sent() == [.pong([UInt8(truncatingIfNeeded: 9999)])])
        wire.session.tick(at: 1, to: &wire.output)
        #expect(wire.sent().isEmpty)
    }

    @Test("the peer's close is answered with its code; a server then closes, a client waits for that")
    func peerCloses() {
        for (payload, code) in [([], 1005), ([3, 0xe8], 1000), ([0x0f, 0xa0], 4000)] as [([UInt8], UInt16)] {
            var server = Wire()
            #expect(server.session.transport == .keep)
            let events = server.receive([TestFrame(opcode: 8, payload: payload), .text("late")])
            guard case .closed(let given, _) = events.first else {
                Issue.record("no close")
                return
            }
            #expect(events.count == 1 && given.rawValue == code)
            #expect(server.sent() == [.close(code, [])])
            #expect(server.session.transport == .finish && !server.session.isOpen)
            #expect(server.session.closeCode == given)
            var client = Wire(.client)
            _ = client.receive([TestFrame(opcode: 8, payload: payload)], now: second(1))
            #expect(client.sent() == [.close(code, [])])
            #expect(client.session.transport == .awaitEnd && client.session.deadline == second(6))
            client.session.transportEnded()
            #expect(client.session.transport == .finish && client.session.closeCode == given)
        }
    }

    @Test("our close ends when the peer answers it, and nothing is sent after it")
    func weClose() {
        var wire = Wire()
        "enough".withBytes { wire.session.close(.goingAway, reason: $0, to: &wire.output, now: 0) }
        wire.session.close(.normal, to: &wire.output, now: 0)
        #expect(wire.sent() == [.close(1001, Array("enough".utf8))])
        #expect(wire.session.transport == .keep && !wire.session.isOpen)
        // What was on its way still comes.
        let events = wire.receive([.text("x"), TestFrame(opcode: 9)])
        #expect(events.count == 2)
        #expect("y".withBytes { wire.session.send(.text, $0, to: &wire.output) } == false)
        #expect(wire.session.sendHeader(.text, payloadBytes: 3, to: &wire.output) == false)
        #expect(wire.output.count == 0)
        _ = wire.receive([TestFrame(opcode: 8, payload: [3, 0xe9])])
        #expect(wire.output.count == 0 && wire.session.transport == .finish)
        #expect(wire.session.deadline == nil)
    }

    @Test("a peer that never answers our close is dropped")
    func closeTimeout() {
        var wire = Wire(now: second(10))
        wire.session.close(.normal, to: &wire.output, now: second(10))
        #expect(wire.session.deadline == second(15))
        wire.session.tick(at: second(15) - 1, to: &wire.output)
        #expect(wire.session.transport == .keep)
        wire.session.tick(at: second(15), to: &wire.output)
        #expect(wire.session.transport == .drop && wire.session.deadline == nil)
        #expect(wire.receive([.text("x")]).isEmpty)
    }

    @Test("a broken rule is told to the peer with its code, and ends the connection")
    func failure() {
        var wire = Wire()
        #expect(wire.receive([TestFrame(opcode: 1, payload: [0xff]), .text("x")]) == [.failed(.textNotUTF8)])
        let reason = FrameFault.textNotUTF8.sentence.withBytes { $0.array }
        #expect(wire.sent() == [.close(1007, reason)])
        #expect(wire.session.transport == .finish && wire.session.closeCode == .invalidData)
        // A second close frame is not sent.
        var closing = Wire()
        closing.session.close(.normal, to: &closing.output, now: 0)
        _ = closing.sent()
        #expect(closing.receive([TestFrame(opcode: 3)]) == [.failed(.reservedOpcode)])
        #expect(closing.output.count == 0 && closing.session.transport == .finish)
    }

    @Test("a silent peer is asked, and dropped when it stays silent")
    func keepAlive() {
        var wire = Wire(now: second(100))
        #expect(wire.session.deadline == second(130))
        wire.session.tick(at: second(130) - 1, to: &wire.output)
        #expect(wire.output.count == 0)
        wire.session.tick(at: second(130), to: &wire.output)
        #expect(wire.sent() == [.ping([])])
        #expect(wire.session.deadline == second(150))
        wire.session.tick(at: second(140), to: &wire.output)
        #expect(wire.output.count == 0)
        // Any byte is a sign of life.
        wire.session.heard(at: second(149))
        #expect(wire.session.deadline == second(179))
        wire.session.tick(at: second(180), to: &wire.output)
        #expect(wire.sent() == [.ping([])])
        wire.session.tick(at: second(200), to: &wire.output)
        #expect(wire.session.transport == .drop && wire.session.closeCode == .abnormal)
        #expect(wire.output.count == 0)
    }

    @Test("without an interval nobody is asked, and times at the end of the clock do not overflow")
    func keepAliveBounds() {
        var settings = WebSocketSettings()
        settings.pingAfter = 0
        var wire = Wire(.server, settings)
        #expect(wire.session.deadline == nil)
        wire.session.tick(at: .max, to: &wire.output)
        #expect(wire.output.count == 0 && wire.session.transport == .keep)
        settings.pingAfter = .max
        let late = Wire(.server, settings, now: 5)
        #expect(late.session.deadline == .max)
    }

    @Test("a connection that ends without a close frame ended abnormally")
    func abnormalEnd() {
        var wire = Wire()
        wire.session.transportEnded()
        #expect(wire.session.transport == .drop && wire.session.closeCode == .abnormal)
        #expect("y".withBytes { wire.session.send(.text, $0, to: &wire.output) } == false)
    }

    @Test(
        "messages are sent whole or as a header before a shared payload; a client's are masked anew each time"
    )
    func sending() {
        var server = Wire()
        #expect("one".withBytes { server.session.send(.text, $0, to: &server.output) })
        #expect(server.session.sendHeader(.binary, payloadBytes: 2, to: &server.output))
        server.output.append(UInt16(0x0201))
        #expect(server.sent() == [.text("one"), .binary([1, 2])])
        var client = Wire(.client)
        #expect("same".withBytes { client.session.send(.text, $0, to: &client.output) })
        #expect("same".withBytes { client.session.send(.text, $0, to: &client.output) })
        let half = client.output.count / 2
        let bytes = client.output.bytes.array
        #expect(Array(bytes[..<half]) != Array(bytes[half...]))
        #expect(client.sent() == [.text("same"), .text("same")])
    }
}
