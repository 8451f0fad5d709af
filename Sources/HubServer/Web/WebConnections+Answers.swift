import HubBytes
package import HubConnection
package import HubProtocols

// Answers to requests.
extension WebConnections {
    /// Begins the answer to a request; nil if it was begun before, or nobody waits for it any more.
    package mutating func reply(
        _ token: WebToken, _ status: HTTPStatus, _ loop: borrowing EventLoop
    ) -> WebReply? {
        guard let side = httpSide(token.connection), let index = side.index(of: token.number),
            !side.answers[index].isBegun
        else {
            counters.add(.answersDropped)
            return nil
        }
        let answer = side.answers[index]
        answer.isBegun = true
        var terms = answer.terms
        if loop.isStopping || isDraining { terms.keepsAlive = false }
        var buffer = takeBuffer()
        let writer = HTTPResponseWriter(status, terms, date: date(loop), to: &buffer)
        if !answer.crossOrigin.isEmpty { answer.crossOrigin.withBytes { buffer.append($0) } }
        return WebReply(token: token, writer: writer, buffer: buffer)
    }

    /// Ends an answer with its content, which must be empty for a status that has none. All of it must fit into what a
    /// connection may have waiting to be sent; what does not is streamed.
    package mutating func finish(
        _ reply: consuming WebReply, _ content: RawSpan, _ loop: inout EventLoop
    ) {
        reply.writer.end(content, to: &reply.buffer)
        let token = reply.token
        let closes = !reply.writer.keepsAlive
        complete(token, reply.buffer, closes: closes, &loop)
        giveBack(reply.buffer)
    }

    /// Hands over the last bytes of an answer.
    private mutating func complete(
        _ token: WebToken, _ bytes: borrowing ByteBuffer, closes: Bool, _ loop: inout EventLoop
    ) {
        guard let side = httpSide(token.connection), let index = side.index(of: token.number) else { return }
        let answer = side.answers[index]
        answer.isComplete = true
        answer.closes = closes
        // Half an answer is worse than none.
        if bytes.count > loop.settings.outboundMax, loop.isOpen(token.connection) {
            return loop.cut(token.connection)
        }
        deliver(bytes.bytes, of: answer, on: token.connection, side, &loop)
        settle(token.connection, side, &loop)
    }

    /// Answers with content of a type.
    package mutating func answer(
        _ token: WebToken, _ status: HTTPStatus, type: StaticString, _ content: RawSpan,
        _ loop: inout EventLoop
    ) {
        guard var reply = reply(token, status, loop) else { return }
        if status.excludesContent { return finish(reply, RawSpan(), &loop) }
        reply.field("Content-Type", type)
        finish(reply, content, &loop)
    }

    /// Answers with a sentence.
    package mutating func answer(
        _ token: WebToken, _ status: HTTPStatus, sentence: String, _ loop: inout EventLoop
    ) {
        (sentence + "\n").withBytes {
            answer(token, status, type: "text/plain; charset=utf-8", $0, &loop)
        }
    }

    // MARK: Streams

    /// Sends what was written of an answer; its content follows by `send`, and ends with `end`.
    package mutating func stream(_ reply: consuming WebReply, _ loop: inout EventLoop) {
        reply.writer.beginContent(to: &reply.buffer)
        let token = reply.token
        guard let side = httpSide(token.connection), let index = side.index(of: token.number) else { return }
        let answer = side.answers[index]
        answer.closes = !reply.writer.keepsAlive
        answer.isStream = true
        deliver(reply.buffer.bytes, of: answer, on: token.connection, side, &loop)
        giveBack(reply.buffer)
        answer.writer = .some(reply.writer)
    }

    /// Begins a stream of server-sent events; false if nobody waits for it.
    package mutating func beginEvents(_ token: WebToken, _ loop: inout EventLoop) -> Bool {
        guard var reply = reply(token, .ok, loop) else { return false }
        reply.field("Content-Type", "text/event-stream")
        // Events are of no use later, and one that waits on the way until there are more is late.
        reply.field("Cache-Control", "no-store")
        reply.field("X-Accel-Buffering", "no")
        stream(reply, &loop)
        guard let (_, answer) = openStream(token) else { return false }
        answer.isEvents = true
        dues.lower(token.connection, to: loop.moment(after: settings.eventCommentMilliseconds))
        return true
    }

