import HubBytes
import HubConnection
import HubModel
import HubProtocols
import HubRouter

/// What the core has for an agent, in the hub's own protocol.
extension NativeConversation {
    func told(
        _ entry: Outbox.Entry, _ outbox: borrowing Outbox, _ desk: inout Desk, _ web: inout WebConnections,
        _ loop: inout EventLoop
    ) {
        let texts = outbox.bytes.bytes
        switch entry {
        case .delivery(_, let message, let attempt, let consumer):
            send(&desk, &web, &loop) { text in
                NativeWriter.delivery(
                    outbox.messages[Int(message)], in: texts, consumer: consumer.of(texts),
                    attempt: Int(attempt), replay: RawSpan(), to: &text)
            }
        case .receipt(let receipt): told(receipt, texts, &desk, &web, &loop)
        case .rejection(_, let tag, let refusal): rejected(tag, refusal, &desk, &web, &loop)
        case .done(_, let tag): done(tag, &desk, &web, &loop)
        case .connected(_, let tag, let head): connected(tag, head, &desk, &web, &loop)
        case .subscribed(_, let tag, let consumer, let position):
            subscribed(tag, consumer.of(texts).text, &desk)
            answer(tag, &desk, &web, &loop) { id, text in
                NativeWriter.subscribed(
                    re: id, consumer: consumer.of(texts), position: position, pending: nil, to: &text)
            }
        case .unsubscribed(_, let tag, let consumer):
            topics[consumer.of(texts).text] = nil
            answer(tag, &desk, &web, &loop) { id, text in
                NativeWriter.unsubscribed(re: id, consumer: consumer.of(texts), to: &text)
            }
        case .replaced:
            end(
                Refusal(.replaced, "agent \(agent) has connected again; this connection is over"), &desk,
                &web,
                &loop)
        case .unknown:
            end(
                Refusal(
                    .storageUnavailable, "the log could not note that the agent came; connect again",
                    retryAfterMilliseconds: 1000), &desk, &web, &loop)
        case .silent:
            end(
                Refusal(.timeout, "agent \(agent) has not beaten for so long that it counts as gone"), &desk,
                &web,
                &loop)
        case .notice(_, let notice): told(notice, texts, &desk, &web, &loop)
        }
    }

    func toldAll(_ desk: inout Desk, _ web: inout WebConnections, _ loop: inout EventLoop) {
        flush(&desk, &web, &loop)
        hearAgain(desk, &web, &loop)
    }

    /// Writes the answer to a question, if it waits for one.
    private func answer(
        _ tag: UInt64, _ desk: inout Desk, _ web: inout WebConnections, _ loop: inout EventLoop,
        _ write: (RawSpan, inout ByteBuffer) -> Void
    ) {
        guard let question = pending.find(tag) else { return }
        send(&desk, &web, &loop) { text in pending.withID(of: question) { write($0, &text) } }
        pending.answer(tag)
    }

    private func told(
        _ receipt: Outbox.Receipt, _ texts: RawSpan, _ desk: inout Desk, _ web: inout WebConnections,
        _ loop: inout EventLoop
    ) {
        guard let question = pending.find(receipt.tag) else { return }
        switch NativeQuestion(rawValue: question.kind) {
        // What is held back by the log is answered by its receipt.
        case .pause, .resume: return done(receipt.tag, &desk, &web, &loop)
        // Who gave no id wants no receipt.
        default: if question.id.isEmpty { return pending.answer(receipt.tag) }
        }
        var words = NativeReceipt(
            sequence: receipt.sequence, offset: receipt.offset, durability: receipt.durability)
        words.isDuplicate = receipt.isDuplicate
        words.isAddresseeAway = receipt.isAddresseeAway
        answer(receipt.tag, &desk, &web, &loop) { id, text in
            NativeWriter.receipt(words, re: id, session: receipt.session.of(texts), to: &text)
        }
    }

    private func rejected(
        _ tag: UInt64, _ refusal: Refusal, _ desk: inout Desk, _ web: inout WebConnections,
        _ loop: inout EventLoop
    ) {
        // Whoever cannot be let in is told, and goes.
        if pending.find(tag)?.kind == NativeQuestion.hello.rawValue {
            return end(refusal, &desk, &web, &loop)
        }
        // Settlements have no answer, and so no number.
        guard tag != 0 else { return say(refusal, to: RawSpan(), &desk, &web, &loop) }
        pauses[tag] = nil
        wantedTopics[tag] = nil
        answer(tag, &desk, &web, &loop) { id, text in
            NativeWriter.error(refusal, re: id, details: RawSpan(), to: &text)
        }
    }

    private func done(
        _ tag: UInt64, _ desk: inout Desk, _ web: inout WebConnections, _ loop: inout EventLoop
    ) {
        guard let question = pending.find(tag) else { return }
        guard let (pause, name) = pauses.removeValue(forKey: tag) else {
            return answer(tag, &desk, &web, &loop) { id, text in NativeWriter.heartbeatAck(re: id, to: &text)
            }
        }
        let isPause = question.kind == NativeQuestion.pause.rawValue
        name.withBytes { name in
            var scope = pause
            scope.name = Slice(start: 0, count: UInt32(name.byteCount))
            answer(tag, &desk, &web, &loop) { id, text in
                if isPause {
                    NativeWriter.paused(scope, in: name, re: id, to: &text)
                } else {
                    NativeWriter.resumed(scope, in: name, re: id, to: &text)
                }
            }
        }
    }

