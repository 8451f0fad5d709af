import HubBytes

/// Writes the content of a message in the way that its head announced.
struct HTTPContentWriter {
    private enum Form {
        case fixed(left: UInt64)
        case chunks
        case untilClose
        /// An answer to HEAD: it has the fields of the content and not the content.
        case dropped
        case ended
    }

    private var form: Form

    static func fixed(_ count: UInt64) -> HTTPContentWriter { HTTPContentWriter(form: .fixed(left: count)) }
    static let chunks = HTTPContentWriter(form: .chunks)
    static let untilClose = HTTPContentWriter(form: .untilClose)
    static let dropped = HTTPContentWriter(form: .dropped)

    mutating func append(_ bytes: RawSpan, to buffer: inout ByteBuffer) {
        if case .dropped = form { return }
        guard case .chunks = form else {
            take(bytes.byteCount)
            buffer.append(bytes)
            return
        }
        let start = Self.beginChunk(in: &buffer)
        buffer.append(bytes)
        Self.endChunk(from: start, in: &buffer)
    }

    /// Appends what `body` appends. One chunk at most: nothing appended is no chunk, since an empty one would be the
    /// last.
    mutating func append(to buffer: inout ByteBuffer, _ body: (inout ByteBuffer) -> Void) {
        switch form {
        case .chunks:
            let start = Self.beginChunk(in: &buffer)
            body(&buffer)
            Self.endChunk(from: start, in: &buffer)
        case .dropped:
            let count = buffer.count
            body(&buffer)
            buffer.truncate(to: count)
        case .fixed, .untilClose, .ended:
            let start = buffer.count
            body(&buffer)
            take(buffer.count - start)
        }
    }

    /// Ends the content; what was announced must have been written.
    mutating func end(in buffer: inout ByteBuffer) {
        switch form {
        case .fixed(let left): precondition(left == 0, "less content than announced")
        case .chunks: buffer.append("0\r\n\r\n")
        case .untilClose, .dropped: break
        case .ended: preconditionFailure("the content has ended already")
        }
        form = .ended
    }

    private mutating func take(_ count: Int) {
        switch form {
        case .fixed(let left):
            precondition(UInt64(count) <= left, "more content than announced")
            form = .fixed(left: left - UInt64(count))
        case .ended: preconditionFailure("the content has ended already")
        case .chunks, .untilClose, .dropped: break
        }
    }

    // MARK: Chunks

    /// A size of eight digits leaves room for any chunk before its length is known; zeros in front are allowed.
    private static let sizeDigits = 8

    private static func beginChunk(in buffer: inout ByteBuffer) -> Int {
        let start = buffer.count
        buffer.append("00000000\r\n")
        return start
    }

    private static func endChunk(from start: Int, in buffer: inout ByteBuffer) {
        let size = buffer.count - start - sizeDigits - 2
        precondition(size >= 0 && size <= Int(UInt32.max))
        guard size > 0 else { return buffer.truncate(to: start) }
        for index in 0..<sizeDigits {
            let digit = UInt8(truncatingIfNeeded: size >> (4 * (sizeDigits - 1 - index)) & 15)
            let character = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
            buffer.patch(character, at: start + index)
        }
        buffer.append("\r\n")
    }
}
