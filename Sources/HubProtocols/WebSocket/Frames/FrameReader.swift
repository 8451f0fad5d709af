package import HubBytes

/// Reads the frames of one connection, in the receive buffer and in place.
///
/// A message that lies whole in the buffer is unmasked, checked and handed out there. One that does not, because it
/// comes in fragments, is compressed, or has not arrived yet, is moved to the reader's own memory as it comes: the
/// receive buffer never has to grow for it, and nothing is looked at twice. So what stays in the receive buffer is
/// less than one header or one control frame, `leftoverBytesMax` at most. A length that a peer announces costs no
/// memory before its bytes are here.
package struct FrameReader: ~Copyable {
    private let role: WebSocketRole
    private let messageBytesMax: Int
    private let isCompressionAgreed: Bool
    private var inflation: Inflation
    /// The message that comes in pieces; kept until the next call once it was handed out.
    private var message: ByteBuffer
    private var isHandedOut = false
    private var isEnded = false
    /// The message that has begun, if one has.
    private var open: OpenMessage?
    /// Payload of the current frame that is still to come; nil between frames.
    private var due: Int?
    private var isLastFrame = false
    private var key: UInt32 = 0

    private struct OpenMessage {
        let kind: WebSocketMessageKind
        let isCompressed: Bool
        /// Payload of its frames so far, those announced included.
        var frameBytes = 0
        var validator = UTF8Validator()
    }

    /// What may stay in the receive buffer when the reader needs more.
    package static let leftoverBytesMax = 14 + FrameHeader.controlPayloadMax - 1
    /// Memory for messages in pieces that is kept between two of them.
    private static let keptBytes = 64 * 1024
    /// The largest limit for messages: zlib counts in 32 bits.
    package static let messageBytesLimit = 1 << 30

    /// A reader for one end of a connection. A message may have up to `messageBytesMax` bytes, all fragments
    /// together, before and after decompression; `compression` is what the peer may use for its messages.
    package init(role: WebSocketRole, messageBytesMax: Int, compression: DeflateWindow? = nil) {
        precondition(messageBytesMax > 0 && messageBytesMax <= Self.messageBytesLimit)
        self.role = role
        self.messageBytesMax = messageBytesMax
        isCompressionAgreed = compression != nil
        inflation = Inflation(compression ?? DeflateWindow(bits: 15, isKept: false))
        message = ByteBuffer(capacity: 0)
    }

    /// The next event, from `position` of the receive buffer on, which moves behind what was taken. The bytes before
    /// it are not needed any more; those behind must be there again at the next call, wherever in a buffer they are.
    package mutating func next(_ input: inout ByteBuffer, at position: inout Int) -> FrameEvent {
        if isEnded { return end(.ended, &input, &position) }
        if isHandedOut { dropMessage() }
        while true {
            if due != nil {
                guard let event = takePiece(&input, &position) else { continue }
                return event
            }
            let header: FrameHeader
            switch FrameHeader.parse(input.bytes, at: position, role: role) {
            case .header(let parsed): header = parsed
            case .incomplete(let missing): return .needs(missing)
            case .fault(let fault): return fail(fault, &input, &position)
            }
            if header.isCompressed, !isCompressionAgreed || header.opcode == .continuation {
                return fail(.reservedBits, &input, &position)
            }
            if header.opcode.isControl { return control(header, &input, &position) }
            if let fault = fault(in: header) { return fail(fault, &input, &position) }
            let isWhole = header.payloadSize <= input.count &- position &- header.size
            if isWhole, header.isFinal, !header.isCompressed, open == nil {
                return whole(header, &input, &position)
            }
            begin(header)
            position &+= header.size
        }
    }

    /// The bytes of an event, in the buffer that it came from.
    @_lifetime(borrow self, borrow input)
    package func bytes(of payload: FramePayload, in input: borrowing ByteBuffer) -> RawSpan {
        let all = payload.isAssembled ? message.bytes : input.bytes
        return all.extracting(payload.start..<payload.end)
    }

    /// Exchanges the memory that a message was put together in for another buffer, which must be empty: whoever is shown
    /// the message may then use the reader's owner. To be called a second time to give it back.
    package mutating func exchangeMessage(_ buffer: inout ByteBuffer) {
        precondition(isHandedOut || message.isEmpty, "the message is not complete")
        swap(&message, &buffer)
    }

    /// Bytes of the message that comes in pieces, as far as it is here.
    package var assembledBytes: Int { message.count }

    /// Reads nothing more, and forgets the message that has begun.
    package mutating func abandon() {
        forgetMessage()
        isEnded = true
    }

    /// Gives back the memory that nothing is in. For a connection that has been quiet for a while.
    package mutating func trim() {
        if isHandedOut { dropMessage() }
        if message.isEmpty { message.shrink(toCapacity: 0) }
        if open == nil { inflation.trim() }
    }

    // MARK: Whole frames

    /// A message in one frame that has arrived to its end.
    @inline(__always)
    private mutating func whole(
        _ header: FrameHeader, _ input: inout ByteBuffer, _ position: inout Int
    ) -> FrameEvent {
        let start = position &+ header.size
        let end = start &+ header.payloadSize
        let isASCII = role == .server && FrameMask.apply(header.key, to: &input, start, end)
        let kind: WebSocketMessageKind = header.opcode == .text ? .text : .binary
        if kind == .text, !isASCII, !UTF8Validator.isValid(input.bytes.extracting(start..<end)) {
            return fail(.textNotUTF8, &input, &position)
        }
        position = end
        return .message(kind, FramePayload(isAssembled: false, start: start, end: end))
    }

    private mutating func control(
        _ header: FrameHeader, _ input: inout ByteBuffer, _ position: inout Int
    ) -> FrameEvent {
        if header.isCompressed { return fail(.reservedBits, &input, &position) }
        let start = position &+ header.size
        let end = start &+ header.payloadSize
        guard end <= input.count else { return .needs(end &- input.count) }
        if role == .server { _ = FrameMask.apply(header.key, to: &input, start, end) }
        position = end
        let payload = FramePayload(isAssembled: false, start: start, end: end)
        switch header.opcode {
        case .ping: return .ping(payload)
        case .pong: return .pong(payload)
        default: return close(payload, &input, &position)
        }
    }

    private mutating func close(
        _ payload: FramePayload, _ input: inout ByteBuffer, _ position: inout Int
    ) -> FrameEvent {
        guard payload.byteCount > 0 else {
            return end(.close(.noStatus, reason: payload), &input, &position)
        }
        guard payload.byteCount >= 2 else { return fail(.closeCut, &input, &position) }
        let code = CloseCode(rawValue: input.bytes.load(payload.start, as: UInt16.self).byteSwapped)
        guard code.isSendable else { return fail(.closeCode, &input, &position) }
        let reason = FramePayload(isAssembled: false, start: payload.start + 2, end: payload.end)
        guard UTF8Validator.isValid(input.bytes.extracting(reason.start..<reason.end)) else {
            return fail(.closeReason, &input, &position)
        }
        return end(.close(code, reason: reason), &input, &position)
    }

    // MARK: Messages in pieces

    /// What is wrong with a frame of a message, its place in the message and its length considered.
    @inline(__always)
    private func fault(in header: FrameHeader) -> FrameFault? {
        let isContinuation = header.opcode == .continuation
        if isContinuation != (open != nil) {
            return isContinuation ? .nothingToContinue : .messageInsideMessage
        }
        var room = messageBytesMax
        if open?.isCompressed ?? header.isCompressed {
            // What does not compress grows by a few bytes in every 16 KiB.
            room &+= room / 64 &+ 1024
        }
        return header.payloadSize > room &- (open?.frameBytes ?? 0) ? .messageTooLarge : nil
    }

    private mutating func begin(_ header: FrameHeader) {
        if open == nil {
            open = OpenMessage(
                kind: header.opcode == .text ? .text : .binary, isCompressed: header.isCompressed)
        }
        open?.frameBytes += header.payloadSize
        due = header.payloadSize
        key = header.key
        isLastFrame = header.isFinal
    }

    /// Takes what is here of the current frame; nil once the frame is complete and the message is not.
    private mutating func takePiece(_ input: inout ByteBuffer, _ position: inout Int) -> FrameEvent? {
        guard let due, var current = open.take() else { preconditionFailure("no frame is open") }
        let start = position
        let end = start &+ min(due, input.count &- start)
        if role == .server {
            _ = FrameMask.apply(key, to: &input, start, end)
            key = FrameMask.advance(key, by: end &- start)
        }
        let fault = Self.append(
            input.bytes.extracting(start..<end), to: &message, of: &current, &inflation, messageBytesMax)
        if let fault { return fail(fault, &input, &position) }
        position = end
        let missing = due &- (end &- start)
        if missing > 0 {
            open = current
            self.due = missing
            return .needs(missing)
        }
        self.due = nil
        guard isLastFrame else {
            open = current
            return nil
        }
        if let fault = Self.finish(&message, of: &current, &inflation, messageBytesMax) {
            return fail(fault, &input, &position)
        }
        isHandedOut = true
        return .message(current.kind, FramePayload(isAssembled: true, start: 0, end: message.count))
    }

    private static func append(
        _ piece: RawSpan, to message: inout ByteBuffer, of open: inout OpenMessage,
        _ inflation: inout Inflation, _ messageBytesMax: Int
    ) -> FrameFault? {
        guard open.isCompressed else {
            if open.kind == .text, !open.validator.take(piece) { return .textNotUTF8 }
            message.append(piece)
            return nil
        }
        return inflate(piece, to: &message, of: &open, &inflation, messageBytesMax)
    }

    /// Decompresses in steps, each checked before the next: neither memory nor time goes into what is refused anyway.
    private static func inflate(
        _ piece: RawSpan, to message: inout ByteBuffer, of open: inout OpenMessage,
        _ inflation: inout Inflation, _ messageBytesMax: Int
    ) -> FrameFault? {
        var rest = piece
        while true {
            let before = message.count
            // One byte more than allowed is enough to know.
            let step = inflation.step(&rest, into: &message, limit: messageBytesMax &+ 1)
            if open.kind == .text {
                let fresh = message.bytes.extracting(before..<min(message.count, messageBytesMax))
                if !open.validator.take(fresh) { return .textNotUTF8 }
            }
            if message.count > messageBytesMax { return .inflatedTooLarge }
            switch step {
            case .idle: return nil
            case .more: continue
            case .broken: return .compressedDataBroken
            case .noMemory: return .noMemory
            }
        }
    }

    private static func finish(
        _ message: inout ByteBuffer, of open: inout OpenMessage, _ inflation: inout Inflation,
        _ messageBytesMax: Int
    ) -> FrameFault? {
        // Some peers have nothing to send where zlib has nothing to flush, and mean an empty message.
        if open.isCompressed, open.frameBytes > 0 {
            let tail = Inflation.tail
            // Safety: bytes have no padding, so that a raw view of them is sound.
            if let fault = inflate(
                unsafe tail.span.bytes, to: &message, of: &open, &inflation, messageBytesMax)
            {
                return fault
            }
            // What is left of a block would be taken for the start of the next message.
            guard inflation.isBetweenBlocks else { return .compressedDataBroken }
            inflation.endMessage()
        }
        return open.kind == .text && !open.validator.isComplete ? .textNotUTF8 : nil
    }

    private mutating func dropMessage() {
        isHandedOut = false
        message.removeAll()
        if message.capacity > Self.keptBytes { message.shrink(toCapacity: 0) }
    }

    // MARK: The end

    private mutating func fail(
        _ fault: FrameFault, _ input: inout ByteBuffer, _ position: inout Int
    ) -> FrameEvent {
        forgetMessage()
        return end(.failure(fault), &input, &position)
    }

    private mutating func forgetMessage() {
        isHandedOut = false
        message.removeAll()
        message.shrink(toCapacity: 0)
        open = nil
        due = nil
    }

    private mutating func end(
        _ event: FrameEvent, _ input: inout ByteBuffer, _ position: inout Int
    ) -> FrameEvent {
        isEnded = true
        position = input.count
        return event
    }
}