    private func connected(
        _ tag: UInt64, _ head: Offset, _ desk: inout Desk, _ web: inout WebConnections,
        _ loop: inout EventLoop
    ) {
        phase = .known
        let hub = desk.hub
        let welcome = NativeWelcome(
            agent: agent, hub: "agenthub", version: hub.version, epoch: hub.epoch, head: head,
            heartbeatSeconds: Int(hub.settings.beatMilliseconds / 1000),
            messageBytesMax: hub.frames.payloadBytesMax, batchFramesMax: hub.frames.batchFramesMax)
        // Positions of another epoch mean nothing here.
        let isOther = epoch.map { $0 != hub.epoch } ?? false
        answer(tag, &desk, &web, &loop) { id, text in NativeWriter.welcome(welcome, re: id, to: &text) }
        guard isOther, let known else { return }
        desk.scratch.removeAll()
        NativeWriter.gap(
            NativeGap(.connection, from: min(head, known).rawValue, to: known.rawValue, .epoch),
            name: RawSpan(), to: &desk.scratch)
        send(&desk, &web, &loop)
    }

    private func told(
        _ notice: Outbox.Notice, _ texts: RawSpan, _ desk: inout Desk, _ web: inout WebConnections,
        _ loop: inout EventLoop
    ) {
        desk.scratch.removeAll()
        switch notice {
        case .stalled(let consumer, let inFlight, let limit):
            NativeWriter.stalled(
                consumer: consumer.of(texts), inFlight: inFlight, limit: limit, to: &desk.scratch)
        case .gap(let consumer, let gap):
            NativeWriter.gap(
                NativeGap(.consumer, gap), name: consumer.of(texts), to: &desk.scratch)
        case .presence(let agent, let presence, let since):
            guard mayWatch(agent.of(texts)) else { return }
            NativeWriter.presence(
                agent: agent.of(texts), presence.native, since: since, to: &desk.scratch)
        case .consumerDeleted(let name):
            NativeWriter.consumer(name.of(texts), .deleted, to: &desk.scratch)
        case .consumerMoved(let name, let to):
            NativeWriter.consumer(name.of(texts), .moved(to), to: &desk.scratch)
        case .consumerPaused(let name, let isPaused):
            NativeWriter.consumer(name.of(texts), isPaused ? .paused : .resumed, to: &desk.scratch)
        case .commandTimedOut, .deadLetter: return
        }
        send(&desk, &web, &loop)
    }

    /// The list of agents that was asked for. What they said of themselves is in the log.
    func told(
        _ list: AgentList, _ tag: UInt64, _ desk: inout Desk, _ web: inout WebConnections,
        _ loop: inout EventLoop
    ) {
        listsAsked -= 1
        guard list.agents.contains(where: { $0.status != nil }) else {
            return write(list, [:], tag, &desk, &web, &loop)
        }
        let (links, loopNumber, connection) = (desk.hub.links, desk.loop, connection)
        let isAsked = desk.hub.library.perform { reader in
            let statuses = list.statuses(reader)
            links.tell(loop: loopNumber) { gateway, web, loop in
                gateway.conversation(connection)?.write(list, statuses, tag, &gateway.desk, &web, &loop)
            }
        }
        guard !isAsked else { return }
        let refusal = Refusal(
            .limitReached, "too many questions about the log wait; try again", retryAfterMilliseconds: 1000)
        answer(tag, &desk, &web, &loop) { id, text in
            NativeWriter.error(refusal, re: id, details: RawSpan(), to: &text)
        }
        flush(&desk, &web, &loop)
    }

    private func write(
        _ list: AgentList, _ statuses: [Offset: [UInt8]], _ tag: UInt64, _ desk: inout Desk,
        _ web: inout WebConnections, _ loop: inout EventLoop
    ) {
        answer(tag, &desk, &web, &loop) { id, text in
            NativeWriter.beginAgents(re: id, to: &text)
            for (index, agent) in list.agents.enumerated() {
                let status = agent.status.flatMap { statuses[$0] } ?? []
                agent.agent.withBytes { name in
                    status.withBytes { status in
                        NativeWriter.agent(
                            name, agent.presence.native, since: agent.since, status: status,
                            isFirst: index == 0, to: &text)
                    }
                }
            }
            NativeWriter.endAgents(to: &text)
        }
        flush(&desk, &web, &loop)
    }
}

extension Presence {
    /// In the protocol's words.
    var native: NativePresence {
        switch self {
        case .unknown: .unknown
        case .online: .online
        case .silent: .silent
        case .offline: .offline
        }
    }
}

extension NativeGap {
    /// A gap of the log.
    init(_ subject: Subject, _ gap: Gap) {
        let reason: Reason =
            switch gap.reason {
            case .retention: .retention
            case .damaged: .damaged
            }
        self.init(subject, from: gap.from, to: gap.through, reason)
    }
}
