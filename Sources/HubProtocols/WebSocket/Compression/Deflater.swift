import CZlib
package import HubBytes

/// Compresses messages (RFC 7692). One for each connection if messages refer to those before them; otherwise one for
/// as many connections as one likes, so that what goes to a thousand subscribers is compressed once.
@safe package struct Deflater: ~Copyable {
    private let stream: OpaquePointer
    /// How far back, and whether over the ends of messages, what comes out refers.
    package let window: DeflateWindow

    /// A compressor that takes about 2^(bits+2) + 2^(memoryLevel+9) bytes of memory; nil if there are none. zlib does
    /// not compress with a window of 8 bits.
    package init?(window: DeflateWindow, level: Int = 6, memoryLevel: Int = 8) {
        precondition(window.bits >= 9 && (1...9).contains(level) && (1...9).contains(memoryLevel))
        guard let stream = unsafe czlib_new_deflater(Int32(window.bits), Int32(memoryLevel), Int32(level))
        else {
            return nil
        }
        // Safety: freed in `deinit`; no other code has it.
        unsafe self.stream = stream
        self.window = window
    }

    deinit {
        // Safety: the stream is this value's own, and nothing uses it after this.
        unsafe czlib_free(stream)
    }

    /// Appends the compressed form of a message, the payload of a frame whose first reserved bit is set. False if it
    /// failed: then `output` is as it was, and the compressor is of no use any more.
    package mutating func compress(_ message: RawSpan, to output: inout ByteBuffer) -> Bool {
        let before = output.count
        // zlib would write nothing at all for no input. This is the first byte of an empty block.
        guard message.byteCount > 0 else {
            output.append(UInt8(0))
            return true
        }
        var rest = message
        var outcome = CZLIB_FULL
        while outcome == CZLIB_FULL {
            var step = czlib_step()
            // Safety: zlib reads and writes only inside the two regions that are lent for the call, and keeps neither.
            unsafe rest.withUnsafeBytes { source in
                let room = unsafe czlib_bound(stream, source.count)
                _ = unsafe output.fill(upTo: room) { target in
                    guard let start = target.baseAddress else { return 0 }
                    unsafe step = czlib_deflate(stream, source.baseAddress, source.count, start, target.count)
                    return step.produced
                }
            }
            rest = rest.extracting(droppingFirst: step.consumed)
            outcome = Int(step.outcome)
        }
        guard outcome == CZLIB_IDLE, output.count - before >= Inflation.tail.count else {
            output.truncate(to: before)
            return false
        }
        // The flush ends with an empty block; its last four bytes are always the same, and the receiver adds them.
        output.truncate(to: output.count - Inflation.tail.count)
        // Safety: the stream is alive as long as this value.
        if !window.isKept { unsafe czlib_reset(stream) }
        return true
    }
}

// Safety: one owner, no shared state; zlib's stream may move between threads like any memory.
extension Deflater: @unchecked Sendable {}
