extension String {
    /// Lends the UTF-8 of the text to `body` as raw bytes.
    public func withBytes<Result: ~Copyable, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let bytes = Array(utf8)
        return try bytes.withBytes(body)
    }
}

extension Array where Element == UInt8 {
    /// Lends the bytes to `body`.
    public func withBytes<Result: ~Copyable, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // Safety: bytes are fully initialised memory without padding, which is what makes a raw view of them sound.
        try unsafe body(span.bytes)
    }
}
