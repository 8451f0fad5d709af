import HubBytes
package import HubModel

/// Which ids a grant is for: an id in which each `*` stands for any number of bytes, none included.
///
/// Ids of agents and sessions have no tokens as topics have, so patterns of topics would not fit them.
package struct NamePattern: Hashable, Sendable, CustomStringConvertible {
    /// Stars that a pattern may have: matching tries no more than their number times the id's bytes.
    static let starsMax = 8

    /// The pattern as text.
    package let text: String
    private let bytes: [UInt8]

    /// Every id.
    package static let everything = NamePattern(unchecked: "*")

    /// Checks a pattern and makes it.
    package init(_ text: String) throws(Refusal) {
        try text.withBytes { (bytes) throws(Refusal) in try SessionID.check(bytes) }
        let stars = text.utf8.count { $0 == UInt8(ascii: "*") }
        guard stars <= Self.starsMax else {
            throw Refusal(
                .badName, "\"\(text)\" has \(stars) stars; a pattern of ids has \(Self.starsMax) at most")
        }
        self.init(unchecked: text)
    }

    private init(unchecked text: String) {
        self.text = text
        bytes = Array(text.utf8)
    }

    /// The pattern as text.
    package var description: String { text }

    /// Whether an id is among those meant.
    package func matches(_ id: RawSpan) -> Bool {
        var inPattern = 0
        var inID = 0
        // Where to go on after a mismatch: behind the last star, and one byte further in the id. Going back to an
        // earlier star could find nothing that the last one does not.
        var retry: (pattern: Int, id: Int)?
        while inID < id.byteCount {
            if inPattern < bytes.count, bytes[inPattern] == UInt8(ascii: "*") {
                inPattern += 1
                retry = (inPattern, inID)
            } else if inPattern < bytes.count, bytes[inPattern] == id.load(inID, as: UInt8.self) {
                inPattern += 1
                inID += 1
            } else if let last = retry {
                inPattern = last.pattern
                inID = last.id + 1
                retry = (inPattern, inID)
            } else {
                return false
            }
        }
        return bytes[inPattern...].allSatisfy { $0 == UInt8(ascii: "*") }
    }

    /// Whether every id that another pattern means is among those that this one means. A star of the other is a
    /// byte that only a star of this one can stand for, which is exact as long as there are bytes in no pattern.
    package func covers(_ other: NamePattern) -> Bool { other.bytes.withBytes { matches($0) } }
}
