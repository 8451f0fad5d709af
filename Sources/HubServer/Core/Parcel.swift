import Synchronization

/// A value with one owner on its way to another thread, in an envelope that can be copied.
package final class Parcel<Content: ~Copyable & Sendable>: Sendable {
    private let content: Mutex<Content?>

    /// Puts a value into an envelope.
    package init(_ content: consuming Content) {
        let content: Content? = content
        self.content = Mutex(content)
    }

    /// An envelope for a value that is yet to come.
    package init() { content = Mutex(nil) }

    /// Puts a value in, in place of one that may be there.
    package func put(_ value: consuming Content) {
        var value: Content? = value
        content.withLock { $0 = value.take() }
    }

    /// Takes the value out; nil if somebody has.
    package func open() -> Content? { content.withLock { $0.take() } }
}
