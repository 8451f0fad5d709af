import HubBytes

/// UTF-8, checked byte by byte.
enum UTF8Sequence {
    /// How many bytes the character at a position takes, 1 to 4; 0 if the bytes there are not UTF-8: a stray or
    /// missing continuation, an overlong form, a surrogate, or a number beyond Unicode.
    static func length(_ bytes: RawSpan, at position: Int) -> Int {
        let first = bytes.load(position, as: UInt8.self)
        if first < 0x80 { return 1 }
        let left = bytes.byteCount &- position
        // The lowest and highest second byte differ where overlong forms, surrogates and the end of Unicode lie.
        let (length, low, high): (Int, UInt8, UInt8) =
            switch first {
            case 0xc2...0xdf: (2, 0x80, 0xbf)
            case 0xe0: (3, 0xa0, 0xbf)
            case 0xed: (3, 0x80, 0x9f)
            case 0xe1...0xef: (3, 0x80, 0xbf)
            case 0xf0: (4, 0x90, 0xbf)
            case 0xf1...0xf3: (4, 0x80, 0xbf)
            case 0xf4: (4, 0x80, 0x8f)
            default: (0, 0, 0)
            }
        guard length > 0, left >= length else { return 0 }
        let second = bytes.load(position &+ 1, as: UInt8.self)
        guard second >= low, second <= high else { return 0 }
        var index = 2
        while index < length {
            guard bytes.load(position &+ index, as: UInt8.self) & 0xc0 == 0x80 else { return 0 }
            index &+= 1
        }
        return length
    }
}
