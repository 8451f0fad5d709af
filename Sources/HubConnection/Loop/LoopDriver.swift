import HubBytes
import HubSystem
import HubTiming

/// What a loop is told from outside.
enum LoopCommand<Message: Sendable>: ~Copyable, Sendable {
    case message(Message)
    case connection(AcceptedConnection)
    case listen(ListeningSocket, tag: UInt32, inlets: [any ConnectionInlet])
    case stop(graceMilliseconds: Int64)
}

/// Turns a loop: brings together what is ready, what handlers are to hear, and what they want done.
///
/// The loop below is not generic; only this thin layer is, over its handler. A handler from another module is called
/// through its witness table, once for a connection and turn: a few nanoseconds beside two system calls. What a
/// handler does with each message of a batch is compiled in its own module, with everything known.
struct LoopDriver<Handler: ConnectionHandler & ~Copyable>: ~Copyable {
    private var loop: EventLoop
    private var handler: Handler
    private let mailbox: Mailbox<LoopCommand<Handler.Message>>
    private var batch = MessageBatch<LoopCommand<Handler.Message>>()
    private var buffers = ReadBuffers()

    init(
        _ loop: consuming EventLoop, _ handler: consuming Handler,
        _ mailbox: Mailbox<LoopCommand<Handler.Message>>
    ) throws(SystemError) {
        let token = EventToken(.mailbox, ConnectionID(index: 0, generation: 0)).rawValue
        try loop.epoll.add(mailbox.arrivals.descriptor, .input, token: token)
        self.loop = loop
        self.handler = handler
        self.mailbox = mailbox
    }

    /// Runs until the loop was stopped and its last connection is gone.
    mutating func run() {
        loop.now = EventLoop.clock()
        handler.started(&loop)
        while !loop.isStopping || loop.connectionCount > 0 { turn() }
        mailbox.close()
        drainMailbox()
        // What was on its way to this loop is told to go away; the handler may send datagrams to the very end.
        tellOfGone()
    }

    private mutating func turn() {
        let wait = loop.waitMilliseconds
        let count = loop.epoll.wait(milliseconds: wait)
        loop.now = max(loop.now, EventLoop.clock())
        loop.counters.add(.turns)
        var index = 0
        while index < count {
            let event = loop.epoll.event(index)
            dispatch(EventToken(rawValue: event.token), event.readiness)
            index += 1
        }
        tellOfFresh()
        offerKept()
        fireTimers()
        loop.flush()
        tellOfRoom()
        tellOfNotices()
        tellOfGone()
        handler.turned(&loop)
    }

    private mutating func dispatch(_ token: EventToken, _ readiness: Readiness) {
        switch token.kind {
        case .connection: connectionReady(token.id, readiness)
        case .listener: loop.accept(token.id)
        case .datagrams: receiveDatagrams(token.id)
        case .mailbox:
            mailbox.arrivals.clear()
            drainMailbox()
        }
    }

    private mutating func connectionReady(_ id: ConnectionID, _ readiness: Readiness) {
        // Closed by what an earlier event of this turn led to, or by the handler.
        guard loop.connections.contains(id), loop.connections[id].phase != .dead else {
            return loop.counters.add(.staleEvents)
        }
        if loop.connections[id].phase == .connecting { return loop.finishConnecting(id) }
        if loop.connections[id].wantsInput {
            // Told of first, then heard of: a connection that was accepted and speaks in the same turn.
            tellOfFresh()
            if loop.connections[id].phase != .dead, loop.connections[id].wantsInput { read(id) }
        } else if !readiness.isDisjoint(with: [.error, .hangUp]) {
            loop.broken(id)
        }
        if readiness.contains(.output), loop.connections[id].phase != .dead { loop.markDirty(id) }
    }

    private mutating func read(_ id: ConnectionID) {
        switch loop.read(id, &buffers) {
        case .bytes: show(id)
        case .secured:
            if let link = loop.connections[id].transport { handler.secured(id, link.transform, &loop) }
            show(id)
        case .end:
            // What was kept while the handler did not want to hear of it comes before the end.
            if loop.connections[id].isReady { show(id) } else { loop.keep(id, &buffers, consumed: 0) }
            return end(id)
        case .nothing: return loop.keep(id, &buffers, consumed: 0)
        }
        if loop.connections[id].transport?.state == .finished { end(id) }
    }

    private mutating func end(_ id: ConnectionID) {
        loop.end(id)
        if loop.takeEnd(id) { handler.ended(id, &loop) }
    }

