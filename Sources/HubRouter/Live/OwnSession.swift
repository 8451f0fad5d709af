import HubBytes

/// Sessions that the hub itself makes: of two agents, and of a topic.
enum OwnSession {
    /// Whether the bytes name such a session. Nobody else's has such a name, so nobody can put a message into the
    /// conversation of two others.
    static func isReserved(_ name: RawSpan) -> Bool {
        let colon = UInt8(ascii: ":")
        // Every message that names a session comes by here, so texts are compared as numbers, lowest byte first.
        if name.byteCount >= 3, name.load(0, as: UInt16.self) == 0x6d64 {
            return name.load(2, as: UInt8.self) == colon
        }
        return name.byteCount >= 6 && name.load(0, as: UInt32.self) == 0x6970_6f74
            && name.load(4, as: UInt8.self) == UInt8(ascii: "c") && name.load(5, as: UInt8.self) == colon
    }
}
