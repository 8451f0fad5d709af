import HubModel

/// What each name is that records refer to: a byte per name, so that holding every record to it costs one look.
/// Filled by the blocks that bring names, and for older names when they are first looked up.
struct NameKinds: ~Copyable {
    /// By a name's number: its kind, or one of the two values below.
    private var kinds: [UInt8] = []
    private static let unseen: UInt8 = 0
    /// The log has the name, and nobody can read it. Records may go on referring to it.
    private static let unreadable: UInt8 = 255

    /// Makes room for the names up to a number.
    mutating func grow(to names: UInt32) {
        let missing = Int(names) + 1 - kinds.count
        guard missing > 0 else { return }
        kinds.append(contentsOf: repeatElement(Self.unseen, count: max(1024, missing)))
    }

    /// Notes what a new name is.
    mutating func define(_ id: NameID, _ kind: NameKind) { kinds[Int(id.rawValue)] = kind.rawValue }

    /// Whether a record may be about this: a topic, an agent or a consumer, or nothing.
    mutating func isDestination(_ id: NameID, _ lookUp: (NameID) -> NameKind?) -> Bool {
        if id == .none { return true }
        let kind = kind(id, lookUp)
        return kind != NameKind.session.rawValue && kind != NameKind.tenant.rawValue
    }

    /// Whether this is a session.
    mutating func isSession(_ id: NameID, _ lookUp: (NameID) -> NameKind?) -> Bool {
        let kind = kind(id, lookUp)
        return kind == NameKind.session.rawValue || kind == Self.unreadable
    }

    private mutating func kind(_ id: NameID, _ lookUp: (NameID) -> NameKind?) -> UInt8 {
        let index = Int(id.rawValue)
        if kinds[index] == Self.unseen { kinds[index] = lookUp(id)?.rawValue ?? Self.unreadable }
        return kinds[index]
    }
}
