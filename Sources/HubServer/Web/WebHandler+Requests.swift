import HubBytes
import HubConnection
import HubProtocols

// Requests, from their bytes to the application.
extension WebHandler where Application: ~Copyable {
    /// Reads requests, as many as may be read now; says how many bytes are done with.
    mutating func receive(
        _ id: ConnectionID, _ side: HTTPSide, _ input: inout ByteBuffer, _ loop: inout EventLoop
    ) -> Int {
        var position = 0
        while !side.isHeld, !side.isClosed, !side.isLast || side.content != nil {
            switch side.reader.next(input.bytes.extracting(droppingFirst: position)) {
            case .needsMore(let consumed):
                web.setDeadline(id, side, &loop)
                return position + consumed
            case .head(let count):
                let start = position
                position += count
                if takeHead(id, side, &input, start, &position, &loop) { return position }
            case .content(let range):
                let piece = range.lowerBound + position..<range.upperBound + position
                position = piece.upperBound
                collect(id, side, input.bytes.extracting(piece), &loop)
            case .end(let consumed):
                position += consumed
                endContent(id, side, &loop)
            case .finished:
                side.isLast = true
                web.settle(id, side, &loop)
            case .refused(let fault): refuse(id, side, fault, &loop)
            }
            guard loop.isOpen(id) else { break }
        }
        if side.isHeld, loop.isOpen(id) { return position }
        web.setDeadline(id, side, &loop)
        // Whatever comes behind the last request is of no meaning.
        return input.count
    }

    /// Takes a head; true if the connection speaks something else from here on, and `position` says how far it was
    /// read.
    private mutating func takeHead(
        _ id: ConnectionID, _ side: HTTPSide, _ input: inout ByteBuffer, _ start: Int,
        _ position: inout Int, _ loop: inout EventLoop
    ) -> Bool {
        let head = side.reader.request(in: input.bytes.extracting(droppingFirst: start)).head
        web.counters.add(.requests)
        let answer = WebAnswer(
            side.nextNumber, HTTPReplyTerms(head),
            crossOrigin: crossOrigin(side.reader.request(in: input.bytes.extracting(droppingFirst: start))))
        side.nextNumber &+= 1
        side.answers.append(answer)
        if forbids(
            id, side, answer, side.reader.request(in: input.bytes.extracting(droppingFirst: start)), &loop)
        {
            return false
        }
        if head.wantsWebSocket {
            let isUpgraded = upgrade(
                id, side, answer, side.reader.request(in: input.bytes.extracting(droppingFirst: start)), &loop
            )
            if isUpgraded {
                if let socket = web.socketSide(id) {
                    position = receive(id, socket, &input, from: position, &loop)
                }
                return true
            }
            guard !side.isLast else { return false }
        }
        let request = side.reader.request(in: input.bytes.extracting(droppingFirst: start))
        guard head.framing.hasContent else {
            // The end of no content is here already.
            _ = side.reader.next(RawSpan())
            if head.method == .options, answerPreflight(id, side, answer, request, &loop) { return false }
            let token = WebToken(connection: id, number: answer.number)
            answer.isSeen = true
            application.request(token, request, RawSpan(), &web, &loop)
            after(id, side, &loop)
            return false
        }
        expectContent(id, side, answer, request, isHere: position < input.count, &loop)
        if side.content != nil {
            var copy = ByteBuffer(capacity: position - start)
            copy.append(input.bytes.extracting(start..<position))
            side.head = consume copy
        }
        return false
    }

    /// What follows when the application has seen a request.
    private mutating func after(_ id: ConnectionID, _ side: HTTPSide, _ loop: inout EventLoop) {
        guard web.httpSide(id) === side else { return }
        if case .nothing = side.reader.waitsFor { side.isLast = true }
        web.regulate(id, side, &loop)
    }

    // MARK: Content

    private mutating func expectContent(
        _ id: ConnectionID, _ side: HTTPSide, _ answer: WebAnswer, _ request: HTTPRequestView, isHere: Bool,
        _ loop: inout EventLoop
    ) {
        switch application.intake(request, &web) {
        case .refuse(let status, let sentence):
            web.counters.add(.contentRefused)
            return answerLast(id, side, answer, status, sentence, &loop)
        case .take(let limit): side.contentMax = limit
        }
        var capacity = 4096
        if case .length(let count) = request.head.framing {
            guard count <= UInt64(side.contentMax) else {
                return answerLast(id, side, answer, .contentTooLarge, tooLarge(side), &loop)
            }
            // An announcement takes no memory beyond this.
            capacity = Int(min(count, 64 * 1024))
        }
        side.content = ByteBuffer(capacity: capacity)
        if request.head.expectsContinue, !isHere {
            var line = web.takeBuffer()
            HTTPResponseWriter.appendContinue(to: &line)
            web.deliver(line.bytes, of: answer, on: id, side, &loop)
            web.giveBack(line)
        }
    }

    private func tooLarge(_ side: HTTPSide) -> String {
        "the content of this request may have at most \(side.contentMax) bytes"
    }

