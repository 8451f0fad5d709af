import HubBytes

/// Why there is no connection any more, or none came about.
enum Loss: Equatable {
    /// Nobody is there, or not any more.
    case transport(String)
    /// The hub, or whoever stands before it, answered something else than a WebSocket.
    case refusedUpgrade(status: Int)
    /// The hub closed the connection.
    case closed(code: UInt16, reason: String)
}

// Connecting, being lost, coming back.
extension ClientCore {
    /// Begins.
    mutating func start(now: Int64, _ effects: inout Effects) {
        guard phase == .idle else { return }
        connect(now: now, &effects)
    }

    private mutating func connect(now: Int64, _ effects: inout Effects) {
        phase = .connecting(until: now + options.connectMilliseconds)
        askedPause = nil
        farewell = nil
        effects.connects = true
    }

    /// The WebSocket is open: the hub is told who this is.
    mutating func opened(now: Int64, _ effects: inout Effects) {
        guard case .connecting = phase else { return }
        phase = .greeting(until: now + options.connectMilliseconds)
        effects.frames.append(hello(nil))
    }

    private func hello(_ proof: ClientFrame.Proof?) -> ClientFrame {
        .hello(epoch: hub?.epoch, offset: subscriptions.values.compactMap(\.lastOffset).max(), proof)
    }

    /// The hub wants a signature, and here it is.
    mutating func challenged(key: String, signature: String, _ effects: inout Effects) {
        guard case .greeting = phase else { return }
        effects.frames.append(hello(ClientFrame.Proof(key: key, signature: signature)))
    }

    /// The hub said hello.
    mutating func welcomed(_ info: HubInfo, now: Int64, _ effects: inout Effects) {
        guard case .greeting = phase else { return }
        phase = .online(since: now)
        wasOnline = true
        if let known = hub, known.epoch != info.epoch {
            effects.events.append(.epochChanged(from: known.epoch, to: info.epoch))
            beginEpoch(&effects)
        }
        hub = info
        nextBeat = info.heartbeatSeconds > 0 ? now + beatPause(info) : .max
        effects.events.append(.connected(info))
        if let paused = pausedConnection {
            effects.frames.append(.pause(id: takeRequestNumber(), .connection, isOnlyWork: paused))
        }
        resubscribe(now: now, &effects)
        let waiting = requests.sorted { $0.key < $1.key }
        for (_, request) in waiting {
            if case .repeatable = request.kind { effects.frames.append(request.frame) }
        }
        if let watched, !waiting.contains(where: { $0.value.isWatch }) {
            effects.frames.append(.watchPresence(id: takeRequestNumber(), agents: watched))
        }
        outbox.rewind()
    }

    private func beatPause(_ info: HubInfo) -> Int64 { max(Int64(info.heartbeatSeconds) * 1000 * 2 / 3, 500) }

    /// There is no connection any more. `now` decides when there is to be another one.
    mutating func lost(_ loss: Loss, now: Int64, _ effects: inout Effects) {
        switch phase {
        case .idle, .waiting, .ended: return
        case .online(let since): backoff.worked(forMilliseconds: now - since)
        case .connecting, .greeting: break
        }
        forgetConnection(&effects)
        let reason = sentence(for: loss)
        if closeBy != nil, outbox.isEmpty { return end(.closed, &effects) }
        if let error = verdict(on: loss, reason) { return end(error, &effects) }
        if !wasOnline, !options.waitsForHub { return end(.notConnected(reason), &effects) }
        guard backoff.mayTry else {
            return end(
                .stopped("\(backoff.attempts) attempts to connect failed; the last one: \(reason)"), &effects)
        }
        let pause = backoff.next(askedFor: askedPause)
        askedPause = nil
        phase = .waiting(until: now + pause)
        effects.events.append(.disconnected(reason: reason, retryMilliseconds: pause))
    }

