import HubBytes

/// Finds where lines end. It goes through each byte once, in order, and stops at the first that decides anything, so
/// that it makes no difference in which pieces the bytes arrive.
enum HTTPLine {
    enum Search: Equatable {
        /// The line's content ends here; two bytes on, the next line begins.
        case ends(Int)
        /// The end is not there yet; so far it was looked for.
        case notYet(Int)
        /// More bytes than allowed came without an end.
        case tooLong
    }

    /// Looks for the end of the line that begins at `start`, having looked up to `scanned`.
    ///
    /// A line ends with CRLF and in no other way. RFC 9112, section 2.2, allows to take LF alone, and that a CR alone
    /// be replaced; but where two readers in a row differ in this, a request can be hidden from the first.
    static func search(
        _ bytes: RawSpan, start: Int, scanned: Int, bytesMax: Int
    ) throws(HTTPFault) -> Search {
        var position = scanned
        while true {
            position = firstControl(bytes, from: position)
            if position &- start > bytesMax { return .tooLong }
            guard position < bytes.byteCount else { return .notYet(position) }
            switch bytes.load(position, as: UInt8.self) {
            case 0x09: position &+= 1
            case 0x0d:
                guard position &+ 1 < bytes.byteCount else { return .notYet(position) }
                if bytes.load(position &+ 1, as: UInt8.self) == 0x0a { return .ends(position) }
                throw .bareCarriageReturn
            case 0x0a: throw .bareLineFeed
            default: throw .controlByte
            }
        }
    }

    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080

    /// Where the first control character at or behind a position is, tab among them; the end if there is none.
    static func firstControl(_ bytes: RawSpan, from start: Int) -> Int {
        var position = start
        while position &+ 8 <= bytes.byteCount {
            let word = bytes.load(position, as: UInt64.self)
            let delete = word ^ (ones &* 0x7f)
            // As in PlainText: a borrow may mark a byte above the first that is wanted, never one below it.
            let marks = (((word &- ones &* 0x20) & ~word) | ((delete &- ones) & ~delete)) & highs
            if marks != 0 { return position &+ marks.trailingZeroBitCount / 8 }
            position &+= 8
        }
        while position < bytes.byteCount {
            let byte = bytes.load(position, as: UInt8.self)
            if byte < 0x20 || byte == 0x7f { return position }
            position &+= 1
        }
        return position
    }
}
