import HubBytes
import HubConnection

/// A token that lets its bearer in: `ahub_`, an id, `_`, and a secret of 256 random bits.
///
/// The prefix is for those who look for secrets in files and logs, the id for those who look for the token in the access
/// file. The hub knows the digest of the text alone. A plain SHA-256 is enough: nobody guesses 256 bits, so there is
/// nothing that a slow hash would slow down.
package struct BearerToken: Equatable, Sendable {
    /// What every token begins with.
    package static let prefix = "ahub_"
    private static let idBytes = 6
    private static let secretBytes = 32

    /// The public part.
    package let id: String
    /// The whole, which is shown once.
    package let text: String

    /// A new token.
    package static func make() -> BearerToken {
        let id = Hexadecimal.text(RandomBytes.make(idBytes))
        return BearerToken(
            id: id, text: "\(prefix)\(id)_\(Hexadecimal.text(RandomBytes.make(secretBytes)))")
    }

    private init(id: String, text: String) {
        self.id = id
        self.text = text
    }

    /// Reads what somebody shows; nil if it cannot be a token.
    package init?(_ text: String) {
        guard text.utf8.count == Self.prefix.utf8.count + 2 * Self.idBytes + 1 + 2 * Self.secretBytes,
            text.hasPrefix(Self.prefix)
        else { return nil }
        let parts = text.dropFirst(Self.prefix.count).split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 2, Self.isID(parts[0]), parts[1].utf8.allSatisfy(Self.isDigit) else {
            return nil
        }
        self.init(id: String(parts[0]), text: text)
    }

    /// Whether a text could be the id of a token.
    package static func isID(_ text: some StringProtocol) -> Bool {
        text.utf8.count == 2 * idBytes && text.utf8.allSatisfy(isDigit)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }

    /// What the hub keeps.
    package var digest: [UInt8] { text.withBytes { Digest.sha256($0) } }

    /// Whether it has a digest, in a time that does not say how far they agree.
    package func has(digest known: [UInt8]) -> Bool {
        digest.withBytes { own in known.withBytes { Digest.areEqual(own, $0) } }
    }
}
