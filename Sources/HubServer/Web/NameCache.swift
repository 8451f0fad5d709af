package import HubSystem

/// Addresses of hosts as they were found lately: so many hosts, and each for so long.
///
/// The system's resolver does not say how long an answer holds, so the time is short; that a host has no address is
/// remembered for less, since it is what those see who ask while something is being set up.
package struct NameCache: Sendable {
    private struct Entry {
        let addresses: [SocketAddress]
        let until: UInt64
    }

    private let hostsMax: Int
    private let holdsNanoseconds: UInt64
    private let missingNanoseconds: UInt64
    private var entries: [String: Entry] = [:]

    /// An empty cache.
    package init(hostsMax: Int, holdsMilliseconds: Int64, missingMilliseconds: Int64) {
        precondition(hostsMax >= 0)
        self.hostsMax = hostsMax
        holdsNanoseconds = Self.nanoseconds(holdsMilliseconds)
        missingNanoseconds = Self.nanoseconds(missingMilliseconds)
    }

    private static func nanoseconds(_ milliseconds: Int64) -> UInt64 {
        let (product, isOver) = UInt64(clamping: milliseconds).multipliedReportingOverflow(by: 1_000_000)
        return isOver ? .max : product
    }

    /// Hosts that are known, those included whose time is over and that nobody asked for since.
    package var count: Int { entries.count }

    /// What was found for a host, with the port that is wanted now; nil if that is not known, or not any more.
    package func addresses(of host: String, port: UInt16, now: UInt64) -> [SocketAddress]? {
        guard let entry = entries[host], now < entry.until else { return nil }
        return entry.addresses.map { address in
            guard case .ip(let ip, _) = address else { return address }
            return .ip(ip, port: port)
        }
    }

    /// Remembers what was found. Without room those go whose time is over, and if there are none, the one whose is over
    /// first.
    package mutating func remember(_ addresses: [SocketAddress], of host: String, now: UInt64) {
        guard hostsMax > 0 else { return }
        if entries[host] == nil, entries.count >= hostsMax {
            entries = entries.filter { now < $0.value.until }
            if entries.count >= hostsMax, let first = entries.min(by: { $0.value.until < $1.value.until }) {
                entries[first.key] = nil
            }
        }
        let (until, isOver) = now.addingReportingOverflow(
            addresses.isEmpty ? missingNanoseconds : holdsNanoseconds)
        entries[host] = Entry(addresses: addresses, until: isOver ? .max : until)
    }
}
