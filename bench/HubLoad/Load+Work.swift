import HubBytes
import HubConnection
import HubModel
import HubProtocols
import HubServer
import HubSystem

/// What happens while messages go back and forth.
extension Load {
    /// Frames of one array: few enough that the hub begins while the next are written.
    private static var batchMax: Int { 128 }

    mutating func message(
        _ connection: ConnectionID, _ kind: WebSocketMessageKind, _ payload: RawSpan,
        _ web: inout WebConnections, _ loop: inout EventLoop
    ) {
        let agent = agents[places[Int(connection.index)]]
        let now = SystemClock.monotonicNanoseconds()
        var reader = NativeClientReader(payload)
        texts.removeAll()
        do throws(NativeFault) {
            while let frame = try reader.next(&texts) {
                switch frame {
                case .receipt(let receipt, let re, _):
                    // Nothing is sent twice; what the hub has seen before would be counted as work that it was not.
                    guard !receipt.isDuplicate else { fail("the hub takes a message for one sent before") }
                    took(re, agent, now)
                case .delivery(let delivery): took(delivery, agent, now)
                case .welcome: welcomed(agent, connection, &web, &loop)
                case .subscribed: isReady(&web, &loop)
                case .error(let error): fail("the hub said \(error.code): \(error.message)")
                default: break
                }
            }
        } catch {
            fail("the hub sent what is no frame: \(error.refusal)")
        }
    }

    private mutating func took(_ re: Slice, _ agent: LoadAgent, _ now: UInt64) {
        guard let number = MessageMold.number(re.of(texts.bytes)), number < next else {
            fail("a receipt for nothing that was sent")
        }
        agent.outstanding -= 1
        outcome.receipts += 1
        outcome.receiptLatency.add(now &- times[number])
    }

    private mutating func took(_ delivery: NativeDelivery, _ agent: LoadAgent, _ now: UInt64) {
        guard let number = MessageMold.number(delivery.message.id.of(texts.bytes)), number < next else {
            fail("a delivery of nothing that was sent")
        }
        if workload.settling != .none {
            let offset = delivery.message.offset.rawValue
            agent.unsettled.append(offset)
            agent.unsettled.append(offset)
        }
        guard delivery.attempt == 1 else {
            outcome.redeliveries += 1
            return
        }
        agent.received += 1
        outcome.deliveries += 1
        outcome.deliveryLatency.add(now &- times[number])
    }

    /// All that this turn brought has been looked at: settlements go out, and messages for which there is room.
    mutating func turned(_ web: inout WebConnections, _ loop: inout EventLoop) {
        guard start > 0 else { return }
        for agent in agents {
            guard let connection = agent.connection else { continue }
            switch agent.role {
            case .publisher: publish(agent, connection, &web, &loop)
            case .consumer:
                if !agent.unsettled.isEmpty { settle(agent, connection, &web, &loop) }
            }
        }
        endIfDone()
    }

    mutating func took(
        _ message: LoadMessage, _ web: inout WebConnections, _ loop: inout EventLoop
    ) {}

    // MARK: Publishing

    /// How many messages a publisher may send by now.
    private func due(_ agent: LoadAgent, _ now: UInt64) -> Int {
        let room = min(workload.window - agent.outstanding, agent.quota - agent.sent)
        guard workload.rate > 0 else { return room }
        let due = Int((now - start) / 1000 * UInt64(workload.rate) / 1_000_000) + 1
        return min(room, due / workload.publishers - agent.sent)
    }

    private mutating func publish(
        _ agent: LoadAgent, _ connection: ConnectionID, _ web: inout WebConnections, _ loop: inout EventLoop
    ) {
        let now = SystemClock.monotonicNanoseconds()
        var left = due(agent, now)
        while left > 0 {
            let count = min(left, Self.batchMax)
            frames.removeAll()
            if count > 1 { frames.append(UInt8(ascii: "[")) }
            for index in 0..<count {
                if index > 0 { frames.append(UInt8(ascii: ",")) }
                // Of what is paced, each message has its time, whether it could be sent then or not.
                times[next] =
                    workload.rate > 0
                    ? start + UInt64(next) * 1_000_000_000 / UInt64(workload.rate) : now
                mold.write(next, to: &frames)
                next += 1
            }
            if count > 1 { frames.append(UInt8(ascii: "]")) }
            agent.sent += count
            agent.outstanding += count
            left -= count
            Self.send(frames, connection, &web, &loop)
        }
    }

    // MARK: Settling

    private mutating func settle(
        _ agent: LoadAgent, _ connection: ConnectionID, _ web: inout WebConnections, _ loop: inout EventLoop
    ) {
        frames.removeAll()
        Self.write(workload.settling, agent.unsettled.bytes, consumerName(agent), to: &frames)
        agent.unsettled.removeAll()
        Self.send(frames, connection, &web, &loop)
    }

    private static func write(
        _ settling: Workload.Settling, _ runs: RawSpan, _ consumer: String, to frames: inout ByteBuffer
    ) {
        var texts = ByteBuffer(capacity: 256)
        let name = texts.place(consumer)
        switch settling {
        case .none: break
        case .upTo:
            NativeClientWriter.ack(
                consumer: name.of(texts.bytes),
                upTo: Offset(runs.load(runs.byteCount - 8, as: UInt64.self)), to: &frames)
        case .list:
            texts.append(runs)
            let settlement = Settlement(
                .acknowledged, consumer: name, runs: Slice(from: Int(name.count), in: texts))
            NativeClientWriter.settlement(settlement, in: texts.bytes, to: &frames)
        case .each:
            for place in stride(from: 0, to: runs.byteCount, by: 16) {
                frames.append(UInt8(ascii: place == 0 ? "[" : ","))
                NativeClientWriter.ack(
                    consumer: name.of(texts.bytes), Offset(runs.load(place, as: UInt64.self)), to: &frames)
            }
            frames.append(UInt8(ascii: "]"))
        }
    }
}
