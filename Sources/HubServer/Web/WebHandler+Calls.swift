import HubBytes
import HubConnection
import HubProtocols

// Answers to requests of ours.
extension WebHandler where Application: ~Copyable {
    /// Reads an answer.
    mutating func receive(
        _ id: ConnectionID, _ side: CallSide, _ input: inout ByteBuffer, _ loop: inout EventLoop
    ) -> Int {
        var position = 0
        while side.call != nil {
            guard let step = side.reader?.next(input.bytes.extracting(droppingFirst: position)) else { break }
            switch step {
            case .needsMore(let consumed): return position + consumed
            case .head(let count):
                if case .some(let response) = side.reader?.response(
                    in: input.bytes.extracting(droppingFirst: position)
                ).head {
                    side.head = response
                }
                position += count
            case .content(let range):
                let piece = position + range.lowerBound..<position + range.upperBound
                side.content.append(input.bytes.extracting(piece))
                position = piece.upperBound
            case .end(let consumed):
                position += consumed
                finishCall(id, side, isWhole: position == input.count, &loop)
                return input.count
            case .refused(let fault):
                settle(side, .broken(fault), &loop)
                loop.cut(id)
            case .finished:
                // Behind the end, of which the step before told: there is nothing to be read.
                loop.cut(id)
                return input.count
            }
        }
        // Bytes that nobody asked for: what the next answer on this connection would be is not certain.
        if loop.isOpen(id) { loop.close(id) }
        return input.count
    }

    private mutating func finishCall(
        _ id: ConnectionID, _ side: CallSide, isWhole: Bool, _ loop: inout EventLoop
    ) {
        guard let head = side.head else { return loop.cut(id) }
        // A server that answered before it had read the request may never read the rest, and what is asked next would
        // stand behind that.
        let isSent = loop.waitingBytes(id) == 0
        let mayStay = head.keepsAlive && isWhole && isSent && !loop.isStopping
        side.wasUsed = true
        if mayStay {
            loop.setDeadline(id, afterMilliseconds: WebCallPool.idleMilliseconds)
            // Before the application is told: what it asks next goes over the same connection.
            web.calls.addIdle(id, side.key)
        } else {
            if isSent { loop.close(id) } else { loop.cut(id) }
        }
        settle(side, .answer(head.status), &loop)
        web.serve(side.key, &loop)
        web.serveBlocked(&loop)
    }

    /// The other side sends no more: for some answers that is their end.
    mutating func endOfAnswer(_ id: ConnectionID, _ side: CallSide, _ loop: inout EventLoop) {
        if side.call != nil, let head = side.head, side.reader?.endOfConnection() != .refused(.truncated) {
            // An answer whose end is the connection's is whole only if TLS says that this is the end (RFC 9112, 9.8).
            let outcome: WebCallOutcome =
                loop.isTruncated(id)
                ? .notSecured("the connection ended without TLS saying so") : .answer(head.status)
            settle(side, outcome, &loop)
        }
        loop.close(id)
        guard side.call != nil else { return }
        lose(side, .finished, &loop)
    }

    /// A connection of ours is gone.
    mutating func callConnectionGone(
        _ id: ConnectionID, _ side: CallSide, _ reason: CloseReason, _ loop: inout EventLoop
    ) {
        web.calls.hosts[side.key]?.connections -= 1
        web.calls.dropIdle(id, side.key)
        lose(side, reason, &loop)
        web.serve(side.key, &loop)
        web.calls.forget(side.key)
    }

    /// The connection of a request is gone. One that was kept may have been closed by the other side just when it was
    /// used again: then the request goes once more, if that can do no harm.
    private mutating func lose(_ side: CallSide, _ reason: CloseReason, _ loop: inout EventLoop) {
        guard let call = side.call, web.calls.active[call.id] != nil else { return }
        let hasBegun = side.reader?.hasBegun ?? false
        if side.wasUsed, !hasBegun, call.isRepeatable, !call.wasRepeated, !loop.isStopping {
            side.call = nil
            call.wasRepeated = true
            call.connection = nil
            web.calls.hosts[side.key]?.waiting.insert(call, at: 0)
            return web.serve(side.key, &loop)
        }
        if let failure = side.transform?.failure {
            return settle(side, .notSecured("\(failure)"), &loop)
        }
        switch reason {
        case .connectFailed, .connectTimeout: settle(side, .notConnected(reason), &loop)
        default: settle(side, .lost(reason), &loop)
        }
    }

    /// Tells the application what came of a request.
    private mutating func settle(_ side: CallSide, _ outcome: WebCallOutcome, _ loop: inout EventLoop) {
        guard let call = side.call else { return }
        var content = ByteBuffer(capacity: 0)
        swap(&content, &side.content)
        side.call = nil
        side.reader = nil
        side.head = nil
        tell(call, outcome, content.bytes, &loop)
    }

    private mutating func tell(
        _ call: ActiveCall, _ outcome: WebCallOutcome, _ content: RawSpan, _ loop: inout EventLoop
    ) {
        guard web.calls.active.removeValue(forKey: call.id) != nil else { return }
        if case .answer = outcome {} else { web.counters.add(.callsFailed) }
        application.answered(call.id, outcome, content, &web, &loop)
    }

    /// Gives up requests that took too long.
    mutating func keepCallTime(_ loop: inout EventLoop) {
        // Those that fail from here on are told in the next turn of this: an application that asks again at once would
        // otherwise be told for ever.
        var failed: [(call: ActiveCall, outcome: WebCallOutcome)] = []
        swap(&failed, &web.calls.failed)
        for (call, outcome) in failed {
            tell(call, outcome, RawSpan(), &loop)
            web.calls.forget(call.key)
        }
        web.calls.tidyBlocked()
        guard !web.calls.active.isEmpty else { return }
        for call in web.calls.active.values where call.deadline <= loop.now {
            web.calls.hosts[call.key]?.waiting.removeAll { $0 === call }
            web.calls.forget(call.key)
            tell(call, .timedOut, RawSpan(), &loop)
            guard let id = call.connection, web.table.contains(id), case .call(let side) = web.table[id].role,
                side.call === call
            else { continue }
            side.call = nil
            loop.cut(id)
        }
    }
}
