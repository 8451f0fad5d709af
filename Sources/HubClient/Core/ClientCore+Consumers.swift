import HubBytes

// Subscriptions: what is asked for, what comes, and what becomes of it.
extension ClientCore {
    /// How long after a reconnection what comes again is taken for an echo of the lost connection.
    private static let echoMilliseconds: Int64 = 60_000

    /// Begins a subscription under a key of the caller's choice.
    mutating func subscribe(
        _ key: Int, _ filter: Filter, _ wanted: SubscribeOptions, _ waiter: Waiter<HubReply>,
        _ effects: inout Effects
    ) {
        guard !isEnded else { return effects.replies.append((waiter, .failure(.closed))) }
        subscriptions[key] = SubscriptionState(filter, wanted)
        request(key, waiter, &effects)
    }

    /// The key of the subscription that brings the answers to this client's commands.
    static let answersKey = 0

    /// Has answers come: to the agent's inbox, by a consumer of this client's own.
    mutating func subscribeToAnswers(_ effects: inout Effects) {
        var wanted = SubscribeOptions()
        wanted.acknowledgement = .onDelivery
        subscriptions[Self.answersKey] = SubscriptionState(.inbox, wanted)
        request(Self.answersKey, nil, &effects)
    }

    private mutating func request(_ key: Int, _ waiter: Waiter<HubReply>?, _ effects: inout Effects) {
        guard let state = subscriptions[key] else { return }
        let id = takeRequestNumber()
        let frame = ClientFrame.subscribe(id: id, state.filter, state.options, from: state.start)
        requests[id] = PendingRequest(kind: .subscribe(key: key), frame: frame, waiter: waiter)
        subscriptions[key]?.request = id
        if isOnline { effects.frames.append(frame) }
    }

    /// Asks again for whatever the lost connection had.
    mutating func resubscribe(now: Int64, _ effects: inout Effects) {
        for key in subscriptions.keys.sorted() {
            // Who waits since before goes on waiting, for the answer to another question.
            let old = subscriptions[key]?.request.flatMap { requests.removeValue(forKey: $0) }
            request(key, old?.waiter, &effects)
        }
        for key in replays.keys.sorted() { restart(key, &effects) }
    }

    /// The hub serves a subscription.
    mutating func subscribed(
        _ id: UInt64, consumer: String, position: UInt64?, now: Int64, _ effects: inout Effects
    ) {
        guard let request = requests[id], case .subscribe(let key) = request.kind else { return }
        guard var state = subscriptions[key] else {
            requests[id] = nil
            effects.frames.append(.unsubscribe(id: takeRequestNumber(), consumer: consumer, delete: false))
            return
        }
        state.consumer = consumer
        state.consumerBytes = Array(consumer.utf8)
        state.request = nil
        state.wasServed = true
        state.isNewEpoch = false
        state.position = position ?? state.position
        if state.memory.hasEchoes {
            state.echoesUntil = now + Self.echoMilliseconds
            hasEchoes = true
        }
        subscriptions[key] = state
        answered(id, .subscribed(key: key, consumer: consumer), &effects)
    }

    /// Ends a subscription, and the consumer too if its name is to be forgotten.
    mutating func unsubscribe(
        _ key: Int, delete: Bool, _ waiter: Waiter<HubReply>?, _ effects: inout Effects
    ) {
        guard let state = subscriptions.removeValue(forKey: key) else {
            if let waiter { effects.replies.append((waiter, .success(.done))) }
            return
        }
        effects.finished.append((key, nil))
        guard let consumer = state.consumer ?? state.options.consumer,
            state.options.consumer != nil || isOnline
        else {
            if let waiter { effects.replies.append((waiter, .success(.done))) }
            return
        }
        let id = takeRequestNumber()
        let frame = ClientFrame.unsubscribe(id: id, consumer: consumer, delete: delete)
        // One that lives with its connection is gone with it.
        requests[id] = PendingRequest(kind: .repeatable, frame: frame, waiter: waiter)
        if isOnline { effects.frames.append(frame) }
    }

    // MARK: Deliveries

    /// What is to be done with a delivery.
    enum DeliveryStep: Equatable {
        case handOut(key: Int)
        /// It is known, or nobody wants it.
        case drop
    }

    /// The key of the subscription that a consumer serves; `last` is the one that was found last, and likely.
    func key(ofConsumer name: RawSpan, near last: Int? = nil) -> Int? {
        if let last, let state = subscriptions[last], Self.equals(state.consumerBytes, name) { return last }
        for (key, state) in subscriptions where Self.equals(state.consumerBytes, name) { return key }
        return nil
    }

    private static func equals(_ bytes: [UInt8], _ span: RawSpan) -> Bool {
        bytes.count == span.byteCount && bytes.withBytes { $0.equals(span) }
    }

    /// A message came for a subscription.
    mutating func delivered(
        _ key: Int, offset: UInt64, time: Int64, _ effects: inout Effects
    ) -> DeliveryStep {
        guard subscriptions[key] != nil else { return .drop }
        if let last = subscriptions[key]?.lastTime, last >= time {
        } else {
            subscriptions[key]?.lastTime = time
        }
        guard subscriptions[key]?.options.acknowledgement != .onDelivery else {
            subscriptions[key]?.memory.saw(offset)
            return .handOut(key: key)
        }
        switch subscriptions[key]?.memory.deliver(offset) {
        case .handOut: return .handOut(key: key)
        case .drop, nil: return .drop
        case .settleAgain(let verdict, let delay, let reason):
            tellVerdict(key, verdict, offset, delay, reason, &effects)
            return .drop
        }
    }

