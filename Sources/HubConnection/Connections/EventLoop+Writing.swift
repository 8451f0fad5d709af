import HubBytes
import HubSystem

extension EventLoop {
    /// Sends bytes, of which a copy is taken.
    @discardableResult
    package mutating func send(_ bytes: RawSpan, on id: ConnectionID) -> SendOutcome {
        guard mayQueue(bytes.byteCount, on: id) else { return .refused }
        connections[id].output.append(bytes)
        return queued(id)
    }

    /// Sends a payload that others send as well, behind a header of its own: both or neither.
    @discardableResult
    package mutating func send(
        _ header: RawSpan, _ payload: SharedBytes, on id: ConnectionID
    ) -> SendOutcome {
        guard mayQueue(header.byteCount + payload.count, on: id) else { return .refused }
        if header.byteCount > 0 { connections[id].output.append(header) }
        if payload.count > 0 { connections[id].output.append(payload) }
        return queued(id)
    }

    private mutating func mayQueue(_ count: Int, on id: ConnectionID) -> Bool {
        let isTaken =
            isOpen(id) && !connections[id].cannotSend
            && connections[id].waiting + count <= settings.outboundMax
        if !isTaken { counters.add(.sendsRefused) }
        return isTaken
    }

    private mutating func queued(_ id: ConnectionID) -> SendOutcome {
        markDirty(id)
        let waiting = connections[id].waiting
        if waiting < settings.outboundHighWater { return connections[id].isFull ? .full : .queued }
        if !connections[id].isFull {
            connections[id].isFull = true
            filled.append(id)
            counters.add(.filled)
        }
        return .full
    }

    mutating func markDirty(_ id: ConnectionID) {
        guard !connections[id].isDirty else { return }
        connections[id].isDirty = true
        dirty.append(id)
    }

    /// Writes, once for each connection that has something to send.
    mutating func flush() {
        var turn: [ConnectionID] = []
        swap(&turn, &dirty)
        for id in turn where connections.contains(id) && connections[id].phase != .dead {
            connections[id].isDirty = false
            flush(id)
        }
        // The memory goes round: what was marked meanwhile is for the next turn.
        turn.removeAll(keepingCapacity: true)
        if dirty.isEmpty { swap(&turn, &dirty) }
    }

    private mutating func flush(_ id: ConnectionID) {
        guard connections[id].phase != .connecting else { return }
        counters.raise(.queuedMax, to: connections[id].waiting)
        let transfer = Self.write(&connections[id], &pieces, &scratch)
        switch transfer {
        case .bytes(let sent):
            counters.add(.writes)
            counters.add(.bytesOut, sent)
            connections[id].lastActivity = now
            let isShort = sent < pieces.byteCount
            if isShort { counters.add(.writesShort) }
            if isShort { connections[id].block(now) } else { connections[id].blockedSince = .max }
        case .later:
            if connections[id].blockedSince == .max { connections[id].block(now) }
        case .failed(let code): return failSending(id, code)
        case .end, nil: connections[id].blockedSince = .max
        }
        written(id, progressed: transfer != nil)
    }

    /// One write of what is queued, transformed first if there is a transform; nil if nothing is to be written now.
    private static func write(
        _ connection: inout Connection, _ pieces: inout GatherList, _ scratch: inout ByteBuffer
    ) -> Transfer? {
        pieces.removeAll()
        guard let link = connection.transport else {
            guard !connection.output.isEmpty else { return nil }
            connection.output.gather(&pieces)
            let transfer = connection.socket?.send(pieces)
            if case .bytes(let sent) = transfer { connection.output.advance(sent) }
            return transfer
        }
        link.seal(&connection.output, &scratch, sizeMax: TransportLink.sealedMax)
        if connection.phase >= .flushing, connection.output.isEmpty, link.state != .failed, !link.hasFinished
        {
            link.hasFinished = true
            link.transform.finish(outgoing: &link.outgoing)
        }
        guard link.waiting > 0 else { return nil }
        // Safety: the bytes stay as they are until they are sent, in the next line.
        unsafe link.list(&pieces)
        let transfer = connection.socket?.send(pieces)
        if case .bytes(let sent) = transfer { link.advance(sent) }
        return transfer
    }

    /// What follows from how much is left.
    private mutating func written(_ id: ConnectionID, progressed: Bool) {
        let waiting = connections[id].waiting
        if connections[id].isFull, waiting <= settings.outboundLowWater {
            connections[id].isFull = false
            roomy.append(id)
        }
        if connections[id].transport?.state == .failed, connections[id].phase == .open {
            connections[id].output.removeAll()
            return close(id)
        }
        if connections[id].phase == .flushing, waiting == 0 || connections[id].transport?.isSpent == true {
            return finishSending(id)
        }
        if waiting > 0, connections[id].blockedSince == .max, progressed { markDirty(id) }
        if waiting == 0 { releaseLater(id) }
        watch(id)
        schedule(id)
    }

    /// Memory that the connection has and does not use is given back if this stays so for a while.
    mutating func releaseLater(_ id: ConnectionID) {
        guard connections[id].releaseAt == .max, connections[id].holdsUnusedMemory else { return }
        connections[id].releaseAt = moment(after: settings.keepBuffersMilliseconds)
    }

    private mutating func finishSending(_ id: ConnectionID) {
        if connections[id].transport?.state == .failed { return remove(id, .transformFailed) }
        if connections[id].hasEnded { return remove(id, .finished) }
        connections[id].phase = .lingering
        connections[id].socket?.finishSending()
        connections[id].blockedSince = .max
        watch(id)
        schedule(id)
    }

    /// The other side takes nothing more. What it sent before may still be here: that is read to its end first, so
    /// that a peer that says something and leaves is heard.
    private mutating func failSending(_ id: ConnectionID, _ code: Int32) {
        if connections[id].phase >= .flushing || connections[id].isEndTold {
            return remove(id, .failed(code: code))
        }
        connections[id].cannotSend = true
        connections[id].output.removeAll()
        connections[id].blockedSince = .max
        if connections[id].isFull {
            connections[id].isFull = false
            roomy.append(id)
        }
        watch(id)
        schedule(id)
    }
}
