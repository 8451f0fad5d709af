package import HubBytes
import HubModel
package import HubProtocols
import Randomness

/// Frames of the hub.
extension FrameMaker {
    /// A frame of the hub.
    package mutating func hubFrame(_ batch: inout ByteBuffer) -> NativeHubFrame {
        switch random.below(22) {
        case 0: return .welcome(welcome(), re: maybe(&batch))
        case 1: return .challenge(nonce: text(&batch), re: maybe(&batch))
        case 2, 3: return .receipt(receipt(), re: maybe(&batch), session: maybe(&batch))
        case 4: return .error(error(&batch))
        case 5:
            return .subscribed(
                re: maybe(&batch), consumer: text(&batch), position: offset(), pending: maybe { $0.number() })
        case 6: return .unsubscribed(re: maybe(&batch), consumer: text(&batch))
        case 7: return .heartbeatAck(re: maybe(&batch))
        case 8: return .pong(re: maybe(&batch))
        case 9: return .cancelled(re: maybe(&batch))
        case 10:
            let ends = NativeReplayEnd.allCases
            return .replayEnd(
                re: text(&batch), sent: number(), ends[random.below(ends.count)], next: offset())
        case 11: return .paused(re: maybe(&batch), scope(&batch))
        case 12: return .resumed(re: maybe(&batch), scope(&batch))
        case 13: return gap(&batch)
        case 14: return .stalled(consumer: text(&batch), inFlight: number(), limit: number())
        case 15: return .presence(agent: text(&batch), presence(), since: maybe { $0.time() } ?? .none)
        case 16: return .consumer(name: text(&batch), consumerEvent())
        case 17: return .agents(re: maybe(&batch), agents(&batch))
        default: return .delivery(delivery(&batch))
        }
    }

    private mutating func presence() -> NativePresence { NativePresence.allCases[random.below(4)] }

    private mutating func consumerEvent() -> NativeConsumerEvent {
        [.deleted, .moved(offset()), .paused, .resumed][random.below(4)]
    }

    private mutating func agents(_ batch: inout ByteBuffer) -> [NativeAgent] {
        var list: [NativeAgent] = []
        for _ in 0..<random.below(4) {
            list.append(
                NativeAgent(
                    agent: word(), state: presence(), since: maybe { $0.time() } ?? .none,
                    status: random.once(in: 2) ? object(&batch) : .empty))
        }
        return list
    }

    private mutating func gap(_ batch: inout ByteBuffer) -> NativeHubFrame {
        let subjects: [NativeGap.Subject] = [.consumer, .session, .replay, .connection]
        let reasons = NativeGap.Reason.allCases
        let gap = NativeGap(
            subjects[random.below(4)], from: UInt64(number()), to: UInt64(number()),
            reasons[random.below(reasons.count)])
        return .gap(gap, name: gap.subject == .connection ? .empty : text(&batch))
    }

    private mutating func welcome() -> NativeWelcome {
        NativeWelcome(
            agent: word(), hub: word(), version: "1.0", epoch: Epoch.random(using: &random), head: offset(),
            heartbeatSeconds: 1 + random.below(100), messageBytesMax: number(), batchFramesMax: number(),
            consumers: (0..<random.below(3)).map { _ in
                NativeWelcome.Consumer(name: word(), pending: number(), inFlight: number())
            })
    }

    private mutating func receipt() -> NativeReceipt {
        var receipt = NativeReceipt(
            sequence: SequenceNumber(UInt64(number())), offset: offset(),
            durability: Durability.allCases[random.below(3)])
        receipt.isDuplicate = random.once(in: 3)
        receipt.isAddresseeAway = random.once(in: 3)
        return receipt
    }

    private mutating func error(_ batch: inout ByteBuffer) -> NativeErrorFrame {
        let codes = RefusalCode.allCases
        var frame = NativeErrorFrame(code: codes[random.below(codes.count)].rawValue, message: word())
        frame.re = maybe(&batch)
        if random.once(in: 2) { frame.details = object(&batch) }
        frame.retryAfterMilliseconds = maybe { $0.number() }
        return frame
    }

