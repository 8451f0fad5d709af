/// Text that must not be seen: a token, a password, a key. Whatever it is printed, interpolated, logged or dumped into shows
/// three stars; only `reveal` gives it out, which is a word to search for.
package struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let text: String

    /// Hides a text.
    package init(_ text: String) { self.text = text }

    /// The text, for the one place that needs it.
    package func reveal() -> String { text }

    /// What is shown for it.
    static let stars = "***"

    /// Three stars.
    package var description: String { Self.stars }
    /// Three stars.
    package var debugDescription: String { Self.stars }
    /// Nothing to look into.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
