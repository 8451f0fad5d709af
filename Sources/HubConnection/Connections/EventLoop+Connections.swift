import HubBytes
package import HubSystem
import HubTiming

extension EventLoop {
    /// Begins to connect to somebody. The handler hears of `opened`, or of `closed` alone if it does not succeed.
    /// Throws what is known at once.
    package mutating func connect(
        to address: SocketAddress, tag: UInt64 = 0
    ) throws(SystemError) -> ConnectionID {
        guard !isStopping else {
            throw SystemError(code: SystemError.canceled, operation: "connect to \(address)")
        }
        let socket = try StreamSocket.connect(to: address)
        let id = ids.make()
        var connection = Connection(
            socket, peer: address, origin: .connected(tag: tag), phase: .connecting, now: now)
        connection.deadline = moment(after: settings.connectMilliseconds)
        connection.deadlineReason = .connectTimeout
        connections.insert(connection, id)
        outboundCount += 1
        counters.add(.open)
        counters.addToBalance(1)
        watch(id)
        schedule(id)
        return id
    }

    /// Takes over a connection that a listener accepted and the limits admitted.
    mutating func adopt(
        _ socket: consuming StreamSocket, peer: SocketAddress, listener: UInt32, wasHandedOver: Bool = false
    ) {
        counters.add(.adopted)
        guard !isStopping else {
            if wasHandedOver { counters.addToBalance(-1) }
            counters.add(.refusedStopping)
            return admission.release(peer)
        }
        let id = ids.make()
        var connection = Connection(
            socket, peer: peer, origin: .accepted(listener: listener), phase: .open, now: now)
        connection.deadline = moment(after: settings.handshakeMilliseconds)
        connections.insert(connection, id)
        counters.add(.open)
        if !wasHandedOver { counters.addToBalance(1) }
        watch(id)
        schedule(id)
        if connections[id].phase == .open { fresh.append(id) }
    }

    /// Whether a connection exists and may be written to.
    package func isOpen(_ id: ConnectionID) -> Bool {
        connections.contains(id) && connections[id].phase == .open
    }

    /// The address of the other side; nil if the connection is gone.
    package func peer(_ id: ConnectionID) -> SocketAddress? {
        connections.contains(id) ? connections[id].peer : nil
    }

    /// Whether the other side's end came without its transform saying so: somebody on the way may have cut the
    /// connection, and what came may be half of what was meant.
    package func isTruncated(_ id: ConnectionID) -> Bool {
        guard connections.contains(id), connections[id].hasEnded, let link = connections[id].transport else {
            return false
        }
        return link.state != .finished
    }

    /// Bytes that wait to be sent on a connection.
    package func waitingBytes(_ id: ConnectionID) -> Int {
        connections.contains(id) ? connections[id].waiting : 0
    }

    /// Puts a transform between the socket and the handler. Nothing may have been sent or received.
    package mutating func attach(_ transform: any TransportTransform, to id: ConnectionID) {
        guard isOpen(id) else { return }
        precondition(connections[id].transport == nil && connections[id].output.isEmpty)
        let link = TransportLink(transform)
        link.state = transform.start(outgoing: &link.outgoing)
        connections[id].transport = link
        markDirty(id)
    }

    /// The connection has done what it had to do first: the handshake's deadline does not hold any more.
    package mutating func markEstablished(_ id: ConnectionID) { setDeadline(id, afterMilliseconds: nil) }

    /// What is expected of the other side next has to be over in so many milliseconds, or the connection is closed
    /// with the reason `deadline`. Nil for no deadline. There is one at a time; the first is the handshake's.
    package mutating func setDeadline(_ id: ConnectionID, afterMilliseconds pause: Int64?) {
        guard isOpen(id) else { return }
        connections[id].deadline = pause.map { moment(after: $0) } ?? .max
        connections[id].deadlineReason = .deadline
        schedule(id)
    }

    /// Stops reading from a connection: what the other side sends waits there. What the handler has not made use of
    /// is kept.
    package mutating func pauseReading(_ id: ConnectionID) {
        guard isOpen(id), !connections[id].isPaused else { return }
        connections[id].isPaused = true
        connections[id].partialSince = .max
        watch(id)
    }

    /// Reads from a connection again; what it kept is shown to the handler at once.
    package mutating func resumeReading(_ id: ConnectionID) {
        guard isOpen(id), connections[id].isPaused else { return }
        connections[id].isPaused = false
        connections[id].lastActivity = now
        if connections[id].input.byteCount > 0 || connections[id].hasEnded, !connections[id].isReady {
            connections[id].isReady = true
            ready.append(id)
        }
        watch(id)
        schedule(id)
    }

