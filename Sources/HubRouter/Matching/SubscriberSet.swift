/// A set of subscribers on its way to becoming a list: in ascending order and without repeats, without sorting.
///
/// One bit for each subscriber, and one for each word of 64 of them that has any. Emptying the set looks at words that
/// have something and at one in 64 of the others, so it costs little for few and still little for all.
struct SubscriberSet {
    private var words: [UInt64] = []
    private var summary: [UInt64] = []

    /// Bytes that the set takes.
    var byteCount: Int { (words.capacity + summary.capacity) * 8 }

    /// Adds a subscriber; nothing happens if it is there.
    mutating func insert(_ subscriber: UInt32) {
        let word = Int(subscriber >> 6)
        if word >= words.count { grow(toHold: word) }
        words[word] |= 1 &<< UInt64(subscriber & 63)
        summary[word >> 6] |= 1 &<< UInt64(word & 63)
    }

    /// Moves all subscribers to the end of a list, in ascending order.
    mutating func drain(into list: inout [UInt32]) {
        for high in summary.indices where summary[high] != 0 {
            var rest = summary[high]
            summary[high] = 0
            while rest != 0 {
                let word = high << 6 | rest.trailingZeroBitCount
                rest &= rest &- 1
                Self.append(words[word], UInt32(word) << 6, to: &list)
                words[word] = 0
            }
        }
    }

    private static func append(_ word: UInt64, _ first: UInt32, to list: inout [UInt32]) {
        var rest = word
        while rest != 0 {
            list.append(first | UInt32(rest.trailingZeroBitCount))
            rest &= rest &- 1
        }
    }

    private mutating func grow(toHold word: Int) {
        var size = max(words.count, 64)
        while size <= word { size *= 2 }
        words.append(contentsOf: repeatElement(0, count: size - words.count))
        summary.append(contentsOf: repeatElement(0, count: size / 64 - summary.count))
    }
}
