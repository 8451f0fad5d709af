import HubBytes
package import HubConnection
package import HubProtocols

// WebSockets: what an application sends on them.
extension WebConnections {
    /// Sends a message, of which a copy is taken; compressed if that is agreed on.
    @discardableResult
    package mutating func send(
        _ id: ConnectionID, _ kind: WebSocketMessageKind, _ payload: RawSpan, _ loop: inout EventLoop
    ) -> SendOutcome {
        guard let side = socketSide(id), hasRoom(for: payload.byteCount, id, loop) else {
            counters.add(.messagesRefused)
            return .refused
        }
        if current == id {
            guard side.session.send(kind, payload, to: &output) else { return refusedMessage() }
            counters.add(.messagesOut)
            return output.count < Self.outputMax ? outcome(id, loop) : flushOutput(id, &loop)
        }
        scratch.removeAll()
        guard side.session.send(kind, payload, to: &scratch) else { return refusedMessage() }
        let outcome = sendScratch(id, &loop)
        counters.add(outcome == .refused ? .messagesRefused : .messagesOut)
        return outcome
    }

    /// Sends a message whose payload others get as well; it is in memory once. A compressed payload was made with a window
    /// of `compressedBits`, and for itself alone; it is refused where that was not agreed on, which `compression(of:)`
    /// tells before.
    @discardableResult
    package mutating func send(
        _ id: ConnectionID, _ kind: WebSocketMessageKind, shared payload: SharedBytes,
        compressedBits: Int? = nil, _ loop: inout EventLoop
    ) -> SendOutcome {
        guard let side = socketSide(id), hasRoom(for: payload.count, id, loop),
            compressedBits.map({ $0 <= compression(of: id)?.bits ?? 0 }) ?? true
        else { return refusedMessage() }
        // Whoever connected masks what it sends.
        guard side.isServer else { return send(id, kind, payload.bytes, &loop) }
        if current == id { flushOutput(id, &loop) }
        scratch.removeAll()
        guard
            side.session.sendHeader(
                kind, payloadBytes: payload.count, isCompressed: compressedBits != nil, to: &scratch)
        else { return refusedMessage() }
        let outcome = loop.send(scratch.bytes, payload, on: id)
        counters.add(outcome == .refused ? .messagesRefused : .messagesOut)
        return outcome
    }

    /// How messages that others get as well may be compressed for a WebSocket; nil if they may not. One whose own messages
    /// refer to each other cannot have any between them, and whoever connected masks what it sends.
    package func compression(of id: ConnectionID) -> DeflateWindow? {
        guard let side = socketSide(id), side.isServer, let window = side.session.outgoingWindow,
            !window.isKept
        else { return nil }
        return window
    }

    /// Begins to close a WebSocket; the application hears of `closed` when the other side has answered, or was waited
    /// for.
    package mutating func close(
        _ id: ConnectionID, _ code: CloseCode, _ reason: RawSpan, _ loop: inout EventLoop
    ) {
        guard let side = socketSide(id) else { return }
        if current == id { flushOutput(id, &loop) }
        scratch.removeAll()
        side.session.close(code, reason: reason, to: &scratch, now: Self.nanoseconds(loop.now))
        if !scratch.isEmpty { sendScratch(id, &loop) }
        follow(id, side, &loop)
    }

    /// Hears no messages of a connection until `resume`: they wait there. Nothing for the connection whose message is
    /// being looked at is lost.
    package mutating func pause(_ id: ConnectionID, _ loop: inout EventLoop) {
        guard let side = socketSide(id), !side.isPaused else { return }
        side.isPaused = true
        loop.pauseReading(id)
    }

    /// Hears messages again.
    package mutating func resume(_ id: ConnectionID, _ loop: inout EventLoop) {
        guard let side = socketSide(id), side.isPaused else { return }
        side.isPaused = false
        side.session.heard(at: Self.nanoseconds(loop.now))
        loop.resumeReading(id)
    }

    private func refusedMessage() -> SendOutcome {
        counters.add(.messagesRefused)
        return .refused
    }

    /// What is put together for one connection before it is handed to the loop.
    private static let outputMax = 64 * 1024

    private func hasRoom(for count: Int, _ id: ConnectionID, _ loop: borrowing EventLoop) -> Bool {
        let waiting = loop.waitingBytes(id) + (current == id ? output.count : 0)
        return waiting + count + FrameWriter.headerBytesMax <= loop.settings.outboundMax
    }

    private func outcome(_ id: ConnectionID, _ loop: borrowing EventLoop) -> SendOutcome {
        loop.waitingBytes(id) + output.count < loop.settings.outboundHighWater ? .queued : .full
    }

    @discardableResult
    private mutating func sendScratch(_ id: ConnectionID, _ loop: inout EventLoop) -> SendOutcome {
        let outcome = loop.send(scratch.bytes, on: id)
        scratch.removeAll()
        scratch.shrink(toCapacity: Self.outputMax)
        // Part of what a peer is owed is missing: the rest would make no sense.
        if outcome == .refused { loop.cut(id) }
        return outcome
    }

    /// Counts what the message in pieces of a WebSocket takes now; false if that has become too much for all together.
    mutating func countPieces(_ side: SocketSide) -> Bool {
        let bytes = side.session.assembledBytes
        let growth = bytes - side.countedBytes
        messageBytes += growth
        side.countedBytes = bytes
        return growth <= 0 || messageBytes <= settings.assembledBytesMax
    }

    // MARK: While a connection is read

    /// What is sent on a connection from now on is put together.
    mutating func begin(_ id: ConnectionID, _ side: SocketSide) {
        current = id
        currentSide = side
        output.removeAll()
    }

    /// Hands what was put together to the loop.
    @discardableResult
    mutating func flushOutput(_ id: ConnectionID, _ loop: inout EventLoop) -> SendOutcome {
        guard !output.isEmpty else { return .queued }
        let outcome = loop.send(output.bytes, on: id)
        output.removeAll()
        if outcome == .refused { loop.cut(id) }
        return outcome
    }

    mutating func endCurrent(_ id: ConnectionID, _ loop: inout EventLoop) {
        flushOutput(id, &loop)
        output.shrink(toCapacity: 2 * Self.outputMax)
        current = nil
        currentSide = nil
    }

    // MARK: Time and end

    /// Does with the connection what its WebSocket has come to.
    mutating func follow(_ id: ConnectionID, _ side: SocketSide, _ loop: inout EventLoop) {
        switch side.session.transport {
        case .keep: break
        case .awaitEnd: break
        case .finish: return loop.close(id)
        case .drop: return loop.cut(id)
        }
        if side.session.hasLateAnswer { dues.lower(id, to: loop.moment(after: settings.sweepMilliseconds)) }
        if let due = side.session.deadline { dues.lower(id, to: Int64(clamping: due / 1_000_000)) }
    }

    /// What is due for a WebSocket by now.
    mutating func tick(_ id: ConnectionID, _ side: SocketSide, _ loop: inout EventLoop) {
        let now = Self.nanoseconds(loop.now)
        dues.set(id, to: .max)
        // Whoever is not listened to cannot be silent.
        if side.isPaused { side.session.heard(at: now) }
        scratch.removeAll()
        side.session.tick(at: now, to: &scratch, waiting: loop.waitingBytes(id))
        if !scratch.isEmpty { sendScratch(id, &loop) }
        if side.wantsTrim {
            side.wantsTrim = false
            side.session.trim()
            _ = countPieces(side)
        }
        follow(id, side, &loop)
    }
}
