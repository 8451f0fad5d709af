import CZlib
import HubBytes

/// Decompression of one connection's messages (RFC 7692). Memory, about 10 KiB and the window, is there from the
/// first compressed message on; between messages only as long as the window must be kept.
///
/// A sender that refers further back than it agreed to breaks the rules. zlib finds that out where the bytes are no
/// longer there, and takes them where they are, in what it has just put out: right either way for all who keep the rules,
/// and safe for the others.
@safe struct Inflation: ~Copyable {
    private let window: DeflateWindow
    private var stream: OpaquePointer?
    /// Whether what was taken so far ends with a block: where a message must end.
    private(set) var isBetweenBlocks = true

    /// What the sender cut off the end of each message, since it is always the same.
    static let tail: [UInt8] = [0x00, 0x00, 0xff, 0xff]

    /// The least that is decompressed at once.
    private static let stepBytesMin = 1024
    private static let stepBytesMax = 64 * 1024

    enum Step {
        /// All input is taken, and all that follows from it is here.
        case idle
        case more
        case broken
        case noMemory
    }

    init(_ window: DeflateWindow) {
        self.window = window
        // Safety: no stream yet.
        unsafe stream = nil
    }

    deinit {
        // Safety: the stream is this value's own, and nothing uses it after this.
        if let stream = unsafe stream { unsafe czlib_free(stream) }
    }

    /// Decompresses from the start of `input`, which moves behind what was taken, to the end of `output`, which grows
    /// to `limit` bytes at most.
    mutating func step(_ input: inout RawSpan, into output: inout ByteBuffer, limit: Int) -> Step {
        // Safety: made here, freed in `deinit` or `trim`; no other code has it.
        if unsafe stream == nil { unsafe stream = czlib_new_inflater(Int32(window.bits)) }
        guard let stream = unsafe stream else { return .noMemory }
        let wanted = min(max(input.byteCount &* 4, Self.stepBytesMin), Self.stepBytesMax)
        var step = czlib_step()
        // Safety: zlib reads and writes only inside the two regions that are lent for the call, and keeps neither.
        unsafe input.withUnsafeBytes { source in
            _ = unsafe output.fill(upTo: min(wanted, limit &- output.count)) { target in
                guard let start = target.baseAddress else { return 0 }
                unsafe step = czlib_inflate(stream, source.baseAddress, source.count, start, target.count)
                return step.produced
            }
        }
        input = input.extracting(droppingFirst: step.consumed)
        isBetweenBlocks = step.ends_block != 0
        switch Int(step.outcome) {
        case CZLIB_IDLE: return .idle
        case CZLIB_FULL: return .more
        case CZLIB_NO_MEMORY: return .noMemory
        default: return .broken
        }
    }

    /// Forgets the message, unless the next one may refer to it.
    mutating func endMessage() {
        guard !window.isKept, let stream = unsafe stream else { return }
        // Safety: the stream is alive while this value has it.
        unsafe czlib_reset(stream)
    }

    /// Gives the memory back if nothing in it is needed any more.
    mutating func trim() {
        guard !window.isKept, let old = unsafe stream else { return }
        // Safety: freed once, and forgotten at once.
        unsafe stream = nil
        unsafe czlib_free(old)
    }
}

// Safety: one owner, no shared state; zlib's stream may move between threads like any memory.
extension Inflation: @unchecked Sendable {}
