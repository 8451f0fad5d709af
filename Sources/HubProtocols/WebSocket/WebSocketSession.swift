package import HubBytes

/// One WebSocket connection after its handshake: reads frames, answers pings, keeps the closing handshake, and says
/// when the connection below is to be closed and by whom. It does no I/O: what is to be sent is appended to the
/// connection's output, and the time is an argument.
package struct WebSocketSession: ~Copyable {
    private let role: WebSocketRole
    private let settings: WebSocketSettings
    private let outgoing: DeflateWindow?
    private var reader: FrameReader
    private var deflater: Deflater?
    private var isCompressing: Bool
    private var keys: MaskKeys
    private var keepAlive: KeepAlive
    private var state = State.open
    /// The latest ping that could not be answered yet.
    private var lateAnswer: [UInt8]?

    /// Why the connection ended, or is ending: the peer's code, or ours if it sent none.
    package private(set) var closeCode: CloseCode?

    private enum State: Equatable {
        case open
        /// Our close frame is written, the peer's is due until then.
        case closing(until: UInt64)
        /// Both are written; the server closes the connection until then.
        case ending(until: UInt64)
        case over(Transport)
    }

    /// What is to become of the connection below.
    package enum Transport: Equatable, Sendable {
        /// It stays.
        case keep
        /// The peer is to close it, and gets time for that: wait for the end of its bytes.
        case awaitEnd
        /// Send what is written, then close it, waiting a moment for the peer's end so that no byte is lost.
        case finish
        /// Close it at once: nobody is there.
        case drop
    }

    /// What happened to the session.
    package enum Event: Equatable, Sendable {
        /// A message came.
        case message(WebSocketMessageKind, FramePayload)
        /// A ping came, and is answered.
        case ping
        /// A pong came.
        case pong
        /// The peer closes; `transport` says what is next.
        case closed(CloseCode, reason: FramePayload)
        /// The peer broke a rule; the close frame that says so is written, `transport` says what is next.
        case failed(FrameFault)
        /// The receive buffer holds no event any more; the current frame lacks at least so many bytes.
        case needs(Int)
        /// Nothing more will be read.
        case ended
    }

    /// A session of one end. A client needs keys to mask with, a server does not use them. Without an agreement nothing
    /// is compressed; with one, `compresses` says whether this end does, with a compressor of its own.
    package init(
        role: WebSocketRole, settings: WebSocketSettings, agreement: DeflateAgreement? = nil,
        compresses: Bool = false, keys: MaskKeys = MaskKeys(seed: (0, 0)), now: UInt64
    ) {
        self.role = role
        self.settings = settings
        self.keys = keys
        outgoing = agreement?.outgoing(role)
        reader = FrameReader(
            role: role, messageBytesMax: settings.messageBytesMax, compression: agreement?.incoming(role))
        // zlib cannot compress with a window of 8 bits. Every message may be sent as it is, so then all are.
        isCompressing = compresses && (outgoing?.bits ?? 0) >= 9
        keepAlive = KeepAlive(pingAfter: settings.pingAfter, pongWithin: settings.pongWithin, now: now)
    }

    // MARK: Reading

    /// Tells that bytes came from the peer: once for each time that the connection was read, before `receive`.
    package mutating func heard(at now: UInt64) { keepAlive.heard(at: now) }

    /// The next event from `position` of the receive buffer on, as `FrameReader.next`. Answers go to `output`;
    /// `waiting` bytes wait to be sent besides those.
    package mutating func receive(
        _ input: inout ByteBuffer, at position: inout Int, answeringTo output: inout ByteBuffer,
        waiting: Int = 0, now: UInt64
    ) -> Event {
        if case .over = state {
            position = input.count
            return .ended
        }
        switch reader.next(&input, at: &position) {
        case .message(let kind, let payload): return .message(kind, payload)
        case .needs(let missing): return .needs(missing)
        case .ping(let payload):
            answer(input.bytes.extracting(payload.start..<payload.end), to: &output, waiting)
            return .ping
        case .pong: return .pong
        case .close(let code, let reason):
            peerCloses(code, to: &output, now: now)
            return .closed(code, reason: reason)
        case .failure(let fault):
            fail(fault, to: &output)
            return .failed(fault)
        case .ended: return .ended
        }
    }

    /// The bytes of an event, in the buffer that it came from, until the next one is asked for.
    @_lifetime(borrow self, borrow input)
    package func bytes(of payload: FramePayload, in input: borrowing ByteBuffer) -> RawSpan {
        reader.bytes(of: payload, in: input)
    }

    /// Exchanges the memory of an assembled message, as `FrameReader.exchangeMessage`.
    package mutating func exchangeMessage(_ buffer: inout ByteBuffer) { reader.exchangeMessage(&buffer) }

    private mutating func answer(_ ping: RawSpan, to output: inout ByteBuffer, _ waiting: Int) {
        // Nothing may follow our close frame.
        guard state == .open else { return }
        guard output.count + waiting <= settings.pongBacklogBytesMax else {
            lateAnswer = ping.array
            return
        }
        lateAnswer = nil
        FrameWriter.frame(.pong, ping, maskKey: nextKey(), to: &output)
    }

    private mutating func peerCloses(_ code: CloseCode, to output: inout ByteBuffer, now: UInt64) {
        if state == .open { FrameWriter.close(code, reason: RawSpan(), maskKey: nextKey(), to: &output) }
        closeCode = code
        // The server closes first, so that the state that TCP keeps for a while stays with it (RFC 6455, 7.1.1).
        state = role == .server ? .over(.finish) : .ending(until: after(settings.closeWithin, now))
    }

    private mutating func fail(_ fault: FrameFault, to output: inout ByteBuffer) {
        if state == .open {
            let key = nextKey()
            fault.sentence.withBytes {
                FrameWriter.close(fault.closeCode, reason: $0, maskKey: key, to: &output)
            }
        }
        closeCode = fault.closeCode
        state = .over(.finish)
    }

    /// Bytes of the message that comes in pieces, as far as it is here.
    package var assembledBytes: Int { reader.assembledBytes }

    /// Ends the session for a reason of this side's, without waiting for the peer: what has come of a message is
    /// forgotten, and nothing more is read.
    package mutating func abandon(_ code: CloseCode, reason: RawSpan, to output: inout ByteBuffer) {
        if state == .open { FrameWriter.close(code, reason: reason, maskKey: nextKey(), to: &output) }
        reader.abandon()
        if case .over = state { return }
        closeCode = code
        state = .over(.finish)
    }

    // MARK: Writing

    /// How this end may compress; nil if that was not agreed on.
    package var outgoingWindow: DeflateWindow? { outgoing }
    /// Whether messages can still be sent.
    package var isOpen: Bool { state == .open }
    /// Whether a ping waits to be answered until there is less to be sent.
    package var hasLateAnswer: Bool { lateAnswer != nil }

    /// Appends a message, compressed if that is agreed and worth it; false if the session is no longer open.
    package mutating func send(
        _ kind: WebSocketMessageKind, _ payload: RawSpan, to output: inout ByteBuffer
    ) -> Bool {
        guard state == .open else { return false }
        let opcode: FrameOpcode = kind == .text ? .text : .binary
        if isCompressing, payload.byteCount > settings.compressAboveBytes {
            var compressed = ByteBuffer(capacity: payload.byteCount / 2)
            if compress(payload, to: &compressed) {
                FrameWriter.frame(
                    opcode, compressed.bytes, isCompressed: true, maskKey: nextKey(), to: &output)
                return true
            }
        }
        FrameWriter.frame(opcode, payload, maskKey: nextKey(), to: &output)
        return true
    }

    /// Appends the header of a message whose payload is sent from where it is, the same for all who get it. For
    /// servers, whose frames are not masked. A payload that is compressed comes from a `Deflater` whose window is not
    /// larger than agreed, and not kept. False if the session is no longer open.
    package mutating func sendHeader(
        _ kind: WebSocketMessageKind, payloadBytes: Int, isCompressed: Bool = false,
        to output: inout ByteBuffer
    ) -> Bool {
        precondition(role == .server, "a client masks, so its payloads cannot be shared")
        precondition(!isCompressed || outgoing != nil, "compression was not agreed on")
        guard state == .open else { return false }
        FrameWriter.header(
            kind == .text ? .text : .binary, payloadBytes: payloadBytes, isCompressed: isCompressed,
            to: &output)
        return true
    }

    private mutating func compress(_ payload: RawSpan, to output: inout ByteBuffer) -> Bool {
        if deflater == nil, let outgoing { deflater = Deflater(window: outgoing) }
        if deflater?.compress(payload, to: &output) == true { return true }
        // Without memory, or with a window that the peer's has parted from, this end sends plain messages from now on.
        isCompressing = false
        deflater = nil
        return false
    }

    /// Begins the closing handshake, unless it has begun.
    package mutating func close(
        _ code: CloseCode, reason: RawSpan = RawSpan(), to output: inout ByteBuffer, now: UInt64
    ) {
        guard state == .open else { return }
        FrameWriter.close(code, reason: reason, maskKey: nextKey(), to: &output)
        closeCode = code
        state = .closing(until: after(settings.closeWithin, now))
    }

    private mutating func nextKey() -> UInt32? { role == .client ? keys.next() : nil }

    // MARK: Time

    /// When `tick` has something to do at the latest; nil for never.
    package var deadline: UInt64? {
        switch state {
        case .open: keepAlive.deadline
        case .closing(let until), .ending(let until): until
        case .over: nil
        }
    }

    /// Does what is due at a time. To be called at the deadline, and whenever output was sent; `waiting` bytes wait to
    /// be sent besides `output`.
    package mutating func tick(at now: UInt64, to output: inout ByteBuffer, waiting: Int = 0) {
        switch state {
        case .open:
            if let late = lateAnswer { late.withBytes { answer($0, to: &output, waiting) } }
            switch keepAlive.verdict(at: now) {
            case .nothing: break
            case .ask: FrameWriter.frame(.ping, RawSpan(), maskKey: nextKey(), to: &output)
            case .giveUp:
                closeCode = .abnormal
                state = .over(.drop)
            }
        case .closing(let until), .ending(let until):
            if now >= until { state = .over(.drop) }
        case .over: break
        }
    }

    private func after(_ span: UInt64, _ now: UInt64) -> UInt64 {
        let (sum, isTooLarge) = now.addingReportingOverflow(span)
        return isTooLarge ? .max : sum
    }

    // MARK: The connection below

    /// What is to become of the connection below.
    package var transport: Transport {
        switch state {
        case .open, .closing: .keep
        case .ending: .awaitEnd
        case .over(let transport): transport
        }
    }

    /// Tells that the peer sends no more bytes, or the connection broke.
    package mutating func transportEnded() {
        switch state {
        case .open, .closing:
            closeCode = .abnormal
            state = .over(.drop)
        case .ending: state = .over(.finish)
        case .over: break
        }
    }

    /// Gives back the memory that nothing is in. For a connection that has been quiet for a while.
    package mutating func trim() {
        reader.trim()
        if outgoing?.isKept == false { deflater = nil }
    }
}
