import HubBytes

/// What a request is about: the middle part of its first line.
struct HTTPTarget: Equatable, Sendable {
    var form: HTTPTargetForm
    var path: HTTPSlice
    var query: HTTPSlice?
    /// The host of a target that is a whole URL.
    var authority: HTTPAuthority?

    /// Reads a target in one of the forms that RFC 9112, section 3.2, has for a server that is no proxy.
    ///
    /// Any visible ASCII character is taken as it is, `#` excepted, which begins a part that is never sent. RFC 3986
    /// wants more of them encoded, but browsers send some as they are, and a topic pattern such as `orders.>` is
    /// typed as it is. What is not ASCII must be encoded, and an encoded NUL never means well.
    init(_ bytes: RawSpan, _ range: Range<Int>, _ method: HTTPMethod) throws(HTTPFault) {
        guard let first = range.first else { throw .badRequestLine }
        try Self.checkBytes(bytes, range)
        switch bytes.load(first, as: UInt8.self) {
        case UInt8(ascii: "/"):
            form = .origin
            path = .empty
            splitQuery(bytes, range)
        case UInt8(ascii: "*") where range.count == 1 && method == .options:
            form = .asterisk
            path = HTTPSlice(range)
        default:
            form = .absolute
            path = .empty
            try splitURL(bytes, range)
        }
    }

    private static func checkBytes(_ bytes: RawSpan, _ range: Range<Int>) throws(HTTPFault) {
        var position = range.lowerBound
        while position < range.upperBound {
            let byte = bytes.load(position, as: UInt8.self)
            guard byte > 0x20, byte < 0x7f, byte != UInt8(ascii: "#") else { throw .badTargetByte }
            if byte == UInt8(ascii: "%") {
                let digits = bytes.extracting(position + 1..<range.upperBound)
                guard let value = PercentEncoding.value(digits) else { throw .badPercentEncoding }
                if value == 0 { throw .encodedNUL }
            }
            position &+= 1
        }
    }

    private mutating func splitQuery(_ bytes: RawSpan, _ range: Range<Int>) {
        var position = range.lowerBound
        while position < range.upperBound, bytes.load(position, as: UInt8.self) != UInt8(ascii: "?") {
            position &+= 1
        }
        path = HTTPSlice(range.lowerBound..<position)
        if position < range.upperBound { query = HTTPSlice(position + 1..<range.upperBound) }
    }

    private mutating func splitURL(_ bytes: RawSpan, _ range: Range<Int>) throws(HTTPFault) {
        let whole = bytes.extracting(range)
        var start = range.lowerBound
        for scheme in ["http://", "https://"] as [StaticString] {
            let count = scheme.utf8CodeUnitCount
            if whole.byteCount > count, HTTPText.equals(whole.extracting(0..<count), anyCase: scheme) {
                start = range.lowerBound + count
            }
        }
        guard start > range.lowerBound else { throw .badTarget }
        var end = start
        while end < range.upperBound {
            let byte = bytes.load(end, as: UInt8.self)
            if byte == UInt8(ascii: "/") || byte == UInt8(ascii: "?") { break }
            end += 1
        }
        guard let authority = HTTPAuthority(bytes, start..<end) else { throw .badHost }
        self.authority = authority
        splitQuery(bytes, end..<range.upperBound)
        // An empty path means the root (RFC 9110, section 4.2.3). There is a slash to point at: that of the scheme.
        if path.count == 0 { path = HTTPSlice(start - 1..<start) }
    }
}

/// In which form a request named what it is about.
package enum HTTPTargetForm: Equatable, Sendable {
    /// A path and perhaps a query.
    case origin
    /// A whole URL, as for a proxy; a server must take it all the same.
    case absolute
    /// The server itself; for OPTIONS only.
    case asterisk
}
