import HubBytes
import HubConnection
import HubModel
import HubProtocols
import HubServer
import HubSystem

// What the scripted hub gives, and what tests have it do.
extension HubApplication {
    // MARK: Deliveries

    mutating func giveAll(_ web: inout WebConnections, _ loop: inout EventLoop) {
        for peer in peers.values where !peer.isPaused {
            let given = hub.give(peer.number)
            guard !given.isEmpty else { continue }
            frame.removeAll()
            NativeWriter.beginBatch(&frame)
            for (index, delivery) in given.enumerated() {
                if index > 0 { NativeWriter.separate(&frame) }
                write(delivery.offset, delivery.consumer, delivery.attempt, replay: [])
            }
            NativeWriter.endBatch(&frame)
            web.send(peer.id, .text, frame.bytes, &loop)
        }
    }

    mutating func write(_ offset: UInt64, _ consumer: String, _ attempt: Int, replay: [UInt8]) {
        let message = hub.log[Int(offset)]
        let (kind, correlation) = kinds[Int(offset)] ?? (.message, "")
        var parts = ByteBuffer(capacity: 256)
        var routed = RoutedMessage(
            kind, offset: Offset(offset), sequence: SequenceNumber(message.sequence),
            time: Timestamp(microseconds: 1_700_000_000_000_000 + Int64(offset)))
        routed.isDirect = message.topic.hasPrefix("@")
        routed.destination = parts.place(routed.isDirect ? String(message.topic.dropFirst()) : message.topic)
        routed.sender = parts.place(message.sender)
        routed.id = parts.place(message.id)
        routed.session = parts.place(message.session)
        routed.correlation = parts.place(correlation)
        routed.payload = message.data.withBytes { parts.place($0) }
        consumer.withBytes { consumer in
            replay.withBytes { replay in
                NativeWriter.delivery(
                    routed, in: parts.bytes, consumer: consumer, attempt: attempt, replay: replay, to: &frame)
            }
        }
    }

    mutating func show(
        _ replay: NativeReplay, _ connection: ConnectionID, _ web: inout WebConnections,
        _ loop: inout EventLoop
    ) {
        let re = bytes(replay.id)
        var first = 0
        if case .offset(let offset) = replay.from { first = Int(offset.rawValue) }
        var sent = 0
        for offset in hub.log.indices where offset >= first {
            let message = hub.log[offset]
            guard
                replay.session.map({ $0 == message.session })
                    ?? ModelHub.matches(message.topic, replay.topics),
                sent < replay.limit ?? .max
            else { continue }
            sent += 1
            frame.removeAll()
            write(UInt64(offset), "", 1, replay: re)
            web.send(connection, .text, frame.bytes, &loop)
            if script.cutsEvery > 0, sent % script.cutsEvery == 0 {
                return web.close(connection, .goingAway, RawSpan(), &loop)
            }
        }
        frame.removeAll()
        let next = Offset(UInt64(hub.log.count))
        re.withBytes { NativeWriter.replayEnd(re: $0, sent: sent, .complete, next: next, to: &frame) }
        web.send(connection, .text, frame.bytes, &loop)
    }

    // MARK: Orders

    mutating func cut(
        _ connection: ConnectionID, _ web: inout WebConnections, _ loop: inout EventLoop
    ) {
        if let peer = peers.removeValue(forKey: connection) { hub.disconnect(peer.number) }
        loop.cut(connection)
    }

    mutating func closed(
        _ connection: ConnectionID, _ code: CloseCode, _ reason: RawSpan, _ web: inout WebConnections,
        _ loop: inout EventLoop
    ) {
        if let peer = peers.removeValue(forKey: connection) { hub.disconnect(peer.number) }
    }

    mutating func took(_ message: ScriptedMessage, _ web: inout WebConnections, _ loop: inout EventLoop) {
        switch message {
        case .cut: for connection in Array(peers.keys) { cut(connection, &web, &loop) }
        case .close(let code, let refusal):
            for connection in Array(peers.keys) {
                if let refusal {
                    frame.removeAll()
                    NativeWriter.error(refusal, re: RawSpan(), details: RawSpan(), to: &frame)
                    web.send(connection, .text, frame.bytes, &loop)
                }
                web.close(connection, CloseCode(rawValue: code), RawSpan(), &loop)
            }
        case .script(let other): script = other
        case .newEpoch:
            let epoch = hub.epoch
            hub = ModelHub()
            hub.epoch = epoch + 1
            for connection in Array(peers.keys) { cut(connection, &web, &loop) }
        case .sleep(let milliseconds): SystemClock.sleep(milliseconds: milliseconds)
        case .move(let name, let position):
            hub.move(name, to: position)
            giveAll(&web, &loop)
        case .publish(let topic, let data):
            _ = hub.publish(id: "", from: "hub", topic: topic, data: Array(data.utf8))
            giveAll(&web, &loop)
        }
    }
}
