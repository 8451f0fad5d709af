import Synchronization

/// A value with one owner on its way to another thread, in an envelope that can be copied.
package final class Parcel<Content: ~Copyable & Sendable>: Sendable {
    private let content: Mutex<Content?>

    /// Puts a value into an envelope.
    package init(_ content: consuming Content) {
        let content: Content? = content
        self.content = Mutex(content)
    }

    /// Takes the value out; nil if somebody has.
    package func open() -> Content? { content.withLock { $0.take() } }
}