    /// The application says what becomes of a delivery.
    mutating func settle(
        _ key: Int, _ offset: UInt64, _ verdict: Verdict, delay: Int64?, reason: String?,
        _ effects: inout Effects
    ) {
        guard
            subscriptions[key]?.memory.settle(offset, verdict, delay: delay, reason: reason) == true, isOnline
        else { return }
        tellVerdict(key, verdict, offset, delay, reason, &effects)
    }

    /// The application is done with everything up to an offset.
    mutating func settle(_ key: Int, upTo offset: UInt64, _ effects: inout Effects) {
        guard subscriptions[key]?.memory.settle(upTo: offset) == true, isOnline,
            let consumer = subscriptions[key]?.consumer
        else { return }
        effects.frames.append(.settleUpTo(consumer: consumer, offset))
    }

    /// Verdicts on one consumer's deliveries that are the same go into one frame.
    private mutating func tellVerdict(
        _ key: Int, _ verdict: Verdict, _ offset: UInt64, _ delay: Int64?, _ reason: String?,
        _ effects: inout Effects
    ) {
        guard let consumer = subscriptions[key]?.consumer else { return }
        if case .settle(consumer, verdict, var offsets, delay, reason) = effects.frames.last,
            offsets.count < Self.offsetsMax
        {
            // Taken out first, so that the list is not copied.
            effects.frames.removeLast()
            offsets.append(offset)
            effects.frames.append(
                .settle(consumer: consumer, verdict, offsets: offsets, delay: delay, reason: reason))
            return
        }
        effects.frames.append(
            .settle(consumer: consumer, verdict, offsets: [offset], delay: delay, reason: reason))
    }

    /// Offsets in one frame.
    private static let offsetsMax = 1024

    /// An operator deleted a consumer.
    mutating func consumerDeleted(_ name: RawSpan, _ effects: inout Effects) {
        guard let key = key(ofConsumer: name) else { return }
        subscriptions[key] = nil
        let refusal = HubRefusal(
            ErrorCode(rawValue: "unknown_consumer"), "consumer \(name.text) was deleted by an operator")
        effects.finished.append((key, .refused(refusal)))
    }

    /// An operator moved a consumer: what comes again is meant to.
    mutating func consumerMoved(_ name: RawSpan) {
        if let key = key(ofConsumer: name) { subscriptions[key]?.memory.forget() }
    }

    // MARK: Replays

    /// Begins a replay under a key of the caller's choice.
    mutating func replay(_ key: Int, _ spec: ReplaySpec, _ effects: inout Effects) {
        guard !isEnded else { return effects.finished.append((key, .closed)) }
        replays[key] = ReplayState(spec: spec, request: 0)
        restart(key, &effects)
    }

    private mutating func restart(_ key: Int, _ effects: inout Effects) {
        guard let spec = replays[key]?.spec else { return }
        let id = takeRequestNumber()
        let frame = ClientFrame.replay(id: id, spec)
        replays[key]?.request = id
        if isOnline { effects.frames.append(frame) }
    }

    /// A message of a replay came; the key of the replay that it is of.
    mutating func replayed(_ id: UInt64, offset: UInt64) -> Int? {
        guard let key = replays.first(where: { $0.value.request == id })?.key else { return nil }
        // What comes after a lost connection begins here.
        replays[key]?.spec.from = .offset(offset + 1)
        if let limit = replays[key]?.spec.limit { replays[key]?.spec.limit = limit - 1 }
        return key
    }

    /// A replay is over.
    mutating func replayEnded(_ id: UInt64, _ error: ClientError?, _ effects: inout Effects) {
        guard let key = replays.first(where: { $0.value.request == id })?.key else { return }
        replays[key] = nil
        effects.finished.append((key, error))
    }

    /// Nobody looks at a replay any more.
    mutating func cancelReplay(_ key: Int, _ effects: inout Effects) {
        guard let state = replays.removeValue(forKey: key) else { return }
        effects.finished.append((key, nil))
        if isOnline { effects.frames.append(.cancel(id: state.request)) }
    }

    // MARK: The end of a connection, and of an epoch

    /// What held for the lost connection alone.
    mutating func forgetConnection(_ effects: inout Effects) {
        nextBeat = .max
        outbox.rewind()
        for key in subscriptions.keys {
            if subscriptions[key]?.options.consumer == nil {
                subscriptions[key]?.memory.beginAnew()
                subscriptions[key]?.consumer = nil
                subscriptions[key]?.consumerBytes = []
            } else {
                subscriptions[key]?.memory.lostConnection()
            }
            subscriptions[key]?.echoesUntil = .max
        }
        hasEchoes = false
        for (id, request) in requests {
            // A consumer without a name is gone with its connection.
            guard case .unsubscribe(_, _, delete: false) = request.frame else { continue }
            requests[id] = nil
            if let waiter = request.waiter { effects.replies.append((waiter, .success(.done))) }
        }
    }

    /// Offsets mean something else from now on.
    mutating func beginEpoch(_ effects: inout Effects) {
        for key in subscriptions.keys {
            subscriptions[key]?.memory.forget()
            subscriptions[key]?.position = nil
            subscriptions[key]?.isNewEpoch = true
        }
        for (key, state) in replays {
            // What it has seen it could not tell from what it has not.
            guard case .offset = state.spec.from else { continue }
            replays[key] = nil
            effects.finished.append((key, .stopped("the hub's log is another one now")))
        }
    }

    /// The hub had its time to deliver again what a lost connection left.
    mutating func forgetEchoes(now: Int64) {
        guard hasEchoes else { return }
        var rest = false
        for (key, state) in subscriptions where state.echoesUntil != .max {
            if now >= state.echoesUntil {
                subscriptions[key]?.memory.forgetSettled()
                subscriptions[key]?.echoesUntil = .max
            } else {
                rest = true
            }
        }
        hasEchoes = rest
    }
}
