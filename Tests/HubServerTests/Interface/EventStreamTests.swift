import HubBytes
import HubConnection
import HubModel
import HubProtocols
import HubSystem
import SocketPeer
import Testing

@testable import HubServer

@Suite("Streams of events")
struct EventStreamTests {
    private static let path = "/api/hub/v1/events"

    private func listen(_ hub: RunningHub, _ query: String = "", fields: [String] = []) throws -> Peer {
        let peer = try hub.peer()
        #expect(peer.ask("GET", Self.path + query, fields: fields + ["Connection: close"]))
        let head = peer.head()
        #expect(head.first == "HTTP/1.1 200 OK")
        #expect(head.contains("Content-Type: text/event-stream"))
        return peer
    }

    /// The ids of so many events, or fewer if the stream ends.
    private func ids(_ peer: Peer, _ count: Int) -> [Int] {
        var found: [Int] = []
        while found.count < count {
            let lines = peer.event()
            guard let line = lines.first(where: { $0.hasPrefix("id:") }) else { break }
            found.append(Int(line.drop { !$0.isNumber }) ?? -1)
        }
        return found
    }

    @Test("events come in the order of their offsets, first what was, then what comes")
    func order() throws {
        let hub = try RunningHub()
        for _ in 0..<3 { #expect(try hub.publish("a")?.status == 200) }
        let peer = try listen(hub, "?topic=a&from=0")
        let past = ids(peer, 3)
        for _ in 0..<3 { #expect(try hub.publish("a")?.status == 200) }
        #expect(try hub.publish("b")?.status == 200)
        let all = past + ids(peer, 3)
        #expect(all == all.sorted() && Set(all).count == 6, "\(all)")
        // Whoever comes again with the last that he has seen goes on behind it.
        let again = try listen(hub, "?topic=a", fields: ["Last-Event-ID: \(all[2])"])
        #expect(ids(again, 3) == Array(all[3...]))
    }

    @Test("who remembers what the log has not got yet, as one before it had, gets what comes")
    func otherLog() throws {
        let hub = try RunningHub()
        let streams = [try listen(hub, fields: ["Last-Event-ID: 1000000"]), try listen(hub, "?from=1000000")]
        #expect(hub.comes { $0.desk.events.all.count == 2 })
        let offset = try hub.publish("a")?.document?["offset"]?.integer ?? -1
        for stream in streams { #expect(ids(stream, 1) == [Int(offset)]) }
    }

    @Test("an event has the id, and in its data the delivery as it is elsewhere")
    func shape() throws {
        let hub = try RunningHub()
        #expect(try hub.publish("a", #"{"x":1}"#, fields: ["X-Agent: anna"])?.status == 200)
        let lines = try listen(hub, "?from=0&agent=anna").event()
        #expect(lines.contains { $0.hasPrefix("event:") && $0.hasSuffix("message") }, "\(lines)")
        let data = lines.first { $0.hasPrefix("data:") }.map { String($0.dropFirst(5)) } ?? ""
        let read = try data.withBytes { try JSONReader.value($0, .strict) }
        #expect(read["topic"]?.text == "a" && read["from"]?.text == "anna")
        #expect(read["data"]?["x"]?.integer == 1)
    }

    @Test("only the events of the agent or the session that was asked for come")
    func filters() throws {
        let hub = try RunningHub()
        let streams = [try listen(hub, "?from=0&agent=bob"), try listen(hub, "?from=0&session=topic:b")]
        #expect(try hub.publish("a", fields: ["X-Agent: anna"])?.status == 200)
        let second = try hub.publish("b", fields: ["X-Agent: bob"])?.document?["offset"]?.integer ?? 0
        for stream in streams { #expect(ids(stream, 1) == [Int(second)]) }
    }

    @Test("a stream that nobody watches any more leaves its seat")
    func abandoned() throws {
        let hub = try RunningHub()
        let peers = try (0..<5).map { _ in try listen(hub) }
        #expect(hub.comes { $0.desk.events.all.count == 5 && $0.desk.seats.count == 5 })
        for peer in peers.dropLast() { peer.reset() }
        #expect(hub.comes { $0.desk.events.all.count == 1 && $0.desk.seats.count == 1 })
        #expect(try hub.publish("a")?.status == 200)
        #expect(ids(peers[4], 1).count == 1)
    }

    @Test("who reads slowly gets all, in order, from the log, and holds up nobody")
    func slow() throws {
        let hub = try RunningHub { $0.connection.outboundMax = 1 << 20 }
        let peer = try listen(hub, "?topic=a")
        peer.shrinkBuffers()
        let large = "\"" + String(repeating: "x", count: 200_000) + "\""
        var offsets: [Int] = []
        for _ in 0..<60 {
            offsets.append(Int(try hub.publish("a", large)?.document?["offset"]?.integer ?? -1))
        }
        // It may be ended, if more was on its way than is kept; what is missing comes again.
        var came = ids(peer, 60)
        while let last = came.last, came.count < 60 {
            came += ids(try listen(hub, "?topic=a", fields: ["Last-Event-ID: \(last)"]), 60 - came.count)
        }
        #expect(came == offsets)
    }

    @Test("a stream ends with the right to it, and says why")
    func rights() throws {
        var document = AccessDocument()
        let slot = AccessSlot()
        let name = TenantAgent(.default, AgentID(unchecked: "anna"))
        let token = try document.addToken(
            name, roles: ["agent"], expires: .none, note: "", now: Core.clock())
        let hub = try RunningHub.asking(document, slot: slot)
        let fields = ["Authorization: Bearer \(token.text)"]
        let peer = try listen(hub, fields: fields)
        let without = try hub.ask("GET", Self.path, fields: [])
        #expect(without?.status == 401)
        #expect(without?.value("WWW-Authenticate") == "Bearer")
        document.tokens[0].validity.revoked = Core.clock()
        try slot.replace(with: document) { _ throws(AccessError) in JSONValue.null }
        let last = peer.event()
        #expect(last.contains { $0.hasPrefix("event:") && $0.hasSuffix("error") }, "\(last)")
        #expect(last.contains { $0.contains("unauthorized") }, "\(last)")
        #expect(peer.chunk() == "")
        #expect(hub.comes { $0.desk.events.all.isEmpty && $0.desk.seats.count == 0 })
    }

    @Test("a hub that ends waits neither for streams nor for connections that nothing is asked on")
    func draining() throws {
        let hub = try RunningHub()
        let stream = try listen(hub)
        let idle = try hub.peer()
        #expect(idle.ask("GET", "/agents"))
        #expect(idle.answer()?.status == 200)
        let began = SystemClock.monotonicNanoseconds()
        hub.hub.stop()
        #expect((SystemClock.monotonicNanoseconds() - began) / 1_000_000_000 < 30)
        #expect(stream.event().contains { $0.contains("draining") })
        #expect(idle.ending() == .end)
    }
}
