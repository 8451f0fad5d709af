import HubBytes
import HubConnection
import HubModel
import HubProtocols
import Synchronization

// What comes from the hub.
extension ClientHandler {
    /// Reads messages from `start` on; says how many bytes are done with.
    mutating func read(
        _ socket: SocketState, _ input: inout ByteBuffer, from start: Int, _ loop: inout EventLoop
    ) -> Int {
        let now = Self.nanoseconds(loop)
        var position = start
        // Whoever waits for an answer that is here by now is known.
        takeOrders(&loop)
        socket.session.heard(at: now)
        var answers = ByteBuffer(capacity: 0)
        reading: while self.socket === socket {
            let event = socket.session.receive(
                &input, at: &position, answeringTo: &answers, waiting: loop.waitingBytes(socket.id), now: now)
            switch event {
            case .message(.text, let payload):
                if payload.isAssembled {
                    var message = ByteBuffer(capacity: 0)
                    socket.session.exchangeMessage(&message)
                    take(message.bytes, &loop)
                    socket.session.exchangeMessage(&message)
                } else {
                    take(input.bytes.extracting(payload.range), &loop)
                }
            case .message(.binary, _): refuse("it sent bytes, which are no frames of this protocol", &loop)
            case .ping, .pong: continue
            case .closed(let code, let reason):
                let text = input.bytes.extracting(reason.range).text
                if !answers.isEmpty { loop.send(answers.bytes, on: socket.id) }
                answers.removeAll()
                self.socket = nil
                loop.close(socket.id)
                core.lost(.closed(code: code.rawValue, reason: text), now: loop.now, &effects)
            case .failed(let fault):
                if !answers.isEmpty { loop.send(answers.bytes, on: socket.id) }
                self.socket = nil
                loop.close(socket.id)
                core.lost(.transport("the hub broke a rule: \(fault.sentence)"), now: loop.now, &effects)
                return input.count
            case .needs, .ended: break reading
            }
        }
        if !answers.isEmpty { loop.send(answers.bytes, on: socket.id) }
        return self.socket === socket ? position : input.count
    }

    /// What came makes no sense: another connection may do better.
    private mutating func refuse(_ sentence: String, _ loop: inout EventLoop) {
        hangUp(1002, &loop)
        core.lost(.transport("the hub is not understood: \(sentence)"), now: loop.now, &effects)
    }

    /// Reads the frames of one text. The texts of deliveries stay where they are for as long as somebody has one of them.
    private mutating func take(_ text: RawSpan, _ loop: inout EventLoop) {
        var found: [(key: Int?, delivery: NativeDelivery)] = []
        var texts = ByteBuffer(capacity: 64)
        swap(&texts, &batch)
        texts.removeAll()
        do throws(NativeFault) {
            var reader = NativeClientReader(text, limits: Self.limits)
            while let frame = try reader.next(&texts) {
                if case .delivery(let delivery) = frame {
                    if let key = sort(delivery, in: texts.bytes) { found.append((key, delivery)) }
                } else {
                    act(on: frame, in: texts.bytes, &loop)
                }
            }
        } catch {
            swap(&texts, &batch)
            return refuse("\(error.refusal)", &loop)
        }
        guard !found.isEmpty else { return swap(&texts, &batch) }
        hand(found, texts)
    }

    private mutating func hand(
        _ found: [(key: Int?, delivery: NativeDelivery)], _ texts: consuming ByteBuffer
    ) {
        let bytes = texts.count / found.count
        let frames = SharedBytes(texts)
        for (key, delivery) in found {
            guard let key else { continue }
            let isReplay = !delivery.replay.isEmpty
            let desk = isReplay ? nil : desks[key]
            keep(Delivery(delivery, frames, desk), for: key, bytes: bytes)
        }
    }

    private static var limits: NativeLimits {
        var limits = NativeLimits()
        limits.payloadBytesMax = Limits.payloadBytesMax
        limits.batchFramesMax = 1 << 20
        return limits
    }

    // MARK: Deliveries

    /// Whose a delivery is; nil if nobody is to have it.
    private mutating func sort(_ delivery: NativeDelivery, in texts: RawSpan) -> Int? {
        if !delivery.replay.isEmpty {
            guard let id = link.ids.request(delivery.replay.of(texts)) else { return nil }
            return core.replayed(id, offset: delivery.message.offset.rawValue)
        }
        let name = delivery.consumer.of(texts)
        guard let key = core.key(ofConsumer: name, near: lastKey) else { return nil }
        lastKey = key
        let message = delivery.message
        let step = core.delivered(
            key, offset: message.offset.rawValue, time: message.time.microseconds, &effects)
        guard case .handOut = step else { return nil }
        guard message.kind == .response, let number = link.ids.number(message.correlation.of(texts)) else {
            return key == ClientCore.answersKey ? nil : key
        }
        // The answer to a command of this client, which a task waits for or has given up.
        if key == ClientCore.answersKey {
            _ = core.responded(number, Response(delivery, in: texts))
        } else {
            core.settle(key, message.offset.rawValue, .acknowledged, delay: nil, reason: nil, &effects)
        }
        return nil
    }

