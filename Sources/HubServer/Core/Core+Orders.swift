import HubBytes
import HubModel
import HubProtocols
import HubRouter
import HubStorage

/// What those on the loops ask.
extension Core {
    mutating func carryOut(_ intake: borrowing Intake) {
        var last: Seat?
        for order in intake.orders {
            if order.seat != last {
                // Whatever it is that somebody asks, he is alive.
                router.heard(order.seat, now: now, &pipeline.open)
                last = order.seat
            }
            do throws(Refusal) { try carryOut(order, intake.bytes.bytes) } catch { refuse(order, error) }
        }
        drain()
    }

    /// Tells somebody that nothing comes of what he asked.
    mutating func refuse(_ order: Order, _ refusal: Refusal) {
        drain()
        metrics.refused(refusal.code)
        outboxes.add(order.seat) { _ in .rejection(order.seat, tag: order.tag, refusal) }
    }

    private mutating func carryOut(_ order: Order, _ texts: RawSpan) throws(Refusal) {
        switch order.what {
        case .publish(let publication): try publish(publication, order, texts)
        case .settle(let settlement): try settle(settlement, order, texts)
        case .beat(let runs): try beat(runs, order, texts)
        case .heard: break
        case .full(let isFull): router.setFull(order.seat, isFull, now: now, &effects)
        case .connect(let introduction): try connect(introduction, order)
        case .disconnect: router.disconnect(order.seat, now: now, &pipeline.open)
        case .subscribe(let subscription): try subscribe(subscription, order)
        case .unsubscribe(let consumer, let delete):
            try unsubscribe(consumer.of(texts), delete: delete, order)
        case .step(let step): try take(step, order, texts)
        case .pause(let scope):
            router.setPause(order.seat, scope, now: now, &effects)
            done(order)
        case .holdConsumer(let consumer, let isHeld):
            try hold(consumer.of(texts), isHeld, order)
        case .watch(let agent): try watch(agent, order, texts)
        case .unwatch:
            router.unwatch(order.seat)
            done(order)
        case .task(let task): task(&self)
        }
    }

    /// Tells somebody that what he asked is done.
    mutating func done(_ order: Order) {
        drain()
        outboxes.add(order.seat) { _ in .done(order.seat, tag: order.tag) }
    }

    // MARK: Messages

    private mutating func publish(
        _ publication: Publication, _ order: Order, _ texts: RawSpan
    ) throws(Refusal) {
        var parts = RecordParts(payload: publication.payload.of(texts))
        parts.id = publication.id.of(texts)
        parts.correlation = publication.correlation.of(texts)
        parts.cause = publication.cause.of(texts)
        parts.trace = publication.trace.of(texts)
        parts.annotations = publication.annotations.of(texts)
        let target: Proposal.Target =
            switch publication.target {
            case .topic: .topic
            case .agent: .agent
            case .implied: .implied
            }
        var proposal = Proposal(publication.kind, to: target, publication.name.of(texts), parts)
        proposal.session = publication.session.of(texts)
        proposal.isRetained = publication.isRetained
        proposal.isBinary = publication.isBinary
        proposal.durability = publication.durability
        proposal.dialect = publication.dialect
        proposal.tag = order.tag
        if let life = publication.lifeMilliseconds { proposal.expiry = now.adding(milliseconds: life) }
        try router.publish(proposal, from: order.seat, now: now, &pipeline.open, &effects)
        metrics.received(publication.kind, payloadBytes: Int(publication.payload.count))
    }

    private mutating func settle(
        _ settlement: Settlement, _ order: Order, _ texts: RawSpan
    ) throws(Refusal) {
        let handle = try consumer(settlement.consumer.of(texts), order.seat)
        let verdict: Router.Verdict =
            switch settlement.verdict {
            case .acknowledged: .acknowledged
            case .refused(let delay): .refused(delayMilliseconds: delay)
            case .working: .working
            case .givenUp: .given
            }
        let remark = settlement.reason.isEmpty ? "" : settlement.reason.of(texts).text
        let runs = settlement.runs.of(texts)
        var place = 0
        while place + 16 <= runs.byteCount {
            let from = Offset(runs.load(place, as: UInt64.self))
            let through = Offset(runs.load(place + 8, as: UInt64.self))
            try router.settle(
                handle, verdict, from: from, through: through, by: order.seat, remark: remark, now: now,
                &effects)
            // Of "all up to here" it is not known how many that are.
            let count = from == .zero ? 1 : Int(clamping: through.rawValue &- from.rawValue) &+ 1
            metrics.settled(settlement.verdict.counted, count)
            place += 16
        }
    }

    private mutating func beat(_ runs: Slice, _ order: Order, _ texts: RawSpan) throws(Refusal) {
        let runs = runs.of(texts)
        var offsets: [Offset] = []
        var place = 0
        while place + 16 <= runs.byteCount {
            let from = runs.load(place, as: UInt64.self)
            let through = runs.load(place + 8, as: UInt64.self)
            guard through >= from, through - from < UInt64(ConsumerSettings.inFlightLimit),
                offsets.count <= ConsumerSettings.inFlightLimit
            else { throw Refusal(.tooLarge, "a heartbeat names too many messages being worked on") }
            for offset in from...through { offsets.append(Offset(offset)) }
            place += 16
        }
        try router.beat(order.seat, workingOn: offsets, now: now, &pipeline.open)
        done(order)
    }

