import HubBytes

extension RawSpan {
    /// Lends the bytes as C takes them: where they begin, nil if there are none, and how many.
    // Safety: the bytes are alive during the call; `body` must not keep the pointer.
    @inline(__always)
    func withOctets<Result>(_ body: (UnsafePointer<UInt8>?, Int) -> Result) -> Result {
        unsafe withUnsafeBytes { unsafe body($0.baseAddress?.assumingMemoryBound(to: UInt8.self), $0.count) }
    }
}
