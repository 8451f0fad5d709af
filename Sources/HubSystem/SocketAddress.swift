import CLinux

/// The address of a machine: IPv4, or IPv6 with the interface for link-local ones. An IPv4 address that is written
/// as an IPv6 one is the IPv4 address.
package struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    let high: UInt64
    let low: UInt64
    private let scope: UInt32
    /// Whether this is an IPv4 address.
    package let isIPv4: Bool

    /// Reads the numeric form, as `127.0.0.1`, `::1` or `fe80::1%eth0`; nil if it is none.
    package init?(_ text: String) {
        var address = clinux_address()
        // Safety: the text is lent as a terminated string; a longer one than any address is refused by the call.
        guard !text.utf8.contains(0), unsafe clinux_parse_ip(text, &address) == 1 else { return nil }
        self.init(address)
    }

    fileprivate init(_ address: clinux_address) {
        // Safety: both halves lie within the sixteen bytes, of which each bit pattern is valid.
        (high, low) = unsafe withUnsafeBytes(of: address.ip) {
            unsafe (
                $0.loadUnaligned(as: UInt64.self).bigEndian,
                $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self).bigEndian
            )
        }
        isIPv4 = Int(address.family) == CLINUX_IPV4
        scope = address.scope
    }

    fileprivate var raw: clinux_address {
        var address = clinux_address()
        address.family = UInt8(isIPv4 ? CLINUX_IPV4 : CLINUX_IPV6)
        address.scope = scope
        // Safety: both halves lie within the sixteen bytes.
        unsafe withUnsafeMutableBytes(of: &address.ip) {
            unsafe $0.storeBytes(of: high.bigEndian, as: UInt64.self)
            unsafe $0.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        return address
    }

    /// What limits count by: an IPv4 address, and of an IPv6 address the 64 bits that name a network. Whoever has
    /// one address there has 2⁶⁴ of them.
    package var network: IPAddress {
        isIPv4 ? self : IPAddress(high: high, low: 0, scope: scope, isIPv4: false)
    }

    /// Whether it is this machine's own, which no other can reach; also where an IPv4 address was written as an IPv6 one.
    package var isLoopback: Bool {
        let bytes = octets
        if isIPv4 { return bytes[0] == 127 }
        return high == 0 && (low == 1 || (low >> 32 == 0xffff && bytes[12] == 127))
    }

    /// The address as 4 or 16 bytes, highest first.
    package var octets: [UInt8] {
        let all = [high, low].flatMap { half in
            (0..<8).map { UInt8(truncatingIfNeeded: half >> (56 - 8 * $0)) }
        }
        return isIPv4 ? Array(all.prefix(4)) : all
    }

    init(high: UInt64, low: UInt64, scope: UInt32, isIPv4: Bool) {
        self.high = high
        self.low = low
        self.scope = scope
        self.isIPv4 = isIPv4
    }

    /// The numeric form.
    package var description: String {
        var address = raw
        // Safety: the call writes a terminated text of fewer than 64 bytes.
        return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { text in
            guard let start = text.baseAddress else { return "" }
            unsafe clinux_print_ip(&address, start)
            return unsafe String(cString: start)
        }
    }
}

/// Where a socket is: an address and a port, or a path.
package enum SocketAddress: Hashable, Sendable, CustomStringConvertible {
    /// On the network.
    case ip(IPAddress, port: UInt16)
    /// In the file system; empty for a peer, which needs no name.
    case unix(path: String)

    /// The longest path in bytes that a Unix socket can have.
    package static let pathLengthMax = 107

    /// Reads `127.0.0.1:80`, `[::1]:80` or `unix:/run/hub.socket`; nil if it is none of these.
    package init?(_ text: String) {
        if text.hasPrefix("unix:") {
            let path = String(text.dropFirst(5))
            guard !path.isEmpty, path.utf8.count <= Self.pathLengthMax, !path.utf8.contains(0) else {
                return nil
            }
            self = .unix(path: path)
            return
        }
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        let host = text[..<colon]
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        guard let address = IPAddress(String(isBracketed ? host.dropFirst().dropLast() : host)),
            address.isIPv4 != isBracketed
        else { return nil }
        self = .ip(address, port: port)
    }

    /// Asks the system's resolver for a host's addresses, and waits for its answer: nothing for an event loop. Empty
    /// if there is none.
    package static func resolve(host: String, port: UInt16, addressesMax: Int = 8) -> [SocketAddress] {
        var addresses = Array(repeating: clinux_address(), count: addressesMax)
        guard !host.utf8.contains(0) else { return [] }
        // Safety: the call fills at most as many entries as it is told.
        let count = unsafe addresses.withUnsafeMutableBufferPointer { buffer -> Int32 in
            guard let start = buffer.baseAddress else { return 0 }
            return unsafe clinux_resolve(host, port, start, Int32(clamping: buffer.count))
        }
        return addresses.prefix(Int(max(count, 0))).compactMap { SocketAddress($0) }
    }

    /// The form for the system's calls; a path that is too long becomes one that they refuse.
    var raw: clinux_address {
        switch self {
        case .ip(let address, let port):
            var raw = address.raw
            raw.port = port
            return raw
        case .unix(let path):
            var raw = clinux_address()
            raw.family = UInt8(CLINUX_UNIX)
            let bytes = Array(path.utf8.prefix(MemoryLayout.size(ofValue: raw.path)))
            raw.path_length = UInt8(bytes.count)
            // Safety: no more bytes than the field has.
            unsafe withUnsafeMutableBytes(of: &raw.path) { unsafe $0.copyBytes(from: bytes) }
            return raw
        }
    }

    /// Nil for a family that is none of ours.
    init?(_ raw: clinux_address) {
        switch Int(raw.family) {
        case CLINUX_IPV4, CLINUX_IPV6:
            self = .ip(IPAddress(raw), port: raw.port)
        case CLINUX_UNIX:
            // Safety: the first `path_length` bytes of the field are the path.
            let path = unsafe withUnsafeBytes(of: raw.path) {
                unsafe String(decoding: $0.prefix(Int(raw.path_length)), as: UTF8.self)
            }
            self = .unix(path: path)
        default: return nil
        }
    }

    /// The form that is read back.
    package var description: String {
        switch self {
        case .ip(let address, let port): address.isIPv4 ? "\(address):\(port)" : "[\(address)]:\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }
}
