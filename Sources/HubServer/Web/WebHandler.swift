package import HubBytes
package import HubConnection
import HubProtocols
import HubSystem

/// Runs a loop's connections through HTTP and WebSocket, and has an application do the rest.
package struct WebHandler<Application: WebApplication & ~Copyable>: ConnectionHandler, ~Copyable {
    /// What other threads send.
    package typealias Message = Application.Message

    var application: Application
    var web: WebConnections

    /// A handler for one loop. Counters may be read by other threads.
    package init(
        _ application: consuming Application, _ settings: WebSettings = WebSettings(),
        counters: WebCounters = WebCounters()
    ) {
        self.application = application
        web = WebConnections(settings, counters)
    }

    /// The payload of the timer by which times are kept.
    private static var sweepTimer: UInt64 { 1 << 61 }

    /// The loop begins to run.
    package mutating func started(_ loop: inout EventLoop) {
        _ = loop.arm(Self.sweepTimer, afterMilliseconds: web.settings.sweepMilliseconds)
        application.started(&web, &loop)
    }

    /// A connection is there.
    package mutating func opened(_ id: ConnectionID, _ origin: ConnectionOrigin, _ loop: inout EventLoop) {
        switch origin {
        case .accepted(let tag): accepted(id, listener: tag, &loop)
        case .connected: connected(id, &loop)
        }
    }

    private mutating func accepted(_ id: ConnectionID, listener tag: UInt32, _ loop: inout EventLoop) {
        let side = HTTPSide(web.settings.http)
        web.table.insert(WebConnection(role: .http(side), listener: tag), id)
        guard let slot = web.settings.tls[tag] else {
            return loop.setDeadline(id, afterMilliseconds: web.settings.firstRequestMilliseconds)
        }
        // The handshake has the loop's own deadline.
        do throws(TLSFailure) { loop.attach(try TLSTransform(server: slot.current), to: id) } catch {
            web.counters.add(.tlsFailed)
            loop.cut(id)
        }
    }

    /// TLS is there.
    package mutating func secured(
        _ id: ConnectionID, _ transform: any TransportTransform, _ loop: inout EventLoop
    ) {
        guard web.table.contains(id), let transform = transform as? TLSTransform else { return }
        if let identity = transform.peerIdentity {
            web.table[id].identity = WebConnection.Identity(identity)
        }
        if case .http = web.table[id].role {
            loop.setDeadline(id, afterMilliseconds: web.settings.firstRequestMilliseconds)
        }
    }

    /// Bytes are there.
    package mutating func received(
        _ id: ConnectionID, _ bytes: inout ByteBuffer, _ loop: inout EventLoop
    ) -> Int {
        guard web.table.contains(id) else { return bytes.count }
        switch web.table[id].role {
        case .http(let side): return receive(id, side, &bytes, &loop)
        case .socket(let side): return receive(id, side, &bytes, from: 0, &loop)
        case .opening(let side): return receive(id, side, &bytes, &loop)
        case .call(let side): return receive(id, side, &bytes, &loop)
        }
    }

    /// The other side sends no more.
    package mutating func ended(_ id: ConnectionID, _ loop: inout EventLoop) {
        guard web.table.contains(id) else { return loop.close(id) }
        switch web.table[id].role {
        case .http(let side):
            // Who sends a request and closes its end gets the answers.
            side.isLast = true
            if case .refused(let fault) = side.reader.endOfConnection() { refuse(id, side, fault, &loop) }
            web.settle(id, side, &loop)
        case .socket(let side):
            side.session.transportEnded()
            tellClosed(id, side, side.session.closeCode ?? .abnormal, RawSpan(), &loop)
            loop.close(id)
        case .opening(let side): endOpening(id, side, .truncated, &loop)
        case .call(let side): endOfAnswer(id, side, &loop)
        }
    }

    /// More waits to be sent than should.
    package mutating func filled(_ id: ConnectionID, _ loop: inout EventLoop) {
        if let side = web.httpSide(id) {
            side.isFull = true
            web.regulate(id, side, &loop)
        }
        application.filled(id, &web, &loop)
    }

    /// There is room again.
    package mutating func hasRoom(_ id: ConnectionID, _ loop: inout EventLoop) {
        if let side = web.httpSide(id) {
            side.isFull = false
            web.settle(id, side, &loop)
        } else if let side = web.socketSide(id) {
            web.tick(id, side, &loop)
        }
        application.hasRoom(id, &web, &loop)
    }

    /// A connection is gone.
    package mutating func closed(_ id: ConnectionID, _ reason: CloseReason, _ loop: inout EventLoop) {
        if reason == .transformFailed { web.counters.add(.tlsFailed) }
        defer { web.serveBlocked(&loop) }
        guard web.table.contains(id) else { return }
        web.dues.remove(id)
        switch web.table.remove(id).role {
        case .http(let side):
            web.forgetContent(side)
            for answer in side.answers where answer.isSeen && !answer.isComplete {
                application.abandoned(WebToken(connection: id, number: answer.number), &web, &loop)
            }
        case .socket(let side):
            web.messageBytes -= side.countedBytes
            tellClosed(id, side, side.session.closeCode ?? .abnormal, RawSpan(), &loop)
        case .opening(let side): tellNotOpened(id, side, reason, &loop)
        case .call(let side): callConnectionGone(id, side, reason, &loop)
        }
    }

    /// A message from another thread.
    package mutating func took(_ message: Message, _ loop: inout EventLoop) {
        application.took(message, &web, &loop)
    }

    /// There is room for messages again.
    package mutating func mailboxHasRoom(_ loop: inout EventLoop) { application.mailboxHasRoom(&web, &loop) }

    /// A timer is due.
    package mutating func timerFired(_ payload: UInt64, _ loop: inout EventLoop) {
        guard payload == Self.sweepTimer else { return application.timerFired(payload, &web, &loop) }
        _ = loop.arm(Self.sweepTimer, afterMilliseconds: web.settings.sweepMilliseconds)
        for id in web.dues.due(by: loop.now) { keepTime(id, &loop) }
        keepCallTime(&loop)
    }

    /// Something that an operator should know.
    package mutating func noticed(_ notice: LoopNotice, _ loop: inout EventLoop) {
        application.noticed(notice, &web, &loop)
    }

    /// All that a turn brought has been told.
    package mutating func turned(_ loop: inout EventLoop) { application.turned(&web, &loop) }

    /// The loop is about to stop.
    package mutating func stopping(_ loop: inout EventLoop) {
        application.stopping(&web, &loop)
        for id in web.table.ids where web.socketSide(id) != nil {
            web.close(id, .goingAway, RawSpan(), &loop)
        }
    }
}
