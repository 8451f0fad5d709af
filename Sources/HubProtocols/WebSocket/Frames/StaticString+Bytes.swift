import HubBytes

extension StaticString {
    /// Lends the UTF-8 of a literal to `body`.
    func withBytes<Result>(_ body: (RawSpan) -> Result) -> Result {
        // Safety: a literal's code units live for ever.
        unsafe body(RawSpan(_unsafeBytes: UnsafeRawBufferPointer(start: utf8Start, count: utf8CodeUnitCount)))
    }
}
