import HubBytes
import HubConnection
import HubModel
import HubProtocols
import Synchronization

// What the program wants, and what the core decides.
extension ClientHandler {
    /// Carries out what the core wants until it wants nothing more, sends what can be sent, and sees to the next deadline.
    mutating func settle(_ loop: inout EventLoop) {
        var rounds = 0
        repeat {
            perform(&loop)
            pump(&loop)
            rounds += 1
        } while needsMore && rounds < 8
        hand(&loop)
        let released = core.outbox.takeReleased()
        inbox.release(released.count, bytes: released.bytes)
        core.closeIfDone(&effects)
        if effects.end != nil || effects.hangUp != nil { perform(&loop) }
        guard !core.isEnded else { return }
        rest(&loop)
        arm(&loop)
    }

    private var inbox: Inbox { link.inbox }

    /// While receipts are due, what is put in waits for the next of them, a millisecond, or for company, whichever comes
    /// first: who sends one message at a time is not delayed, and who sends many does not wake the thread for each.
    private mutating func rest(_ loop: inout EventLoop) {
        let canSend = core.isOnline && socket?.isFull == false
        let looksAgain = canSend && !core.outbox.isEmpty
        if inbox.rest(looksAgain: looksAgain, canSend: canSend) { link.send(.wake) }
        if looksAgain, !isLooking {
            isLooking = true
            _ = loop.arm(Self.lookTimer, afterMilliseconds: 1)
        }
    }

    private var needsMore: Bool {
        effects.connects || effects.hangUp != nil || effects.end != nil || !effects.frames.isEmpty
            || !effects.posts.isEmpty || !effects.receipts.isEmpty
    }

    /// Carries out what the core wants.
    private mutating func perform(_ loop: inout EventLoop) {
        var wanted = Effects()
        swap(&wanted, &effects)
        tell(&wanted)
        if wanted.connects { connect(&loop) }
        send(wanted.frames, &loop)
        if let code = wanted.hangUp { hangUp(code, &loop) }
        if let error = wanted.end { end(error) }
    }

    /// Tells tasks and lanes what they wait for.
    private mutating func tell(_ wanted: inout Effects) {
        for (lane, outcomes) in wanted.posts { lane.handler(outcomes) }
        for (waiter, result) in wanted.receipts { waiter.finish(result) }
        for (waiter, result) in wanted.replies { waiter.finish(result) }
        for event in wanted.events {
            if case .connected(let info) = event {
                link.info.withLock { $0 = info }
                link.payloadBytesMax.store(info.payloadBytesMax ?? Limits.payloadBytesMax, ordering: .relaxed)
                link.ready.finish(.success(info))
            }
        }
        if !wanted.events.isEmpty { link.tell(wanted.events) }
        if !wanted.finished.isEmpty {
            handOut()
            for (key, error) in wanted.finished {
                readers.removeValue(forKey: key)?.finish(error)
                desks[key] = nil
            }
        }
    }

    /// It is over: whoever waits for anything is told.
    private mutating func end(_ error: ClientError) {
        inbox.end(error)
        takeLastOrders(error)
        // What was put in before the end, and nobody will send.
        let inbox = link.inbox
        core.outbox.take { inbox.takeMessages(&$0) }
        var last = Effects()
        core.outbox.finishAll { last.fail($0, error) }
        tell(&last)
        for (_, reader) in readers { reader.finish(error == .closed ? nil : error) }
        readers.removeAll()
        link.finish(error)
    }

    // MARK: Orders

    /// Takes what the program put in.
    mutating func takeOrders(_ loop: inout EventLoop) {
        orders.removeAll(keepingCapacity: true)
        inbox.takeOrders(&orders)
        for order in orders { carryOut(order, &loop) }
        orders.removeAll(keepingCapacity: orders.capacity <= 4096)
    }

    private mutating func carryOut(_ order: ClientOrder, _ loop: inout EventLoop) {
        switch order {
        case .subscribe(let key, let filter, let options, let reader, let waiter):
            readers[key] = reader
            desks[key] = SettlementDesk(inbox, key: key)
            core.subscribe(key, filter, options, waiter, &effects)
        case .unsubscribe(let key, let delete, let waiter):
            core.unsubscribe(key, delete: delete, waiter, &effects)
        case .settle(let key, let offset, let verdict, let delay, let reason):
            core.settle(key, offset, verdict, delay: delay, reason: reason, &effects)
        case .settleUpTo(let key, let offset): core.settle(key, upTo: offset, &effects)
        case .ask(let waiter, let frame): core.ask(waiter, &effects, frame)
        case .awaitResponse(let number, let waiter, let milliseconds):
            core.await(number, waiter, until: loop.now + milliseconds, &effects)
        case .replay(let key, let spec, let reader):
            readers[key] = reader
            core.replay(key, spec, &effects)
        case .cancelReplay(let key): core.cancelReplay(key, &effects)
        case .close(let milliseconds):
            let inbox = link.inbox
            core.outbox.take { inbox.takeMessages(&$0) }
            core.close(by: loop.now + milliseconds, &effects)
        }
    }

