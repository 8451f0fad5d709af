import HubBytes

/// What the head of a response says. Places are counted from the first byte that belongs to the answer.
package struct HTTPResponseHead: Equatable, Sendable {
    /// How the request went.
    package internal(set) var status: HTTPStatus
    /// Whether the response is of HTTP/1.0.
    package internal(set) var isOldVersion: Bool
    /// Where the content ends.
    package internal(set) var framing = HTTPFraming.length(0)
    /// Whether the connection takes another request behind this answer, if nothing is left over.
    package internal(set) var keepsAlive = false
    /// Bytes up to and with the empty line, those of interim responses before it included.
    package internal(set) var byteCount = 0

    var reason: HTTPSlice

    /// Reads the status line: RFC 9112, section 4. The space behind the digits may be missing, as it often is where
    /// there is no reason behind it.
    init(_ bytes: RawSpan, line: Range<Int>) throws(HTTPFault) {
        let text = bytes.extracting(line)
        guard text.byteCount >= 12, HTTPText.equals(text.extracting(0..<7), "HTTP/1."),
            HTTPText.isDigit(text.load(7, as: UInt8.self)), text.load(8, as: UInt8.self) == 0x20,
            let code = HTTPText.decimal(text.extracting(9..<12)), (100...599).contains(code),
            text.byteCount == 12 || text.load(12, as: UInt8.self) == 0x20
        else { throw .badStatusLine }
        status = HTTPStatus(UInt16(code))
        isOldVersion = text.load(7, as: UInt8.self) == UInt8(ascii: "0")
        reason = HTTPSlice(min(line.lowerBound + 13, line.upperBound)..<line.upperBound)
    }
}

/// A response's head together with the bytes that it was read from.
package struct HTTPResponseView: ~Escapable {
    /// What it says.
    package let head: HTTPResponseHead
    private let bytes: RawSpan
    private let fieldPlaces: [HTTPField]

    @_lifetime(copy bytes)
    init(_ head: HTTPResponseHead, _ fields: [HTTPField], _ bytes: RawSpan) {
        self.head = head
        self.bytes = bytes
        fieldPlaces = fields
    }

    /// The words behind the status, which are for people.
    package var reason: RawSpan { @_lifetime(copy self) get { head.reason.of(bytes) } }

    /// The fields.
    package var fields: HTTPFields { @_lifetime(copy self) get { HTTPFields(bytes, fieldPlaces) } }
}

/// Reads the answer to one request. Interim responses are skipped, except the one that changes protocols if that is
/// what was asked for. Bytes behind the end belong to nobody: a connection that has some must not be used again.
package struct HTTPResponseReader: ~Copyable {
    private let limits: HTTPLimits
    private let isToHead: Bool
    private let expectsUpgrade: Bool
    private var lines = HTTPHeadLines(of: .response)
    private var notes = HTTPFramingNotes()
    private var current: HTTPResponseHead?
    private var body = HTTPBodyReader(.length(0))
    private var interimResponses = 0
    private var phase = HTTPReadingPhase.head

    /// A reader of the answer to a request of a method, and perhaps one to change protocols.
    package init(to method: HTTPMethod, expectsUpgrade: Bool = false, limits: HTTPLimits = HTTPLimits()) {
        limits.check()
        precondition(method != .connect, "nothing here asks for a tunnel")
        self.limits = limits
        self.expectsUpgrade = expectsUpgrade
        isToHead = method == .head
    }

    /// What the next bytes are. They begin with the first byte that no answer before was done with.
    package mutating func next(_ bytes: RawSpan) -> HTTPStep {
        do throws(HTTPFault) {
            switch phase {
            case .head: return try readHead(bytes)
            case .content:
                let step = try body.next(bytes, limits)
                if case .end = step { phase = .finished }
                return step
            case .finished: return .finished
            case .refused(let fault): return .refused(fault)
            }
        } catch {
            phase = .refused(error)
            return .refused(error)
        }
    }

    /// What it means that no more bytes will come: the end of content that has no other end, else a refusal.
    package mutating func endOfConnection() -> HTTPStep {
        switch phase {
        case .head: phase = .refused(.truncated)
        case .content:
            do throws(HTTPFault) {
                let step = try body.atEndOfConnection()
                phase = .finished
                return step
            } catch {
                phase = .refused(error)
            }
        case .finished, .refused: break
        }
        if case .refused(let fault) = phase { return .refused(fault) }
        return .finished
    }

    /// Whether any byte of an answer has come. A request for which none has may be sent again if it is of a kind that
    /// can be repeated.
    package var hasBegun: Bool {
        if case .head = phase { return lines.hasBegun || interimResponses > 0 }
        return current != nil
    }

    /// The head that was read, with the bytes that it was read from: those that the answer `head` was given for, as
    /// long as they are unchanged.
    @_lifetime(copy bytes)
    package func response(in bytes: RawSpan) -> HTTPResponseView {
        guard let current, current.byteCount > 0 else {
            preconditionFailure("there is a response once its head was read")
        }
        precondition(bytes.byteCount >= current.byteCount)
        return HTTPResponseView(current, lines.fields, bytes)
    }

    private mutating func readHead(_ bytes: RawSpan) throws(HTTPFault) -> HTTPStep {
        while true {
            switch try lines.next(bytes, limits) {
            case .needsMore: return .needsMore(consumed: 0)
            case .first(let line):
                notes = HTTPFramingNotes()
                current = try HTTPResponseHead(bytes, line: line)
            case .field(let field): try notes.note(field.name.of(bytes), field.value.of(bytes))
            case .end(let count):
                if try isFinal(count) { return .head(byteCount: count) }
            }
        }
    }

    /// Completes a head; says whether it is the one that counts.
    private mutating func isFinal(_ byteCount: Int) throws(HTTPFault) -> Bool {
        guard var head = current else { preconditionFailure("a head ends behind its first line") }
        let isUpgrade = head.status == .switchingProtocols
        if isUpgrade, !expectsUpgrade { throw .unexpectedUpgrade }
        if head.status.isInterim, !isUpgrade {
            guard interimResponses < limits.interimResponsesMax else { throw .tooManyInterimResponses }
            interimResponses += 1
            lines.goOn()
            return false
        }
        // RFC 9112, section 6.3: whatever the fields of these say, they have no content.
        if !isToHead, !head.status.excludesContent {
            head.framing =
                try notes.framing(
                    isOldVersion: head.isOldVersion, contentBytesMax: limits.contentBytesMax) ?? .untilClose
        }
        head.keepsAlive =
            notes.keepsAlive(isOldVersion: head.isOldVersion) && head.framing != .untilClose && !isUpgrade
        head.byteCount = byteCount
        body = HTTPBodyReader(head.framing)
        current = head
        phase = .content
        return true
    }
}