    /// The consumer of a name or label that somebody uses.
    private func consumer(_ text: RawSpan, _ seat: Seat) throws(Refusal) -> ConsumerHandle {
        if let handle = ConsumerLabel.handle(text) { return handle }
        guard let known = router.agent(of: seat),
            let name = router.find(.consumer, tenant: known.tenant, text),
            let handle = router.handle(of: name)
        else { throw Router.notAMember }
        return handle
    }

    // MARK: Who is there

    private mutating func connect(_ introduction: Introduction, _ order: Order) throws(Refusal) {
        var refusal: Refusal?
        introduction.agent.withBytes { agent in
            introduction.tenant.withBytes { tenant in
                do throws(Refusal) {
                    try router.connect(
                        order.seat, agent: agent, tenant: tenant, introduction.role, now: now,
                        &pipeline.open, &effects)
                } catch {
                    refusal = error
                }
            }
        }
        if let refusal { throw refusal }
        drain()
        let head = router.appliedTo
        outboxes.add(order.seat) { _ in .connected(order.seat, tag: order.tag, head: head) }
    }

    private mutating func watch(_ agent: Slice?, _ order: Order, _ texts: RawSpan) throws(Refusal) {
        if let agent {
            try router.watch(order.seat, agent.of(texts), &pipeline.open)
        } else {
            try router.watch(order.seat, nil, &pipeline.open)
        }
        done(order)
    }

    private mutating func take(_ step: SessionOrder, _ order: Order, _ texts: RawSpan) throws(Refusal) {
        var parts = RecordParts(payload: step.payload.of(texts))
        parts.id = step.id.of(texts)
        var proposal = SessionStep(step.kind, step.session.of(texts), parts)
        proposal.with = step.with.of(texts)
        proposal.dialect = step.dialect
        proposal.tag = order.tag
        try router.take(proposal, from: order.seat, now: now, &pipeline.open)
    }

    // MARK: Consumers

    /// Throws if a consumer that is there has topics that somebody may not read: what was not settled of them would come
    /// to him, whatever he asks for.
    private func checkTopics(_ wanted: SubscriptionOrder, _ seat: Seat) throws(Refusal) {
        guard let rights = wanted.rights, let known = router.agent(of: seat),
            let name = wanted.name.withBytes({ router.find(.consumer, tenant: known.tenant, $0) }),
            let facts = router.consumer(name)?.facts
        else { return }
        for text in facts.patterns where !rights.maySubscribe(TopicPattern(unchecked: text)) {
            throw Refusal(
                .forbidden,
                "consumer \(wanted.name) has topics that the agent may not subscribe to; take another name")
        }
    }

    private mutating func subscribe(_ wanted: SubscriptionOrder, _ order: Order) throws(Refusal) {
        try checkTopics(wanted, order.seat)
        guard !wanted.name.hasPrefix("~") else {
            throw Refusal(.badName, "names that begin with ~ are the hub's own; take another")
        }
        if case .behind(let offset) = wanted.start {
            let start: ConsumerStart = offset > router.appliedTo ? .new : .offset(offset)
            return try subscribe(wanted, from: start, order)
        }
        guard case .time(let time) = wanted.start else {
            guard case .at(let start) = wanted.start else { return }
            return try subscribe(wanted, from: start, order)
        }
        let start: ConsumerStart
        do throws(StorageError) { start = .offset(try reader.offset(atOrAfter: time)) } catch {
            throw Refusal(.storageUnavailable, "the log cannot be read: \(error)")
        }
        try subscribe(wanted, from: start, order)
    }

    private mutating func subscribe(
        _ wanted: SubscriptionOrder, from start: ConsumerStart, _ order: Order
    ) throws(Refusal) {
        var refusal: Refusal?
        wanted.name.withBytes { name in
            var subscription = Subscription(name: name, wanted.filter)
            subscription.settings = wanted.settings
            subscription.start = start
            subscription.tag = order.tag
            do throws(Refusal) {
                try router.subscribe(subscription, order.seat, now: now, &pipeline.open, &effects)
            } catch {
                refusal = error
            }
        }
        if let refusal { throw refusal }
    }

    private mutating func unsubscribe(
        _ text: RawSpan, delete: Bool, _ order: Order
    ) throws(Refusal) {
        let handle = try consumer(text, order.seat)
        let name = router.name(of: handle)
        try router.unsubscribe(handle, order.seat, now: now)
        if delete, name != .none {
            try router.delete(consumer: name, OperatorRequest(nil), now: now, &pipeline.open)
        }
        drain()
        let words = text.text
        outboxes.add(order.seat) { outbox in
            .unsubscribed(order.seat, tag: order.tag, consumer: outbox.bytes.place(words))
        }
    }

    /// An agent that a consumer serves holds it back, or lets it go on.
    private mutating func hold(_ text: RawSpan, _ isHeld: Bool, _ order: Order) throws(Refusal) {
        let handle = try consumer(text, order.seat)
        try router.checkMember(order.seat, of: handle)
        let name = router.name(of: handle)
        guard name != .none else {
            throw Refusal(.unknownConsumer, "only a consumer with a name can be paused; pause the connection")
        }
        let request = OperatorRequest(order.seat, tag: order.tag)
        if isHeld {
            try router.pause(consumer: name, request, now: now, &pipeline.open)
        } else {
            try router.resume(consumer: name, request, now: now, &pipeline.open)
        }
    }
}

extension Settlement.Verdict {
    /// As it is counted.
    fileprivate var counted: RouterMetrics.Verdict {
        switch self {
        case .acknowledged: .ack
        case .refused: .nak
        case .working: .working
        case .givenUp: .term
        }
    }
}
