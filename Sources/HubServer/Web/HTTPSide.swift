import HubBytes
import HubProtocols

/// A connection that speaks HTTP: what it reads, and the answers that it owes, in order.
final class HTTPSide {
    /// What the connection's deadline is for.
    enum Deadline {
        case none, first, idle, head, content
    }

    var reader: HTTPRequestReader
    /// Requests that were not answered to the end, the oldest first.
    var answers: [WebAnswer] = []
    var nextNumber: UInt32 = 0
    /// The head of the request whose content is being collected, and the content so far.
    var head: ByteBuffer?
    var content: ByteBuffer?
    var contentMax = 0
    /// No further request is read.
    var isLast = false
    /// The last answer is on its way, and the connection ends with it.
    var isClosed = false
    /// Nothing is read for now: too much waits to be answered, or to be sent.
    var isHeld = false
    /// More waits to be sent than the high-water mark.
    var isFull = false
    var deadline = Deadline.first
    /// Content that came since the deadline for it was set.
    var windowBytes = 0

    init(_ limits: HTTPLimits) { reader = HTTPRequestReader(limits: limits) }

    /// The place of a request among those that are owed an answer.
    func index(of number: UInt32) -> Int? { answers.firstIndex { $0.number == number } }

    /// Bytes of content so far.
    var contentCount: Int {
        switch content {
        case .some(let content): content.count
        case .none: 0
        }
    }

    /// Bytes that wait for earlier answers, or for room.
    var heldBytes: Int { answers.reduce(0) { $0 + $1.heldBytes } }
}

/// What is owed to one request.
final class WebAnswer {
    let number: UInt32
    let terms: HTTPReplyTerms
    /// Fields that let a page of another site see the answer.
    let crossOrigin: [UInt8]
    /// What is written while the answers before this one are not sent, or there is no room.
    var held: ByteBuffer?
    /// Writes what is still to come.
    var writer: HTTPResponseWriter?
    /// The application has seen the request.
    var isSeen = false
    /// The application has begun to answer.
    var isBegun = false
    /// The application may end it now or later, by a piece at a time.
    var isStream = false
    var isEvents = false
    var isComplete = false
    /// The connection ends behind it.
    var closes = false

    init(_ number: UInt32, _ terms: HTTPReplyTerms, crossOrigin: [UInt8] = []) {
        self.number = number
        self.terms = terms
        self.crossOrigin = crossOrigin
    }

    var heldBytes: Int {
        switch held {
        case .some(let buffer): buffer.count
        case .none: 0
        }
    }

    func hold(_ bytes: RawSpan) {
        if held == nil { held = ByteBuffer(capacity: bytes.byteCount) }
        held?.append(bytes)
    }
}