    // MARK: Other frames

    private mutating func act(on frame: NativeHubFrame, in texts: RawSpan, _ loop: inout EventLoop) {
        switch frame {
        case .receipt(let receipt, let re, let session):
            let id = re.of(texts)
            guard let number = link.ids.number(id) ?? chosenNumber(id) else { return }
            let facts = ReceiptFacts(
                sequence: receipt.sequence.rawValue, offset: receipt.offset.rawValue,
                durability: Durability(receipt.durability), isDuplicate: receipt.isDuplicate,
                isAway: receipt.isAddresseeAway)
            core.receipted(number, facts, id: id, session: session.of(texts), &effects)
        case .welcome(let welcome, _): core.welcomed(HubInfo(welcome), now: loop.now, &effects)
        case .challenge(let nonce, _): answer(nonce.of(texts).text, &loop)
        case .error(let error): act(on: error, in: texts)
        case .subscribed(let re, let consumer, let position, _):
            guard let id = link.ids.request(re.of(texts)) else { return }
            core.subscribed(
                id, consumer: consumer.of(texts).text, position: position.rawValue, now: loop.now, &effects)
        case .unsubscribed(let re, _), .cancelled(let re), .paused(let re, _), .resumed(let re, _):
            if let id = link.ids.request(re.of(texts)) { core.answered(id, .done, &effects) }
        case .agents(let re, let agents):
            guard let id = link.ids.request(re.of(texts)) else { return }
            let states = agents.map {
                AgentState(agent: $0.agent, state: $0.state.rawValue, since: max($0.since.microseconds, 0))
            }
            core.answered(id, .agents(states), &effects)
        default: notice(frame, in: texts)
        }
    }

    /// What the hub tells without being asked.
    private mutating func notice(_ frame: NativeHubFrame, in texts: RawSpan) {
        switch frame {
        case .replayEnd(let re, _, _, _):
            if let id = link.ids.request(re.of(texts)) { core.replayEnded(id, nil, &effects) }
        case .gap(let gap, let name):
            let text = name.of(texts).text
            let missing = MissingRange(
                consumer: gap.subject == .session ? "" : text, session: gap.subject == .session ? text : "",
                from: gap.from, to: gap.to, reason: gap.reason.rawValue)
            effects.events.append(.gap(missing))
        case .stalled(let consumer, let inFlight, let limit):
            effects.events.append(
                .stalled(consumer: consumer.of(texts).text, inFlight: inFlight, limit: limit))
        case .presence(let agent, let state, let since):
            let change = AgentState(
                agent: agent.of(texts).text, state: state.rawValue, since: max(since.microseconds, 0))
            for reader in link.presence.withLock({ $0 }) { reader.put([change]) }
        case .consumer(let name, .deleted): core.consumerDeleted(name.of(texts), &effects)
        case .consumer(let name, .moved): core.consumerMoved(name.of(texts))
        default: break
        }
    }

    private func chosenNumber(_ id: RawSpan) -> UInt64? {
        core.outbox.hasChosenIDs ? core.outbox.number(ofChosen: id.text) : nil
    }

    private mutating func act(on error: NativeErrorFrame, in texts: RawSpan) {
        let refusal = HubRefusal(
            ErrorCode(rawValue: error.code), error.message,
            retryAfterMilliseconds: error.retryAfterMilliseconds.map { Int64($0) })
        let re = error.re.of(texts)
        if let id = link.ids.request(re) {
            core.refused(request: id, refusal, &effects)
        } else if let number = link.ids.number(re) ?? chosenNumber(re) {
            core.refused(message: number, refusal, &effects)
        } else {
            core.refused(refusal, &effects)
        }
    }

    /// Signs what the hub asks for, and says hello once more.
    private mutating func answer(_ nonce: String, _ loop: inout EventLoop) {
        guard let key = link.key, let signature = key.sign(nonce) else {
            core.warned(
                HubRefusal(
                    .unauthorized, "the hub wants a signature, and the credentials hold no key for one"))
            hangUp(1000, &loop)
            return core.lost(.transport("no signature"), now: loop.now, &effects)
        }
        core.challenged(key: key.name, signature: signature, &effects)
    }
}
