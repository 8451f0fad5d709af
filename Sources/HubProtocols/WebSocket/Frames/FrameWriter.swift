package import HubBytes

/// Writes frames. The header can be written alone, so that one payload in memory serves all who get it.
package enum FrameWriter {
    /// The longest header.
    package static let headerBytesMax = 14

    /// Bytes of the header before a payload.
    package static func headerBytes(payloadBytes: Int, isMasked: Bool) -> Int {
        let mask = isMasked ? 4 : 0
        return mask + (payloadBytes < 126 ? 2 : payloadBytes <= 0xffff ? 4 : 10)
    }

    /// Writes a header. A client gives a mask key that nobody can guess, new for each frame, and masks the payload
    /// with it; a server gives none.
    @_lifetime(writer: copy writer)
    package static func header(
        _ opcode: FrameOpcode, payloadBytes: Int, isFinal: Bool = true, isCompressed: Bool = false,
        maskKey: UInt32? = nil, to writer: inout TailWriter
    ) {
        precondition(payloadBytes >= 0)
        precondition(!opcode.isControl || payloadBytes <= FrameHeader.controlPayloadMax && isFinal)
        writer.put(opcode.rawValue | (isFinal ? 0x80 : 0) | (isCompressed ? 0x40 : 0))
        let masked: UInt8 = maskKey == nil ? 0 : 0x80
        if payloadBytes < 126 {
            writer.put(UInt8(truncatingIfNeeded: payloadBytes) | masked)
        } else if payloadBytes <= 0xffff {
            writer.put(126 | masked)
            writer.put(UInt16(truncatingIfNeeded: payloadBytes).byteSwapped)
        } else {
            writer.put(127 | masked)
            writer.put(UInt64(truncatingIfNeeded: payloadBytes).byteSwapped)
        }
        if let maskKey { writer.put(maskKey) }
    }

    /// Appends a header.
    package static func header(
        _ opcode: FrameOpcode, payloadBytes: Int, isFinal: Bool = true, isCompressed: Bool = false,
        maskKey: UInt32? = nil, to output: inout ByteBuffer
    ) {
        output.write(upTo: headerBytesMax) { writer in
            header(
                opcode, payloadBytes: payloadBytes, isFinal: isFinal, isCompressed: isCompressed,
                maskKey: maskKey, to: &writer)
        }
    }

    /// Appends a whole frame with a copy of the payload, masked if there is a key.
    package static func frame(
        _ opcode: FrameOpcode, _ payload: RawSpan, isFinal: Bool = true, isCompressed: Bool = false,
        maskKey: UInt32? = nil, to output: inout ByteBuffer
    ) {
        output.reserve(headerBytesMax + payload.byteCount)
        header(
            opcode, payloadBytes: payload.byteCount, isFinal: isFinal, isCompressed: isCompressed,
            maskKey: maskKey, to: &output)
        let start = output.count
        output.append(payload)
        if let maskKey { mask(&output, from: start, with: maskKey) }
    }

    /// Masks what a client has written behind a header, to the end of the buffer.
    package static func mask(_ output: inout ByteBuffer, from start: Int, with key: UInt32) {
        _ = FrameMask.apply(key, to: &output, start, output.count)
    }

    /// Appends a close frame. `noStatus` gives one without a payload. A reason is cut to what fits, between two
    /// characters, and left out if it is not UTF-8.
    package static func close(
        _ code: CloseCode, reason: RawSpan, maskKey: UInt32? = nil, to output: inout ByteBuffer
    ) {
        precondition(code == .noStatus || code.isSendable, "this code must not be sent")
        if code == .noStatus { return header(.close, payloadBytes: 0, maskKey: maskKey, to: &output) }
        let cut = reasonBytes(reason)
        header(.close, payloadBytes: 2 + cut, maskKey: maskKey, to: &output)
        let start = output.count
        output.append(code.rawValue.byteSwapped)
        output.append(reason.extracting(0..<cut))
        if let maskKey { mask(&output, from: start, with: maskKey) }
    }

    private static func reasonBytes(_ reason: RawSpan) -> Int {
        guard UTF8Validator.isValid(reason) else { return 0 }
        var end = min(reason.byteCount, FrameHeader.controlPayloadMax - 2)
        while end < reason.byteCount, end > 0, reason.load(end, as: UInt8.self) & 0xc0 == 0x80 { end -= 1 }
        return end
    }
}