    private mutating func collect(
        _ id: ConnectionID, _ side: HTTPSide, _ piece: RawSpan, _ loop: inout EventLoop
    ) {
        guard let answer = side.answers.last else { return }
        if side.contentCount + piece.byteCount > side.contentMax {
            return answerLast(id, side, answer, .contentTooLarge, tooLarge(side), &loop)
        }
        if web.contentBytes + piece.byteCount > web.settings.contentBytesMax {
            return answerLast(
                id, side, answer, .unavailable, "too much content is on its way here; try again later", &loop)
        }
        side.content?.append(piece)
        web.contentBytes += piece.byteCount
        side.windowBytes += piece.byteCount
    }

    private mutating func endContent(_ id: ConnectionID, _ side: HTTPSide, _ loop: inout EventLoop) {
        guard let head = side.head.take(), let content = side.content.take(), let answer = side.answers.last
        else { return }
        web.contentBytes -= content.count
        let token = WebToken(connection: id, number: answer.number)
        let request = side.reader.request(in: head.bytes)
        answer.isSeen = true
        application.request(token, request, content.bytes, &web, &loop)
        after(id, side, &loop)
    }

    // MARK: Answers of our own

    /// Refuses what cannot be read, and whatever comes behind it.
    mutating func refuse(
        _ id: ConnectionID, _ side: HTTPSide, _ fault: HTTPFault, _ loop: inout EventLoop
    ) {
        web.counters.add(.refusedRequests)
        // Content that cannot be read belongs to a request that is owed an answer.
        if side.content != nil, let answer = side.answers.last {
            return answerLast(id, side, answer, fault.status, fault.rawValue, &loop)
        }
        let answer = WebAnswer(side.nextNumber, .refused)
        side.nextNumber &+= 1
        side.answers.append(answer)
        answerLast(id, side, answer, fault.status, fault.rawValue, &loop)
    }

    /// Answers with a sentence, the last one on this connection.
    mutating func answerLast(
        _ id: ConnectionID, _ side: HTTPSide, _ answer: WebAnswer, _ status: HTTPStatus, _ sentence: String,
        field: (name: StaticString, value: StaticString)? = nil, _ loop: inout EventLoop
    ) {
        side.isLast = true
        web.forgetContent(side)
        var terms = answer.terms
        terms.keepsAlive = false
        var buffer = web.takeBuffer()
        var writer = HTTPResponseWriter(status, terms, date: web.date(loop), to: &buffer)
        if !answer.crossOrigin.isEmpty { answer.crossOrigin.withBytes { buffer.append($0) } }
        if let field { writer.field(field.name, field.value, to: &buffer) }
        writer.field("Content-Type", "text/plain; charset=utf-8", to: &buffer)
        (sentence + "\n").withBytes { writer.end($0, to: &buffer) }
        answer.isBegun = true
        answer.isComplete = true
        answer.closes = true
        web.deliver(buffer.bytes, of: answer, on: id, side, &loop)
        web.giveBack(buffer)
        web.settle(id, side, &loop)
    }

    // MARK: Browsers

    private func crossOrigin(_ request: HTTPRequestView) -> [UInt8] {
        guard let rules = web.settings.crossOrigin else { return [] }
        var buffer = ByteBuffer(capacity: 256)
        var writer = HTTPResponseWriter(.ok, .refused, date: nil, to: &buffer)
        let start = buffer.count
        do throws(HTTPFieldFault) { try rules.appendFields(on: request, &writer, to: &buffer) } catch {
            return []
        }
        return buffer.bytes.extracting(droppingFirst: start).array
    }

    /// Refuses what a page of another site asks and may not.
    private mutating func forbids(
        _ id: ConnectionID, _ side: HTTPSide, _ answer: WebAnswer, _ request: HTTPRequestView,
        _ loop: inout EventLoop
    ) -> Bool {
        guard let rules = web.settings.crossOrigin, rules.verdict(on: request) == .refused,
            !HTTPCrossOrigin.isPreflight(request)
        else { return false }
        answerLast(id, side, answer, .forbidden, "pages of this origin may not call", &loop)
        return true
    }

    /// Answers a browser that asks first, and whoever asks about the server as a whole.
    private mutating func answerPreflight(
        _ id: ConnectionID, _ side: HTTPSide, _ answer: WebAnswer, _ request: HTTPRequestView,
        _ loop: inout EventLoop
    ) -> Bool {
        let isPreflight = web.settings.crossOrigin != nil && HTTPCrossOrigin.isPreflight(request)
        guard isPreflight || request.head.targetForm == .asterisk else { return false }
        var buffer = web.takeBuffer()
        do throws(HTTPFieldFault) {
            if isPreflight, let rules = web.settings.crossOrigin {
                try rules.appendPreflight(to: request, date: web.date(loop), in: &buffer)
            } else {
                var writer = HTTPResponseWriter(.noContent, answer.terms, date: web.date(loop), to: &buffer)
                writer.end(in: &buffer)
            }
        } catch {
            web.giveBack(buffer)
            return false
        }
        answer.isBegun = true
        answer.isComplete = true
        answer.closes = !answer.terms.keepsAlive
        web.deliver(buffer.bytes, of: answer, on: id, side, &loop)
        web.giveBack(buffer)
        web.settle(id, side, &loop)
        return true
    }
}
