package import HubBytes

/// Bytes that never change and that any number of connections send: a payload is in memory once, however many
/// subscribers it goes to.
@safe package final class SharedBytes: Sendable {
    private let buffer: ByteBuffer
    // Safety: the memory of `buffer`, which nobody changes from here on and which goes with the object.
    private nonisolated(unsafe) let start: UnsafeRawPointer?

    /// Takes over bytes that are complete.
    package init(_ buffer: consuming ByteBuffer) {
        // Safety: the buffer's content stays where it is when the buffer itself moves into the object.
        unsafe start = buffer.bytes.withUnsafeBytes { $0.baseAddress }
        self.buffer = buffer
    }

    /// How many bytes there are.
    package var count: Int { buffer.count }

    /// The bytes.
    package var bytes: RawSpan {
        @_lifetime(borrow self) get {
            // Safety: as said of `start`; the span lives no longer than the object is borrowed.
            let span = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(start: start, count: count))
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }
}
