import HubBytes

/// Takes the content of a message out of its framing.
struct HTTPBodyReader {
    private enum Phase {
        case length(left: UInt64)
        case untilClose
        case chunkSize
        case chunk(left: UInt64)
        case chunkEnd
        case trailers
        case end
    }

    private var phase: Phase
    /// Content so far, chunks that were only announced included.
    private var contentBytes: UInt64 = 0
    private var extensionBytes = 0
    private var trailerBytes = 0
    private var trailers = 0
    /// How far, from the first byte handed in, the end of a line was looked for.
    private var scanned = 0

    init(_ framing: HTTPFraming) {
        phase =
            switch framing {
            case .length(let count): .length(left: count)
            case .chunked: .chunkSize
            case .untilClose: .untilClose
            }
    }

    /// The next piece of content, or the end.
    mutating func next(_ bytes: RawSpan, _ limits: HTTPLimits) throws(HTTPFault) -> HTTPStep {
        precondition(bytes.byteCount >= scanned, "bytes that were not done with are missing")
        switch phase {
        case .length(let left): return fixed(bytes, left)
        case .untilClose: return try unbounded(bytes, limits)
        default: return try chunked(bytes, limits)
        }
    }

    /// What the end of the connection means here.
    func atEndOfConnection() throws(HTTPFault) -> HTTPStep {
        switch phase {
        case .untilClose, .length(left: 0), .end: return .end(consumed: 0)
        default: throw .truncated
        }
    }

    private mutating func fixed(_ bytes: RawSpan, _ left: UInt64) -> HTTPStep {
        if left == 0 { return .end(consumed: 0) }
        if bytes.byteCount == 0 { return .needsMore(consumed: 0) }
        let count = Int(min(UInt64(bytes.byteCount), left))
        phase = .length(left: left - UInt64(count))
        return .content(0..<count)
    }

    /// All that is allowed is handed on before the byte that is too much refuses the rest: otherwise it would depend
    /// on the pieces in which the bytes arrive how much of the content is seen.
    private mutating func unbounded(_ bytes: RawSpan, _ limits: HTTPLimits) throws(HTTPFault) -> HTTPStep {
        if bytes.byteCount == 0 { return .needsMore(consumed: 0) }
        let left = limits.contentBytesMax - contentBytes
        if left == 0 { throw .contentTooLarge }
        let count = Int(min(UInt64(bytes.byteCount), left))
        contentBytes += UInt64(count)
        return .content(0..<count)
    }

    // MARK: Chunks

    private mutating func chunked(_ bytes: RawSpan, _ limits: HTTPLimits) throws(HTTPFault) -> HTTPStep {
        var position = 0
        while true {
            switch phase {
            case .chunkSize:
                guard let next = try chunkSize(bytes, position, limits) else {
                    return waiting(position)
                }
                position = next
            case .chunk(let left):
                let count = Int(min(UInt64(bytes.byteCount - position), left))
                if count == 0 { return waiting(position) }
                phase = UInt64(count) == left ? .chunkEnd : .chunk(left: left - UInt64(count))
                scanned = 0
                return .content(position..<position + count)
            case .chunkEnd:
                guard try chunkEnds(bytes, position) else { return waiting(position) }
                position += 2
                scanned = position
                phase = .chunkSize
            case .trailers:
                guard let next = try trailer(bytes, position, limits) else { return waiting(position) }
                position = next
            case .end, .length, .untilClose:
                return .end(consumed: position)
            }
        }
    }

    private mutating func waiting(_ position: Int) -> HTTPStep {
        scanned = max(scanned - position, 0)
        return .needsMore(consumed: position)
    }

