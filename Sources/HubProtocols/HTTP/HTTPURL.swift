import HubBytes

/// Why text is not a URL that can be called.
package enum HTTPURLFault: String, Error, Equatable, Sendable, CaseIterable {
    case tooLong = "a URL has at most 4096 bytes"
    case badScheme = "a URL begins with http://, https://, ws:// or wss://"
    case hasUser = "a URL must not hold a user name or password"
    case badHost =
        "the host is not a name, an IPv4 address or an IPv6 address in brackets, with an optional port"
    case badByte = "the URL has a byte that must be percent-encoded there"
    case badPercentEncoding = "a percent sign is not followed by two hexadecimal digits other than 00"
}

/// Where to call an agent: an http, https, ws or wss URL, taken apart. URLs come from configuration and from agents
/// that say where they can be reached, so what different programs read differently is refused.
package struct HTTPURL: Equatable, Hashable, Sendable, CustomStringConvertible {
    /// The protocol.
    package enum Scheme: String, Sendable, CaseIterable {
        case http, https
        /// WebSocket without TLS
        case ws
        /// WebSocket with TLS
        case wss
    }

    /// The protocol.
    package let scheme: Scheme
    /// The host in small letters; of an IPv6 address what stands between its brackets.
    package let host: String
    /// Whether the host is an IPv6 address.
    package let isIPv6: Bool
    /// The port: the one that is named, or the usual one.
    package let port: UInt16
    /// Path and query, as a request has them.
    package let target: String

    /// The longest that is read.
    package static let bytesMax = 4096

    /// Whether the connection needs TLS.
    package var usesTLS: Bool { scheme == .https || scheme == .wss }

    /// The port that need not be written.
    package var usualPort: UInt16 { usesTLS ? 443 : 80 }

    /// The host with its port, unless that is the usual one: the content of a Host field.
    package var authority: String {
        let name = isIPv6 ? "[\(host)]" : host
        return port == usualPort ? name : "\(name):\(port)"
    }

    /// The same place with the target `/`: what connections are told apart by.
    package var withoutTarget: HTTPURL { HTTPURL(self, target: "/") }

    private init(_ other: HTTPURL, target: String) {
        scheme = other.scheme
        host = other.host
        isIPv6 = other.isIPv6
        port = other.port
        self.target = target
    }

    /// The whole URL.
    package var description: String { "\(scheme.rawValue)://\(authority)\(target)" }

    /// Reads text.
    package init(_ text: String) throws(HTTPURLFault) {
        let parts = try text.withBytes { (bytes) throws(HTTPURLFault) in try Parts(bytes) }
        scheme = parts.scheme
        host = parts.host
        isIPv6 = parts.isIPv6
        port = parts.port ?? (parts.scheme == .https || parts.scheme == .wss ? 443 : 80)
        target = parts.target
    }
}

/// A URL while it is read.
private struct Parts {
    var scheme = HTTPURL.Scheme.http
    var host = ""
    var isIPv6 = false
    var port: UInt16?
    var target = "/"

    init(_ bytes: RawSpan) throws(HTTPURLFault) {
        guard bytes.byteCount <= HTTPURL.bytesMax else { throw .tooLong }
        let start = try readScheme(bytes)
        var end = start
        while end < bytes.byteCount, !Self.endsHost(bytes.load(end, as: UInt8.self)) { end += 1 }
        try readHost(bytes, start..<end)
        try readTarget(bytes, from: end)
    }

    private mutating func readScheme(_ bytes: RawSpan) throws(HTTPURLFault) -> Int {
        for (scheme, text) in [
            (.http, "http://"), (.https, "https://"), (.ws, "ws://"), (.wss, "wss://"),
        ] as [(HTTPURL.Scheme, StaticString)] {
            let count = text.utf8CodeUnitCount
            guard bytes.byteCount > count, HTTPText.equals(bytes.extracting(0..<count), anyCase: text) else {
                continue
            }
            self.scheme = scheme
            return count
        }
        throw .badScheme
    }

    private static func endsHost(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "/") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#")
    }

    private mutating func readHost(_ bytes: RawSpan, _ range: Range<Int>) throws(HTTPURLFault) {
        var position = range.lowerBound
        while position < range.upperBound {
            if bytes.load(position, as: UInt8.self) == UInt8(ascii: "@") { throw .hasUser }
            position += 1
        }
        guard let authority = HTTPAuthority(bytes, range) else { throw .badHost }
        host = authority.host.of(bytes).text.lowercased()
        isIPv6 = authority.isIPv6
        port = authority.port
        if !isIPv6, !Self.isUnmistakable(bytes, authority.host.range) { throw .badHost }
    }

    /// Whether a host is a proper name or a proper IPv4 address. `127.1`, `0x7f000001` and `2130706433` are addresses
    /// to some resolvers and get past whoever compares names; RFC 1123, section 2.1, has no such names.
    private static func isUnmistakable(_ bytes: RawSpan, _ range: Range<Int>) -> Bool {
        if IPv4Literal.isValid(bytes, range) { return true }
        var start = range.lowerBound
        while true {
            var end = start
            while end < range.upperBound, bytes.load(end, as: UInt8.self) != UInt8(ascii: ".") { end += 1 }
            // One dot may stand at the end.
            let isLast = end >= range.upperBound - 1
            guard end > start, end - start <= 63 else { return false }
            if isLast { return !isNumber(bytes.extracting(start..<end)) }
            start = end + 1
        }
    }

    private static func isNumber(_ label: RawSpan) -> Bool {
        if HTTPText.decimal(label) != nil { return true }
        guard label.byteCount >= 2, HTTPText.equals(label.extracting(0..<2), anyCase: "0x") else {
            return false
        }
        var position = 2
        while position < label.byteCount {
            guard HTTPText.hexValue(label.load(position, as: UInt8.self)) != nil else { return false }
            position += 1
        }
        return true
    }

    /// What is sent of the rest: path and query, without what begins with `#`.
    private mutating func readTarget(_ bytes: RawSpan, from start: Int) throws(HTTPURLFault) {
        var end = start
        while end < bytes.byteCount {
            let byte = bytes.load(end, as: UInt8.self)
            if byte == UInt8(ascii: "#") { break }
            guard byte > 0x20, byte < 0x7f else { throw .badByte }
            if byte == UInt8(ascii: "%") {
                let value = PercentEncoding.value(bytes.extracting(end + 1..<bytes.byteCount))
                guard let value, value != 0 else { throw .badPercentEncoding }
            }
            end += 1
        }
        let text = bytes.extracting(start..<end).text
        target = text.hasPrefix("/") ? text : "/" + text
    }
}
