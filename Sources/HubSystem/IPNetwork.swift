/// Addresses that begin with the same bits, as `10.0.0.0/8` or `fe80::/10`; without a number of bits a single one.
package struct IPNetwork: Hashable, Sendable, CustomStringConvertible {
    private let base: IPAddress
    /// How many bits are the same.
    package let prefixBits: Int

    /// Reads the usual form; nil if it is none, or has bits behind those that count: it may be a mistake then, and
    /// whoever wrote it has to say what is meant.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(String(first)) else { return nil }
        var bits = address.bitWidth
        if parts.count == 2 {
            guard !parts[1].isEmpty, parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let number = Int(parts[1]), number <= bits
            else { return nil }
            bits = number
        }
        guard address.firstBits(bits) == address else { return nil }
        base = address
        prefixBits = bits
    }

    /// Whether an address is one of these.
    package func contains(_ address: IPAddress) -> Bool {
        address.isIPv4 == base.isIPv4 && address.firstBits(prefixBits) == base
    }

    /// The form that is read back.
    package var description: String { "\(base)/\(prefixBits)" }
}

extension IPAddress {
    var bitWidth: Int { isIPv4 ? 32 : 128 }

    /// The address with all bits behind the first ones at zero, and without an interface.
    func firstBits(_ count: Int) -> IPAddress {
        let highMask = UInt64.max << UInt64(64 - min(count, 64))
        let lowMask = UInt64.max << UInt64(128 - max(count, 64))
        return IPAddress(high: high & highMask, low: low & lowMask, scope: 0, isIPv4: isIPv4)
    }

    /// The IPv4 address that packets to an IPv6 address end up at: it is written as one, or lies behind a translator
    /// (RFC 6052) or a tunnel (RFC 3056). Whoever looks at the IPv6 address alone does not see where it leads.
    package var embedded: IPAddress? {
        guard !isIPv4 else { return nil }
        let isMapped = high == 0 && low >> 32 == 0xffff
        // `::` and `::1` look the same and are something else.
        let isCompatible = high == 0 && low >> 32 == 0 && low > 1
        let isTranslated = high == 0x0064_ff9b_0000_0000 && low >> 32 == 0
        if isMapped || isCompatible || isTranslated {
            return IPAddress(high: low << 32, low: 0, scope: 0, isIPv4: true)
        }
        guard high >> 48 == 0x2002 else { return nil }
        return IPAddress(high: high << 16 & ~0xffff_ffff, low: 0, scope: 0, isIPv4: true)
    }
}