    /// Reads the line before a chunk; returns where the next thing begins.
    ///
    /// RFC 9112, section 7.1: hexadecimal digits, then extensions, which nobody uses and which are dropped. Blanks may
    /// stand before an extension only. No sign and no `0x`, which some number readers take.
    private mutating func chunkSize(
        _ bytes: RawSpan, _ start: Int, _ limits: HTTPLimits
    ) throws(HTTPFault) -> Int? {
        let room = Self.sizeDigitsMax + limits.chunkExtensionBytesMax - extensionBytes
        switch try HTTPLine.search(bytes, start: start, scanned: scanned, bytesMax: room) {
        case .notYet(let position):
            scanned = position
            return nil
        case .tooLong:
            // So many bytes are there that the digits are complete, if they are digits.
            _ = try Self.size(bytes, start..<start + Self.sizeDigitsMax + 1)
            throw .chunkExtensionsTooLarge
        case .ends(let end):
            let (size, digitsEnd) = try Self.size(bytes, start..<end)
            extensionBytes += end - digitsEnd
            if extensionBytes > limits.chunkExtensionBytesMax { throw .chunkExtensionsTooLarge }
            if size > limits.contentBytesMax - contentBytes { throw .contentTooLarge }
            contentBytes += size
            phase = size == 0 ? .trailers : .chunk(left: size)
            scanned = end + 2
            return end + 2
        }
    }

    /// As many as a number of 64 bits has.
    private static let sizeDigitsMax = 16

    private static func size(
        _ bytes: RawSpan, _ line: Range<Int>
    ) throws(HTTPFault) -> (size: UInt64, end: Int) {
        var size: UInt64 = 0
        var position = line.lowerBound
        while position < line.upperBound, let digit = HTTPText.hexValue(bytes.load(position, as: UInt8.self))
        {
            guard position - line.lowerBound < sizeDigitsMax else { throw .badChunkSize }
            size = size << 4 | UInt64(digit)
            position += 1
        }
        let digitsEnd = position
        while position < line.upperBound, HTTPText.isBlank(bytes.load(position, as: UInt8.self)) {
            position += 1
        }
        let isOver = position == line.upperBound && position == digitsEnd
        let hasExtension =
            position < line.upperBound && bytes.load(position, as: UInt8.self) == UInt8(ascii: ";")
        guard digitsEnd > line.lowerBound, isOver || hasExtension else { throw .badChunkSize }
        return (size, digitsEnd)
    }

    /// Whether the CRLF behind a chunk is there; anything else there means that the size was a lie.
    private func chunkEnds(_ bytes: RawSpan, _ start: Int) throws(HTTPFault) -> Bool {
        guard start < bytes.byteCount else { return false }
        guard bytes.load(start, as: UInt8.self) == 0x0d else { throw .chunkEndMissing }
        guard start + 1 < bytes.byteCount else { return false }
        guard bytes.load(start + 1, as: UInt8.self) == 0x0a else { throw .chunkEndMissing }
        return true
    }

    // MARK: Trailers

    /// Reads a field behind the content, or the empty line that ends the message; returns where the next thing begins.
    ///
    /// They are checked and dropped: nothing here waits for any, and RFC 9110, section 6.5.1, forbids to treat them as
    /// fields of the head unless each is known to allow it.
    private mutating func trailer(
        _ bytes: RawSpan, _ start: Int, _ limits: HTTPLimits
    ) throws(HTTPFault) -> Int? {
        let room = limits.trailerBytesMax - 2 - trailerBytes
        switch try HTTPLine.search(bytes, start: start, scanned: scanned, bytesMax: room) {
        case .notYet(let position):
            scanned = position
            return nil
        case .tooLong: throw .trailersTooLarge
        case .ends(let end):
            trailerBytes += end + 2 - start
            scanned = end + 2
            if end == start {
                phase = .end
                return end + 2
            }
            let name = try HTTPField(bytes, line: start..<end).name.of(bytes)
            guard trailers < limits.trailersMax else { throw .tooManyTrailers }
            trailers += 1
            let isForbidden =
                HTTPText.equals(name, anyCase: "content-length")
                || HTTPText.equals(name, anyCase: "transfer-encoding")
                || HTTPText.equals(name, anyCase: "host")
            if isForbidden { throw .forbiddenTrailer }
            return end + 2
        }
    }
}