    /// Shows the handler what there is.
    private mutating func show(_ id: ConnectionID) {
        var consumed = 0
        if loop.isOpen(id), !buffers.plain.isEmpty, !loop.connections[id].isPaused {
            let count = buffers.plain.count
            consumed = handler.received(id, &buffers.plain, &loop)
            precondition(buffers.plain.count == count, "a handler added or removed bytes that came")
        }
        loop.keep(id, &buffers, consumed: consumed)
    }

    private mutating func tellOfFresh() {
        while !loop.fresh.isEmpty {
            var turn: [ConnectionID] = []
            swap(&turn, &loop.fresh)
            for id in turn where loop.connections.contains(id) && loop.connections[id].phase == .open {
                handler.opened(id, loop.connections[id].origin, &loop)
            }
        }
    }

    /// Shows what connections kept while their handler did not want to hear of it.
    private mutating func offerKept() {
        guard !loop.ready.isEmpty else { return }
        var turn: [ConnectionID] = []
        swap(&turn, &loop.ready)
        for id in turn where loop.connections.contains(id) {
            loop.connections[id].isReady = false
            guard loop.isOpen(id), !loop.connections[id].isPaused else { continue }
            loop.showKept(id, &buffers)
            show(id)
            if loop.takeEnd(id) { handler.ended(id, &loop) }
        }
    }

    private mutating func receiveDatagrams(_ id: ConnectionID) {
        var turn = 0
        while let from = loop.receiveDatagram(id, &buffers.received, turn: &turn) {
            Self.show(id, from, buffers.received, &handler, &loop)
        }
    }

    private static func show(
        _ id: ConnectionID, _ from: SocketAddress, _ datagram: borrowing ByteBuffer,
        _ handler: inout Handler, _ loop: inout EventLoop
    ) {
        handler.datagram(DatagramEndpoint(id: id), from: from, datagram.bytes, &loop)
    }

    private mutating func drainMailbox() {
        let hasRefused = mailbox.swap(&batch)
        while let command = batch.next() {
            loop.counters.add(.messages)
            switch consume command {
            case .message(let message): handler.took(message, &loop)
            case .connection(let new):
                loop.adopt(new.socket, peer: new.peer, listener: new.listener, wasHandedOver: true)
            case .listen(let socket, let tag, let inlets):
                do { try loop.listen(socket, tag: tag, dealingTo: inlets) } catch {
                    loop.notice(.acceptFailed(code: error.code))
                }
            case .stop(let grace): stop(graceMilliseconds: grace)
            }
        }
        if hasRefused { handler.mailboxHasRoom(&loop) }
    }

    private mutating func stop(graceMilliseconds: Int64) {
        guard !loop.isStopping else { return }
        tellOfFresh()
        handler.stopping(&loop)
        loop.stop(graceMilliseconds: graceMilliseconds)
        for id in loop.connections.ids { loop.close(id) }
    }

    private mutating func fireTimers() {
        // No more than were armed before: a handler that arms one that is due at once gets it in the next turn.
        var rest = loop.wheel.count
        while rest > 0, let payload = loop.wheel.next(dueBy: loop.now) {
            rest -= 1
            switch payload & EventLoop.timerKinds {
            case EventLoop.connectionTimer: loop.connectionDue(EventLoop.id(payload))
            case EventLoop.listenerTimer: loop.listenerDue(EventLoop.id(payload))
            default: handler.timerFired(payload, &loop)
            }
        }
        if loop.stopBy <= loop.now { for id in loop.connections.ids { loop.remove(id, .stopped) } }
    }

    private mutating func tellOfRoom() {
        while let id = loop.filled.popLast() {
            if loop.isOpen(id), loop.connections[id].isFull { handler.filled(id, &loop) }
        }
        while let id = loop.roomy.popLast() {
            if loop.isOpen(id), !loop.connections[id].isFull { handler.hasRoom(id, &loop) }
        }
    }

    private mutating func tellOfNotices() {
        while let notice = loop.notices.popLast() { handler.noticed(notice, &loop) }
    }

    /// Tells of connections that are gone. Only now may their places be used again: whatever else this turn brought
    /// for them found them dead.
    private mutating func tellOfGone() {
        while !loop.gone.isEmpty {
            var turn: [(id: ConnectionID, reason: CloseReason)] = []
            swap(&turn, &loop.gone)
            for (id, reason) in turn {
                handler.closed(id, reason, &loop)
                loop.connections.remove(id)
                loop.ids.giveBack(id)
            }
        }
    }
}
