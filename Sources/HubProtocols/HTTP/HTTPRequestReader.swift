import HubBytes

/// What a connection waits for.
package enum HTTPWaiting: Equatable, Sendable {
    /// Another request, of which nothing has come yet: the connection is idle.
    case request
    /// The rest of a head.
    case head
    /// The rest of a message whose head is known.
    case content
    /// Nothing: no further byte will be read.
    case nothing
}

/// Reads the requests of one connection, one after the other, where their bytes lie. It does no I/O and knows no
/// time: it is handed what came in and says what that is.
///
/// The bytes of a head stay where they are until the head is complete, since what is found in it are places. What is
/// wrong is said as soon as the bytes so far leave no other answer, and it is the same answer in whatever pieces the
/// bytes arrive.
package struct HTTPRequestReader: ~Copyable {
    private let limits: HTTPLimits
    private var lines = HTTPHeadLines(of: .request)
    private var notes = RequestNotes()
    private var current: HTTPRequestHead?
    private var body = HTTPBodyReader(.length(0))
    private var phase = HTTPReadingPhase.head

    /// A reader at the beginning of a connection.
    package init(limits: HTTPLimits = HTTPLimits()) {
        limits.check()
        self.limits = limits
    }

    /// What the next bytes are. They begin with the first byte that no answer before was done with.
    package mutating func next(_ bytes: RawSpan) -> HTTPStep {
        do throws(HTTPFault) {
            switch phase {
            case .head: return try readHead(bytes)
            case .content:
                let step = try body.next(bytes, limits)
                if case .end = step { endMessage() }
                return step
            case .finished: return .finished
            case .refused(let fault): return .refused(fault)
            }
        } catch {
            phase = .refused(error)
            return .refused(error)
        }
    }

    /// What it means that no more bytes will come, once `next` has asked for some: `finished` between two messages,
    /// else a refusal.
    package mutating func endOfConnection() -> HTTPStep {
        switch phase {
        case .head where !lines.hasBegun, .finished:
            phase = .finished
            return .finished
        case .refused(let fault): return .refused(fault)
        case .head, .content:
            phase = .refused(.truncated)
            return .refused(.truncated)
        }
    }

    /// The head that was read last, with the bytes that it was read from: those that the answer `head` was given
    /// for, as long as they are unchanged.
    @_lifetime(copy bytes)
    package func request(in bytes: RawSpan) -> HTTPRequestView {
        guard let current, current.byteCount > 0 else {
            preconditionFailure("there is a request once its head was read")
        }
        precondition(bytes.byteCount >= current.byteCount)
        return HTTPRequestView(current, lines.fields, bytes)
    }

    /// What the bytes that come next belong to. Each has a time limit of its own, which is the caller's matter.
    package var waitsFor: HTTPWaiting {
        switch phase {
        case .head: lines.hasBegun ? .head : .request
        case .content: .content
        case .finished, .refused: .nothing
        }
    }

    /// Gives back what memory an idle connection does not need.
    package mutating func releaseMemory() {
        guard waitsFor == .request else { return }
        current = nil
        lines.releaseMemory()
    }

    private mutating func readHead(_ bytes: RawSpan) throws(HTTPFault) -> HTTPStep {
        while true {
            switch try lines.next(bytes, limits) {
            case .needsMore: return .needsMore(consumed: 0)
            case .first(let line):
                notes = RequestNotes()
                current = try HTTPRequestHead(bytes, line: line)
            case .field(let field): try notes.note(field, bytes)
            case .end(let count):
                try endHead(count)
                return .head(byteCount: count)
            }
        }
    }

    private mutating func endHead(_ byteCount: Int) throws(HTTPFault) {
        guard var head = current else { preconditionFailure("a head ends behind its first line") }
        try notes.complete(&head, limits)
        head.byteCount = byteCount
        body = HTTPBodyReader(head.framing)
        current = head
        phase = .content
    }

    private mutating func endMessage() {
        lines.restart()
        let keepsAlive = current?.keepsAlive ?? false
        phase = keepsAlive ? .head : .finished
    }
}

/// What the fields of a request say that matters for reading it.
private struct RequestNotes {
    private var framing = HTTPFramingNotes()
    private var hasHost = false
    private var authority: HTTPAuthority?
    private var expectsContinue = false
    private var expectsMore = false
    private var offersWebSocket = false

    mutating func note(_ field: HTTPField, _ bytes: RawSpan) throws(HTTPFault) {
        let name = field.name.of(bytes)
        switch name.byteCount {
        case 4 where HTTPText.equals(name, anyCase: "host"): try noteHost(field.value, bytes)
        case 6 where HTTPText.equals(name, anyCase: "expect"): noteExpectation(field.value.of(bytes))
        case 7 where HTTPText.equals(name, anyCase: "upgrade"): noteUpgrade(field.value.of(bytes))
        default: try framing.note(name, field.value.of(bytes))
        }
    }

    /// RFC 9112, section 3.2: exactly one, of a valid form. It may be empty, for a target that has no host.
    private mutating func noteHost(_ value: HTTPSlice, _ bytes: RawSpan) throws(HTTPFault) {
        if hasHost { throw .repeatedHost }
        hasHost = true
        guard value.count > 0 else { return }
        guard let authority = HTTPAuthority(bytes, value.range) else { throw .badHost }
        self.authority = authority
    }

    private mutating func noteExpectation(_ value: RawSpan) {
        HTTPText.forEachElement(of: value) { element in
            let isContinue = HTTPText.equals(element, anyCase: "100-continue")
            expectsContinue = expectsContinue || isContinue
            expectsMore = expectsMore || !isContinue
        }
    }

    private mutating func noteUpgrade(_ value: RawSpan) {
        HTTPText.forEachElement(of: value) { element in
            if HTTPText.equals(element, anyCase: "websocket") { offersWebSocket = true }
        }
    }

    /// Completes a head with what all of its fields say together.
    func complete(_ head: inout HTTPRequestHead, _ limits: HTTPLimits) throws(HTTPFault) {
        let isOld = head.isOldVersion
        if !hasHost, !isOld { throw .missingHost }
        // The host of a whole URL counts, whatever the field says (RFC 9112, section 3.2.2).
        head.authority = head.target.authority ?? authority
        head.framing =
            try framing.framing(isOldVersion: isOld, contentBytesMax: limits.contentBytesMax) ?? .length(0)
        head.keepsAlive = framing.keepsAlive(isOldVersion: isOld)
        // What HTTP/1.0 did not have is to be ignored in it (RFC 9110, sections 7.8 and 10.1.1).
        guard !isOld else { return }
        if expectsMore { throw .unknownExpectation }
        head.expectsContinue = expectsContinue && head.framing.hasContent
        head.wantsWebSocket =
            offersWebSocket && framing.saysUpgrade && head.method == .get && !head.framing.hasContent
    }
}