    /// Sends a piece of a stream's content: in one chunk, or not at all.
    @discardableResult
    package mutating func send(
        _ token: WebToken, _ piece: RawSpan, _ loop: inout EventLoop
    ) -> SendOutcome {
        guard let (side, answer) = openStream(token) else { return .refused }
        guard hasRoom(for: piece.byteCount, answer, side, token.connection, loop) else { return .refused }
        var buffer = takeBuffer()
        answer.writer?.append(piece, to: &buffer)
        let outcome = deliver(buffer.bytes, of: answer, on: token.connection, side, &loop)
        giveBack(buffer)
        return outcome
    }

    /// Sends an event of a stream; throws for an id that cannot be one.
    @discardableResult
    package mutating func sendEvent(
        _ token: WebToken, name: StaticString?, id: RawSpan?, data: RawSpan, _ loop: inout EventLoop
    ) throws(HTTPFieldFault) -> SendOutcome {
        var text = takeBuffer()
        do throws(HTTPFieldFault) {
            try ServerSentEvents.append(name: name, id: id, data: data, to: &text)
        } catch {
            giveBack(text)
            throw error
        }
        let outcome = send(token, text.bytes, &loop)
        giveBack(text)
        return outcome
    }

    /// Ends a stream.
    package mutating func end(_ token: WebToken, _ loop: inout EventLoop) {
        guard let (side, answer) = openStream(token) else { return }
        var buffer = takeBuffer()
        answer.writer?.endContent(in: &buffer)
        answer.isStream = false
        answer.isComplete = true
        deliver(buffer.bytes, of: answer, on: token.connection, side, &loop)
        giveBack(buffer)
        settle(token.connection, side, &loop)
    }

    private func openStream(_ token: WebToken) -> (HTTPSide, WebAnswer)? {
        guard let side = httpSide(token.connection), let index = side.index(of: token.number),
            side.answers[index].isStream
        else { return nil }
        return (side, side.answers[index])
    }

    /// A stream that is not at the front holds as much as the answers before it let it, and no more.
    private func hasRoom(
        for count: Int, _ answer: WebAnswer, _ side: HTTPSide, _ id: ConnectionID,
        _ loop: borrowing EventLoop
    ) -> Bool {
        // A chunk's size and ends.
        let size = count + 16
        if side.answers.first === answer {
            return loop.waitingBytes(id) + answer.heldBytes + size <= loop.settings.outboundMax
        }
        return side.heldBytes + size <= settings.heldBytesMax
    }
}

// The order of answers.
extension WebConnections {
    /// Sends bytes of an answer if it is the first that is owed and there is room, or holds them.
    @discardableResult
    func deliver(
        _ bytes: RawSpan, of answer: WebAnswer, on id: ConnectionID, _ side: HTTPSide,
        _ loop: inout EventLoop
    ) -> SendOutcome {
        // Nothing reaches a connection that is being closed, and what was sent on it before still shall.
        guard loop.isOpen(id) else { return .refused }
        guard side.answers.first === answer else {
            answer.hold(bytes)
            return .queued
        }
        if answer.held == nil, loop.waitingBytes(id) + bytes.byteCount <= loop.settings.outboundMax {
            return send(bytes, on: id, side, &loop)
        }
        answer.hold(bytes)
        sendHeld(of: answer, on: id, side, &loop)
        return .full
    }

    private func send(
        _ bytes: RawSpan, on id: ConnectionID, _ side: HTTPSide, _ loop: inout EventLoop
    ) -> SendOutcome {
        let outcome = loop.send(bytes, on: id)
        switch outcome {
        case .queued: break
        case .full: side.isFull = true
        // The other side takes no more: half an answer is worse than none.
        case .refused: loop.cut(id)
        }
        return outcome
    }