    /// Sends the rest, tells the other side that this was all, and is done when it has done the same. The handler
    /// hears of `closed` and of nothing before.
    package mutating func close(_ id: ConnectionID) {
        guard connections.contains(id) else { return }
        if connections[id].phase == .connecting { return remove(id, .closed) }
        guard connections[id].phase == .open else { return }
        connections[id].phase = .flushing
        connections[id].input = nil
        connections[id].deadline = moment(after: settings.lingerMilliseconds)
        connections[id].deadlineReason = .lingerTimeout
        if connections[id].cannotSend { return remove(id, .closed) }
        watch(id)
        markDirty(id)
        schedule(id)
    }

    /// Ends a connection at once, whatever waits.
    package mutating func cut(_ id: ConnectionID) {
        guard connections.contains(id), connections[id].phase != .dead else { return }
        connections[id].socket?.resetOnClose()
        remove(id, .cut)
    }

    /// Ends a connection; the handler is told at the end of the turn, and then the id's place may be used again.
    mutating func remove(_ id: ConnectionID, _ reason: CloseReason) {
        guard connections.contains(id), connections[id].phase != .dead else { return }
        Self.letGo(&connections[id], &epoll)
        wheel.cancel(connections[id].timer)
        switch connections[id].origin {
        case .accepted: admission.release(connections[id].peer)
        case .connected: outboundCount -= 1
        }
        counters.add(.open, -1)
        counters.addToBalance(-1)
        counters.add(reason.counter)
        gone.append((id, reason))
    }

    private static func letGo(_ connection: inout Connection, _ epoll: inout EpollSet) {
        connection.phase = .dead
        guard let socket = connection.socket.take() else { return }
        if connection.interest != nil { epoll.remove(socket.descriptor) }
        connection.interest = nil
        connection.input = nil
        connection.output.removeAll()
        connection.output.releaseMemory()
        connection.transport = nil
        connection.blockedSince = .max
    }

    /// Has epoll watch for what is wanted now.
    mutating func watch(_ id: ConnectionID) {
        if let failure = Self.watch(&connections[id], id, &epoll) { remove(id, .failed(code: failure.code)) }
    }

    private static func watch(
        _ connection: inout Connection, _ id: ConnectionID, _ epoll: inout EpollSet
    ) -> SystemError? {
        let wanted = connection.wanted
        guard wanted != connection.interest, let descriptor = connection.socket?.descriptor else {
            return nil
        }
        let token = EventToken(.connection, id).rawValue
        if connection.interest == nil {
            do { try epoll.add(descriptor, wanted, token: token) } catch { return error }
        } else {
            epoll.change(descriptor, wanted, token: token)
        }
        connection.interest = wanted
        return nil
    }

    /// Stops watching a connection that is broken but not to be read from now: epoll would tell of it in each turn.
    /// Whatever is wanted of it next watches it again.
    mutating func ignore(_ id: ConnectionID) {
        guard connections[id].interest != nil, let descriptor = connections[id].socket?.descriptor else {
            return
        }
        epoll.remove(descriptor)
        connections[id].interest = nil
    }
}

// What the driver calls when something happened to a connection.
extension EventLoop {
    /// A connection that was being made is made, or is not.
    mutating func finishConnecting(_ id: ConnectionID) {
        let code = connections[id].socket?.connectError ?? 0
        guard code == 0 else { return remove(id, .connectFailed(code: code)) }
        counters.add(.connected)
        connections[id].phase = .open
        connections[id].lastActivity = now
        connections[id].deadline = moment(after: settings.handshakeMilliseconds)
        connections[id].deadlineReason = .deadline
        watch(id)
        schedule(id)
        if connections[id].phase == .open { fresh.append(id) }
    }

    /// The other side sends no more.
    mutating func end(_ id: ConnectionID) {
        guard isOpen(id) else { return }
        connections[id].hasEnded = true
        connections[id].partialSince = .max
        watch(id)
    }

    /// Whether the handler is to be told now that the other side sends no more; once.
    mutating func takeEnd(_ id: ConnectionID) -> Bool {
        guard isOpen(id), connections[id].hasEnded, !connections[id].isEndTold, !connections[id].isPaused
        else {
            return false
        }
        connections[id].isEndTold = true
        if connections[id].cannotSend { remove(id, .finished) }
        return isOpen(id)
    }

    /// Epoll says that a connection is broken which is not to be read from now. If it has nothing more to say, it is
    /// gone. If it may have, that is kept where it is until somebody wants to read it.
    mutating func broken(_ id: ConnectionID) {
        if connections[id].isEndTold || connections[id].phase >= .flushing {
            return remove(id, .failed(code: SystemError.connectionReset))
        }
        connections[id].cannotSend = true
        connections[id].output.removeAll()
        connections[id].blockedSince = .max
        ignore(id)
    }

    /// Puts what a connection kept into `buffers.plain`.
    mutating func showKept(_ id: ConnectionID, _ buffers: inout ReadBuffers) {
        buffers.plain.removeAll()
        Self.moveInput(&connections[id], to: &buffers.plain)
    }
}