    private mutating func delivery(_ batch: inout ByteBuffer) -> NativeDelivery {
        let kinds: [MessageKind] = [
            .message, .command, .response, .status, .sessionOpen, .sessionAccept, .sessionReject,
            .sessionClose,
            .pause, .resume, .deadLetter, .system,
        ]
        var message = RoutedMessage(
            kinds[random.below(kinds.count)], offset: offset(), sequence: SequenceNumber(UInt64(number())),
            time: time(), expiry: maybe { $0.time() } ?? .none)
        message.id = maybe(&batch)
        message.sender = maybe(&batch)
        message.isDirect = random.once(in: 2)
        message.destination = text(&batch)
        message.session = maybe(&batch)
        message.correlation = maybe(&batch)
        message.cause = maybe(&batch)
        message.trace = maybe(&batch)
        if random.once(in: 3) { message.flags.insert(.retained) }
        if random.once(in: 5) { message.flags.insert(.late) }
        switch random.below(8) {
        case 0:
            message.flags.insert(.failure)
            message.payload = batch.place("timeout")
        case 1:
            message.flags.insert(.binary)
            message.payload = batch.place(String(repeating: "\u{0}\u{7f}x", count: 1 + random.below(4)))
        case 2: break
        default: message.payload = payload(&batch)
        }
        var delivery = NativeDelivery(message: message)
        delivery.consumer = maybe(&batch)
        delivery.attempt = 1 + random.below(3)
        delivery.replay = maybe(&batch)
        return delivery
    }
}

extension NativeHubFrame {
    /// The frame as the hub writes it; false for a type that it does not have.
    package func append(in batch: RawSpan, to buffer: inout ByteBuffer) -> Bool {
        typealias Writer = NativeWriter
        switch self {
        case .welcome(let welcome, let re): Writer.welcome(welcome, re: re.of(batch), to: &buffer)
        case .challenge(let nonce, let re):
            Writer.challenge(nonce: nonce.of(batch).text, re: re.of(batch), to: &buffer)
        case .receipt(let receipt, let re, let session):
            Writer.receipt(receipt, re: re.of(batch), session: session.of(batch), to: &buffer)
        case .delivery(let delivery):
            Writer.delivery(
                delivery.message, in: batch, consumer: delivery.consumer.of(batch), attempt: delivery.attempt,
                replay: delivery.replay.of(batch), to: &buffer)
        case .error(let error):
            guard let code = RefusalCode(rawValue: error.code) else { return false }
            let refusal = Refusal(
                code, error.message, retryAfterMilliseconds: error.retryAfterMilliseconds)
            Writer.error(refusal, re: error.re.of(batch), details: error.details.of(batch), to: &buffer)
        case .other: return false
        default: appendAnswer(in: batch, to: &buffer)
        }
        return true
    }

    private func appendAnswer(in batch: RawSpan, to buffer: inout ByteBuffer) {
        typealias Writer = NativeWriter
        switch self {
        case .subscribed(let re, let consumer, let position, let pending):
            Writer.subscribed(
                re: re.of(batch), consumer: consumer.of(batch), position: position, pending: pending,
                to: &buffer)
        case .unsubscribed(let re, let consumer):
            Writer.unsubscribed(re: re.of(batch), consumer: consumer.of(batch), to: &buffer)
        case .heartbeatAck(let re): Writer.heartbeatAck(re: re.of(batch), to: &buffer)
        case .pong(let re): Writer.pong(re: re.of(batch), to: &buffer)
        case .cancelled(let re): Writer.cancelled(re: re.of(batch), to: &buffer)
        case .replayEnd(let re, let sent, let end, let next):
            Writer.replayEnd(re: re.of(batch), sent: sent, end, next: next, to: &buffer)
        case .paused(let re, let scope): Writer.paused(scope, in: batch, re: re.of(batch), to: &buffer)
        case .resumed(let re, let scope): Writer.resumed(scope, in: batch, re: re.of(batch), to: &buffer)
        case .gap(let gap, let name): Writer.gap(gap, name: name.of(batch), to: &buffer)
        case .stalled(let consumer, let inFlight, let limit):
            Writer.stalled(consumer: consumer.of(batch), inFlight: inFlight, limit: limit, to: &buffer)
        case .presence(let agent, let state, let since):
            Writer.presence(agent: agent.of(batch), state, since: since, to: &buffer)
        case .consumer(let name, let event): Writer.consumer(name.of(batch), event, to: &buffer)
        case .agents(let re, let agents):
            Writer.beginAgents(re: re.of(batch), to: &buffer)
            for (index, agent) in agents.enumerated() {
                agent.agent.withBytes {
                    Writer.agent(
                        $0, agent.state, since: agent.since, status: agent.status.of(batch),
                        isFirst: index == 0, to: &buffer)
                }
            }
            Writer.endAgents(to: &buffer)
        default: break
        }
    }
}