    /// Whether another connection would fare no better: then the client is over.
    private func verdict(on loss: Loss, _ reason: String) -> ClientError? {
        if let farewell, Self.isFinal(farewell.code) { return .refused(farewell) }
        switch loss {
        case .transport: return nil
        case .refusedUpgrade(let status):
            // The others may come from a proxy whose hub is not there.
            return (400...407).contains(status) || status == 426 ? .stopped(reason) : nil
        case .closed(let code, _):
            switch code {
            // Protocol, data and rights: what led to it would lead to it again.
            case 1002, 1003, 1007, 1008, 1009, 1010:
                return farewell.map { .refused($0) } ?? .stopped(reason)
            default: return nil
            }
        }
    }

    private static func isFinal(_ code: ErrorCode) -> Bool {
        code == .replaced || code == .unauthorized || code == .forbidden
    }

    private func sentence(for loss: Loss) -> String {
        let said = farewell.map { "; it said \($0)" } ?? ""
        switch loss {
        case .transport(let reason): return reason + said
        case .refusedUpgrade(let status):
            return "the server answered with status \(status) instead of a WebSocket"
        case .closed(let code, let reason):
            let why = reason.isEmpty ? "" : ": \(reason)"
            return "the hub closed the connection with code \(code)\(why)\(said)"
        }
    }

    /// Does what is due.
    mutating func tick(now: Int64, _ effects: inout Effects) {
        giveUpCommands(now: now)
        forgetEchoes(now: now)
        switch phase {
        case .idle, .ended: return
        case .connecting(let until) where now >= until:
            effects.hangUp = 1000
            lost(
                .transport("connecting took longer than \(options.connectMilliseconds) ms"), now: now,
                &effects)
        case .greeting(let until) where now >= until:
            effects.hangUp = 1000
            lost(
                .transport("the hub did not answer within \(options.connectMilliseconds) ms"), now: now,
                &effects)
        case .waiting(let until) where now >= until: connect(now: now, &effects)
        case .online where now >= nextBeat:
            effects.frames.append(.heartbeat)
            nextBeat = now + (hub.map { beatPause($0) } ?? 30_000)
        default: break
        }
        if let closeBy, now >= closeBy { end(.closed, &effects) }
    }

    private mutating func giveUpCommands(now: Int64) {
        guard !commands.isEmpty else { return }
        for (number, command) in commands where now >= command.deadline {
            commands[number] = nil
            command.waiter.finish(.failure(.timeout))
        }
    }

    /// Ends the client: at once if nothing waits for a receipt, else when that has come, or at a time.
    mutating func close(by deadline: Int64, _ effects: inout Effects) {
        guard !isEnded else { return }
        closeBy = min(closeBy ?? .max, deadline)
        closeIfDone(&effects)
    }

    /// Ends the client if it is to be closed, and nothing waits for a receipt.
    mutating func closeIfDone(_ effects: inout Effects) {
        guard closeBy != nil, outbox.isEmpty, !isEnded else { return }
        end(.closed, &effects)
    }

    /// The hub refuses to go on and will close the connection, or has said when to come back.
    mutating func warned(_ refusal: HubRefusal) {
        farewell = refusal
        if let pause = refusal.retryAfterMilliseconds { askedPause = max(askedPause ?? 0, pause) }
    }

    /// It is over: whoever waits is told.
    mutating func end(_ error: ClientError, _ effects: inout Effects) {
        guard !isEnded else { return }
        if case .online = phase { effects.hangUp = 1000 }
        if case .greeting = phase { effects.hangUp = 1000 }
        phase = .ended
        outbox.finishAll { effects.fail($0, error) }
        for (_, request) in requests {
            if let waiter = request.waiter { effects.replies.append((waiter, .failure(error))) }
        }
        requests.removeAll()
        for (_, command) in commands { command.waiter.finish(.failure(error)) }
        commands.removeAll()
        let isClosed = error == .closed
        for key in subscriptions.keys { effects.finished.append((key, isClosed ? nil : error)) }
        for key in replays.keys { effects.finished.append((key, isClosed ? nil : error)) }
        subscriptions.removeAll()
        replays.removeAll()
        effects.end = error
    }
}

extension ClientCore.PendingRequest {
    var isWatch: Bool {
        if case .watchPresence = frame { return true }
        return false
    }
}
