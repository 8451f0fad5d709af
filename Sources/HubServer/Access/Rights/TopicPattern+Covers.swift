package import HubModel

extension TopicPattern {
    /// Whether every topic that another pattern means is among those that this one means.
    package func covers(_ other: TopicPattern) -> Bool {
        if other.text.utf8.first == UInt8(ascii: "$"), text.utf8.first != UInt8(ascii: "$") { return false }
        let own = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let others = other.text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        for (index, token) in own.enumerated() {
            guard index < others.count else { return false }
            if token.elementsEqual(">".utf8) { return true }
            if others[index].elementsEqual(">".utf8) { return false }
            guard token.elementsEqual("*".utf8) || token.elementsEqual(others[index]) else { return false }
        }
        return own.count == others.count
    }
}