    /// Sends as much as there is room for of what the first answer holds; true if that was all. The rest follows when
    /// the loop says that there is room.
    @discardableResult
    private func sendHeld(
        of answer: WebAnswer, on id: ConnectionID, _ side: HTTPSide, _ loop: inout EventLoop
    ) -> Bool {
        guard var held = answer.held.take() else { return true }
        let count = min(held.count, max(0, loop.settings.outboundMax - loop.waitingBytes(id)))
        if count > 0 { _ = send(held.bytes.extracting(0..<count), on: id, side, &loop) }
        if count == held.count { return true }
        held.removeFirst(count)
        answer.held = consume held
        side.isFull = true
        return false
    }

    /// Lets go of answers that are complete, sends what was held behind them, and closes if that was the last.
    mutating func settle(_ id: ConnectionID, _ side: HTTPSide, _ loop: inout EventLoop) {
        guard loop.isOpen(id) else { return }
        while let first = side.answers.first {
            guard sendHeld(of: first, on: id, side, &loop) else { break }
            guard first.isComplete else { break }
            counters.add(.answers)
            side.answers.removeFirst()
            // Whoever asked more behind it gets no answer; the application is told when the connection is gone.
            if first.closes { return end(id, side, &loop) }
        }
        if side.answers.isEmpty, side.isLast { return end(id, side, &loop) }
        regulate(id, side, &loop)
        if side.answers.isEmpty { setDeadline(id, side, &loop) }
    }

    /// From now on connections end with what they are owed, those at once that are owed nothing.
    mutating func drain(_ loop: inout EventLoop) {
        isDraining = true
        for id in table.ids {
            guard let side = httpSide(id), side.answers.isEmpty else { continue }
            guard case .request = side.reader.waitsFor else { continue }
            end(id, side, &loop)
        }
    }

    private func end(_ id: ConnectionID, _ side: HTTPSide, _ loop: inout EventLoop) {
        side.isLast = true
        side.isClosed = true
        loop.close(id)
    }

    /// Lets go of content that nobody will see.
    mutating func forgetContent(_ side: HTTPSide) {
        contentBytes -= side.contentCount
        side.head = nil
        side.content = nil
    }

    /// Reads, or does not, by what waits to be answered and sent.
    mutating func regulate(_ id: ConnectionID, _ side: HTTPSide, _ loop: inout EventLoop) {
        let isOver = side.answers.count >= settings.outstandingMax || side.heldBytes > settings.heldBytesMax
        let wasHeld = side.isHeld
        // Begun again at half, so that not every answer is a change.
        let isStillMany = wasHeld && side.answers.count * 2 > settings.outstandingMax
        side.isHeld = side.isFull || isOver || isStillMany
        guard side.isHeld != wasHeld else { return }
        if side.isHeld { loop.pauseReading(id) } else { loop.resumeReading(id) }
        setDeadline(id, side, &loop)
    }

    /// Sets the deadline for what the client has to do next.
    mutating func setDeadline(_ id: ConnectionID, _ side: HTTPSide, _ loop: inout EventLoop) {
        let next = nextDeadline(side)
        let span = settings.contentMilliseconds
        let (product, isTooLarge) = Int(span).multipliedReportingOverflow(
            by: settings.contentBytesPerSecondMin)
        let wanted = isTooLarge ? .max : product / 1000
        if next == .content, side.deadline == .content, side.windowBytes < wanted { return }
        if next == side.deadline, next == .head || next == .first || next == .none { return }
        side.deadline = next
        side.windowBytes = 0
        if next == .idle { dues.lower(id, to: loop.now + Self.idleMilliseconds) }
        let pause: Int64? =
            switch next {
            case .none: nil
            case .first: settings.firstRequestMilliseconds
            case .idle: settings.keepAliveMilliseconds
            case .head: settings.headMilliseconds
            case .content: span
            }
        loop.setDeadline(id, afterMilliseconds: pause)
    }

    /// After so long without a request its memory is given back.
    private static let idleMilliseconds: Int64 = 2000

    private func nextDeadline(_ side: HTTPSide) -> HTTPSide.Deadline {
        // Nothing more is expected of a client whose last request is here: what takes its time is the answer.
        if side.isHeld || (side.isLast && side.content == nil) { return .none }
        switch side.reader.waitsFor {
        case .head: return .head
        case .content: return .content
        case .nothing: return .none
        case .request: return !side.answers.isEmpty ? .none : side.nextNumber == 0 ? .first : .idle
        }
    }
}