    /// Orders that came too late.
    private mutating func takeLastOrders(_ error: ClientError) {
        orders.removeAll()
        inbox.takeOrders(&orders)
        for order in orders {
            switch order {
            case .subscribe(_, _, _, let reader, let waiter):
                reader.finish(error)
                waiter.finish(.failure(error))
            case .unsubscribe(_, _, let waiter): waiter?.finish(.failure(error))
            case .ask(let waiter, _): waiter.finish(.failure(error))
            case .awaitResponse(_, let waiter, _): waiter.finish(.failure(error))
            case .replay(_, _, let reader): reader.finish(error)
            case .settle, .settleUpTo, .cancelReplay, .close: break
            }
        }
        orders.removeAll()
    }

    // MARK: Sending

    /// Frames that are written together before the connection gets them.
    private static var writeBytes: Int { 128 * 1024 }

    /// Sends messages as long as the connection has room.
    private mutating func pump(_ loop: inout EventLoop) {
        guard core.isOnline, let socket, socket.stage == .open, socket.session.isOpen else { return }
        output.removeAll()
        let inbox = link.inbox
        while !socket.isFull {
            if !core.outbox.hasMore { core.outbox.take { inbox.takeMessages(&$0) } }
            guard let run = core.nextRun(now: loop.now, &effects) else { break }
            Self.write(run.chunk, run.range, of: core.outbox, on: socket, to: &output)
            if output.count >= Self.writeBytes { flush(socket, &loop) }
        }
        if !output.isEmpty { flush(socket, &loop) }
    }

    private mutating func flush(_ socket: SocketState, _ loop: inout EventLoop) {
        switch loop.send(output.bytes, on: socket.id) {
        case .queued: break
        case .full: socket.isFull = true
        // The connection is going; what it did not take is sent on the next one.
        case .refused: socket.isFull = true
        }
        output.removeAll()
        output.shrink(toCapacity: 4 * Self.writeBytes)
    }

    /// Sends frames that are no messages: verdicts on deliveries after the messages that were put in before them.
    private mutating func send(_ frames: [ClientFrame], _ loop: inout EventLoop) {
        guard !frames.isEmpty, let socket, socket.stage == .open else { return }
        if frames.contains(where: \.isVerdict) { pump(&loop) }
        output.removeAll()
        for wanted in frames {
            frame.removeAll()
            control.write(wanted, to: &frame)
            Self.write(frame, on: socket, to: &output)
        }
        flush(socket, &loop)
    }

    private static func write(
        _ chunk: Int, _ range: Range<Int>, of outbox: borrowing Outbox, on socket: SocketState,
        to output: inout ByteBuffer
    ) {
        outbox.withBytes(of: chunk, range) { _ = socket.session.send(.text, $0, to: &output) }
    }

    private static func write(
        _ frame: borrowing ByteBuffer, on socket: SocketState, to output: inout ByteBuffer
    ) { _ = socket.session.send(.text, frame.bytes, to: &output) }

    // MARK: Deliveries

    /// Puts aside a delivery for its reader.
    mutating func keep(_ delivery: Delivery, for key: Int, bytes: Int) {
        if let last = deliveries.indices.last, deliveries[last].key == key {
            deliveries[last].batch.append(delivery)
            deliveries[last].bytes += bytes
        } else {
            deliveries.append((key, [delivery], bytes))
        }
    }

    /// Gives readers what came in this turn.
    mutating func handOut() {
        for (key, batch, bytes) in deliveries { readers[key]?.put(batch, bytes: bytes) }
        deliveries.removeAll(keepingCapacity: true)
    }

    /// Gives readers what came, and has the hub wait if they do not keep up.
    private mutating func hand(_ loop: inout EventLoop) {
        guard !deliveries.isEmpty else { return }
        handOut()
        if let socket, link.meter.isOver() { loop.pauseReading(socket.id) }
    }
}

extension ClientFrame {
    /// Whether it settles deliveries.
    var isVerdict: Bool {
        switch self {
        case .settle, .settleUpTo: true
        default: false
        }
    }
}
