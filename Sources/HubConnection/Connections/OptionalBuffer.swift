import HubBytes

/// A buffer that is there only while it is needed: what most connections have most of the time is none.
extension Optional where Wrapped == ByteBuffer {
    /// Bytes of content.
    var byteCount: Int {
        switch self {
        case .some(let buffer): buffer.count
        case .none: 0
        }
    }

    /// Whether there is memory.
    var isPresent: Bool {
        switch self {
        case .some: true
        case .none: false
        }
    }

    /// Appends part of the content to another buffer.
    func copy(_ range: Range<Int>, to other: inout ByteBuffer) {
        switch self {
        case .some(let buffer): other.append(buffer.bytes.extracting(range))
        case .none: preconditionFailure("content of a buffer that is not there")
        }
    }
}
