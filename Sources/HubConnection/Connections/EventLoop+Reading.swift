import HubBytes
import HubSystem

/// Buffers of a loop that connections use one after the other while they are read, so that an idle one has none.
struct ReadBuffers: ~Copyable {
    /// What the handler is shown: what a connection kept, and behind it what came.
    var plain = ByteBuffer(capacity: 0)
    /// What came, as long as it is not plain.
    var received = ByteBuffer(capacity: 0)

    /// A connection that keeps more than this has a buffer of its own that is read into: copying it in each turn
    /// would cost more than the memory.
    static let copiedKeepMax = 16 * 1024
}

/// What reading brought.
enum ReadResult {
    /// There may be bytes that the handler has not seen.
    case bytes
    /// The same, and the transform has finished its handshake.
    case secured
    /// Nothing for the handler.
    case nothing
    /// The other side sends no more.
    case end
}

extension EventLoop {
    /// Reads once, and puts what the connection kept and what came into `buffers.plain`.
    mutating func read(_ id: ConnectionID, _ buffers: inout ReadBuffers) -> ReadResult {
        counters.add(.reads)
        if connections[id].phase >= .flushing { return discard(id, &buffers) }
        buffers.plain.removeAll()
        Self.moveInput(&connections[id], to: &buffers.plain)
        let hasTransport = connections[id].transport != nil
        if hasTransport { buffers.received.removeAll() }
        let transfer =
            hasTransport
            ? Self.receive(connections[id].socket, &buffers.received, settings.readSize)
            : Self.receive(
                connections[id].socket, &buffers.plain,
                min(settings.readSize, settings.inputMax + 1 - min(buffers.plain.count, settings.inputMax)))
        switch transfer {
        case .bytes(let count):
            counters.add(.bytesIn, count)
            connections[id].lastActivity = now
            return hasTransport ? transform(id, &buffers.received, &buffers.plain) : .bytes
        case .later: return .nothing
        case .end: return .end
        case .failed(let code):
            remove(id, .failed(code: code))
            return .nothing
        }
    }

    /// Reads by hand of an optional: a socket that is gone has failed.
    private static func receive(
        _ socket: borrowing StreamSocket?, _ buffer: inout ByteBuffer, _ size: Int
    ) -> Transfer {
        switch socket {
        case .some(let socket): socket.receive(into: &buffer, upTo: size)
        case .none: .end
        }
    }

    static func moveInput(_ connection: inout Connection, to buffer: inout ByteBuffer) {
        guard var kept = connection.input.take() else { return }
        if kept.count > ReadBuffers.copiedKeepMax {
            // The buffers change places; the connection gets its own back when it is done.
            swap(&kept, &buffer)
        } else {
            buffer.append(kept.bytes)
            kept.removeAll()
        }
        connection.input = consume kept
    }

    /// Turns what was received into plain bytes.
    private mutating func transform(
        _ id: ConnectionID, _ received: inout ByteBuffer, _ plain: inout ByteBuffer
    ) -> ReadResult {
        guard let link = connections[id].transport else { return .nothing }
        let before = link.state
        link.receive(received, plain: &plain)
        // What is sealed is bounded when it is made. More than that are answers of the transform itself: those of TLS to
        // key updates and to attempts at renegotiation, which a peer can ask for without end.
        if link.waiting > max(settings.outboundMax, 2 * TransportLink.sealedMax) {
            connections[id].socket?.resetOnClose()
            remove(id, .outputTooLong)
            return .nothing
        }
        if link.waiting > 0 || before != link.state { markDirty(id) }
        switch link.state {
        case .negotiating: return .nothing
        case .failed:
            // What tells the other side is still sent, and closing waits for no answer.
            connections[id].output.removeAll()
            close(id)
            return .nothing
        case .open, .finished: return before == .negotiating ? .secured : .bytes
        }
    }

    /// After closing, what still comes is thrown away, up to a bound: a socket that is closed with unread bytes
    /// resets the connection, and the other side might lose what we sent last.
    private mutating func discard(_ id: ConnectionID, _ buffers: inout ReadBuffers) -> ReadResult {
        buffers.received.removeAll()
        switch Self.receive(connections[id].socket, &buffers.received, settings.readSize) {
        case .bytes(let count):
            connections[id].discarded += count
            if connections[id].discarded > ConnectionSettings.lingerBytesMax { remove(id, .lingerTimeout) }
        case .later: break
        case .failed(let code): remove(id, .failed(code: code))
        case .end:
            connections[id].hasEnded = true
            if connections[id].phase == .lingering { remove(id, .closed) } else { watch(id) }
        }
        return .nothing
    }

    /// Keeps what the handler has not made use of.
    mutating func keep(_ id: ConnectionID, _ buffers: inout ReadBuffers, consumed: Int) {
        precondition(
            consumed >= 0 && consumed <= buffers.plain.count, "a handler consumed what was not there")
        guard isOpen(id) else { return }
        let rest = buffers.plain.count - consumed
        Self.keep(&connections[id], &buffers.plain, from: consumed)
        if rest == 0 {
            connections[id].partialSince = .max
            releaseLater(id)
        } else if rest > settings.inputMax, !connections[id].isPaused {
            return remove(id, .inputTooLong)
        } else if connections[id].isPaused {
            connections[id].partialSince = .max
        } else if consumed > 0 || connections[id].partialSince == .max {
            connections[id].partialSince = now
            connections[id].partialBytes = rest
        }
        schedule(id)
    }

    private static func keep(_ connection: inout Connection, _ plain: inout ByteBuffer, from consumed: Int) {
        let rest = plain.count - consumed
        if rest == 0, !connection.input.isPresent { return plain.removeAll() }
        var own = connection.input.take() ?? ByteBuffer(capacity: rest)
        if rest > ReadBuffers.copiedKeepMax {
            plain.removeFirst(consumed)
            swap(&own, &plain)
        } else {
            // A large buffer that only a little is left in goes back to being small.
            own.removeAll()
            own.shrink(toCapacity: max(4096, rest))
            own.append(plain.bytes.extracting(consumed..<plain.count))
        }
        plain.removeAll()
        connection.input = consume own
    }
}
