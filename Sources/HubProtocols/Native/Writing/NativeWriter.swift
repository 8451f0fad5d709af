package import HubBytes
package import HubModel

/// Writes what the hub sends to agents: each function appends one frame to a buffer.
package enum NativeWriter {
    // MARK: Batches

    /// Begins an array of frames.
    package static func beginBatch(_ buffer: inout ByteBuffer) { buffer.append(UInt8(ascii: "[")) }

    /// Stands between two frames of an array.
    package static func separate(_ buffer: inout ByteBuffer) { buffer.append(UInt8(ascii: ",")) }

    /// Ends an array of frames.
    package static func endBatch(_ buffer: inout ByteBuffer) { buffer.append(UInt8(ascii: "]")) }

    // MARK: Messages

    /// What became of a message that was taken. `re` is the id of its frame, and empty if that had none.
    package static func receipt(
        _ receipt: NativeReceipt, re: RawSpan, session: RawSpan, to buffer: inout ByteBuffer
    ) {
        buffer.append("{\"type\":\"receipt\"")
        buffer.field(",\"re\":", ifAny: re)
        buffer.field(",\"session\":", ifAny: session)
        if receipt.sequence != .none { buffer.field(",\"seq\":", receipt.sequence.rawValue) }
        buffer.field(",\"offset\":", receipt.offset.rawValue)
        buffer.append(Self.durability(receipt.durability))
        buffer.flag(",\"duplicate\":true", receipt.isDuplicate)
        buffer.flag(",\"away\":true", receipt.isAddresseeAway)
        buffer.append(UInt8(ascii: "}"))
    }

    private static func durability(_ durability: Durability) -> StaticString {
        switch durability {
        case .fsynced: ",\"durability\":\"fsynced\""
        case .memory: ",\"durability\":\"memory\""
        case .replicated: ",\"durability\":\"replicated\""
        }
    }

    /// A message for a member of a consumer. `batch` has the message's texts; `replay` is the id of the frame that asked to
    /// see it again, and empty for a live one.
    package static func delivery(
        _ message: RoutedMessage, in batch: RawSpan, consumer: RawSpan, attempt: Int, replay: RawSpan,
        to buffer: inout ByteBuffer
    ) {
        deliveryHead(message, in: batch, to: &buffer)
        deliveryTail(consumer: consumer, attempt: attempt, replay: replay, to: &buffer)
    }

    /// What is the same for everyone who is given a message.
    package static func deliveryHead(_ message: RoutedMessage, in batch: RawSpan, to buffer: inout ByteBuffer)
    {
        buffer.reserve(Int(message.payload.count) &+ 1024)
        buffer.append(type(of: message.kind))
        buffer.field(",\"id\":", ifAny: message.id.of(batch))
        buffer.field(",\"from\":", ifAny: message.sender.of(batch))
        if !message.destination.isEmpty {
            buffer.field(message.isDirect ? ",\"to\":" : ",\"topic\":", message.destination.of(batch))
        }
        buffer.field(",\"session\":", ifAny: message.session.of(batch))
        if message.sequence != .none { buffer.field(",\"seq\":", message.sequence.rawValue) }
        buffer.field(",\"offset\":", message.offset.rawValue)
        buffer.field(",\"timestamp\":", message.time)
        if message.expiry != .none { buffer.field(",\"expires\":", message.expiry) }
        buffer.field(",\"command_id\":", ifAny: message.correlation.of(batch))
        buffer.field(",\"cause\":", ifAny: message.cause.of(batch))
        buffer.field(",\"traceparent\":", ifAny: message.trace.of(batch))
        buffer.flag(",\"retain\":true", message.flags.contains(.retained))
        buffer.flag(",\"late\":true", message.flags.contains(.late))
        data(message, message.payload.of(batch), message.correlation.of(batch), to: &buffer)
    }

    /// What is different for each who is given a message, and the end of the frame.
    package static func deliveryTail(
        consumer: RawSpan, attempt: Int, replay: RawSpan, to buffer: inout ByteBuffer
    ) {
        buffer.field(",\"consumer\":", ifAny: consumer)
        if attempt > 1 { buffer.field(",\"attempt\":", UInt64(attempt)) }
        buffer.field(",\"replay\":", ifAny: replay)
        buffer.append(UInt8(ascii: "}"))
    }

    private static func data(
        _ message: RoutedMessage, _ payload: RawSpan, _ command: RawSpan, to buffer: inout ByteBuffer
    ) {
        if message.flags.contains(.failure) {
            // The hub's own answer has a word for its payload, and becomes what an agent's answer looks like.
            buffer.field(",\"failure\":", payload)
            buffer.append(",\"data\":{\"command_id\":")
            buffer.append(quoted: command)
            buffer.append(",\"status\":\"failed\",\"error\":")
            buffer.append(quoted: payload)
            buffer.append(UInt8(ascii: "}"))
            return
        }
        guard !payload.isEmpty else { return }
        guard message.flags.contains(.binary) else {
            buffer.append(",\"data\":")
            buffer.append(payload)
            return
        }
        buffer.append(",\"data_base64\":\"")
        Base64.append(payload, to: &buffer)
        buffer.append(UInt8(ascii: "\""))
    }

    private static func type(of kind: MessageKind) -> StaticString {
        switch kind {
        case .message: "{\"type\":\"message\""
        case .command: "{\"type\":\"command\""
        case .response: "{\"type\":\"response\""
        case .status: "{\"type\":\"status\""
        case .sessionOpen: "{\"type\":\"session_open\""
        case .sessionAccept: "{\"type\":\"session_accept\""
        case .sessionReject: "{\"type\":\"session_reject\""
        case .sessionClose: "{\"type\":\"session_close\""
        case .pause: "{\"type\":\"session_pause\""
        case .resume: "{\"type\":\"session_resume\""
        case .deadLetter: "{\"type\":\"dead_letter\""
        default: "{\"type\":\"note\""
        }
    }

    // MARK: Refusals

    /// A frame was refused, or something else went wrong. `details` is JSON, and empty if there are none.
    package static func error(
        _ refusal: Refusal, re: RawSpan, details: RawSpan, to buffer: inout ByteBuffer
    ) {
        buffer.append("{\"type\":\"error\"")
        buffer.field(",\"re\":", ifAny: re)
        appendRefusal(refusal, details: details, to: &buffer)
        buffer.append(UInt8(ascii: "}"))
    }

    /// What went wrong as the body of an HTTP answer.
    package static func errorBody(_ refusal: Refusal, details: RawSpan, to buffer: inout ByteBuffer) {
        buffer.append("{\"error\":{\"status\":")
        buffer.append(decimal: UInt64(refusal.code.status.code))
        appendRefusal(refusal, details: details, to: &buffer)
        buffer.append("}}")
    }

    private static func appendRefusal(_ refusal: Refusal, details: RawSpan, to buffer: inout ByteBuffer) {
        buffer.field(",\"code\":", refusal.code.rawValue)
        buffer.field(",\"message\":", refusal.message)
        if !details.isEmpty {
            buffer.append(",\"details\":")
            buffer.append(details)
        }
        buffer.field(",\"retry_after_ms\":", number: refusal.retryAfterMilliseconds)
    }
}
