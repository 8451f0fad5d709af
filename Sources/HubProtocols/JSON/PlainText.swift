import HubBytes

/// Finds the end of text that means the same inside a JSON string as outside.
enum PlainText {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080

    /// Where the first byte at or behind a position is that is a quote, a backslash, a control character or not
    /// ASCII; the end of the bytes if there is none. Eight bytes a step.
    static func end(_ bytes: RawSpan, from start: Int) -> Int {
        var position = start
        while position &+ 8 <= bytes.byteCount {
            let word = bytes.load(position, as: UInt64.self)
            // The high bit of a byte is set if that byte, or by a borrow one above it, is wanted: never one below
            // the first, so the lowest bit set is right.
            let quote = word ^ (ones &* 0x22)
            let slash = word ^ (ones &* 0x5c)
            let found =
                word | ((quote &- ones) & ~quote) | ((slash &- ones) & ~slash) | (word &- (ones &* 0x20))
                & ~word
            let marks = found & highs
            if marks != 0 { return position &+ marks.trailingZeroBitCount / 8 }
            position &+= 8
        }
        while position < bytes.byteCount {
            let byte = bytes.load(position, as: UInt8.self)
            if byte < 0x20 || byte == 0x22 || byte == 0x5c || byte >= 0x80 { return position }
            position &+= 1
        }
        return position
    }
}
