package import HubSystem

/// Whether a hub may listen at an address, and whom it lets in there.
package struct ListeningPolicy: Equatable, Sendable {
    /// Who gets in.
    package enum Admission: Equatable, Sendable {
        /// Everyone, as whoever he says he is, with all rights.
        case everyone
        /// Those who show credentials.
        case credentials
    }

    /// Who gets in.
    package let admission: Admission
    /// What the operator should be told, in sentences.
    package let warnings: [String]

    /// A place to listen.
    package struct Place: Equatable, Sendable {
        /// Where.
        package let address: SocketAddress
        /// Whether all that goes over it is encrypted.
        package let isEncrypted: Bool

        /// A place.
        package init(_ address: SocketAddress, isEncrypted: Bool) {
            self.address = address
            self.isEncrypted = isEncrypted
        }

        /// Whether only this machine reaches it.
        package var isLocal: Bool {
            switch address {
            case .unix: true
            case .ip(let address, _): address.isLoopback
            }
        }
    }

    /// A hub that must not start, and what would be right.
    package struct Refused: Error, Equatable, Sendable, CustomStringConvertible {
        /// The sentence.
        package let description: String
    }

    /// Decides for one place. `hasCredentials` says whether anything is configured by which somebody could show who he
    /// is; `insecure`, that the operator wants a hub without, wherever it listens.
    package static func decide(
        _ place: Place, hasCredentials: Bool, insecure: Bool
    ) throws(Refused) -> ListeningPolicy {
        if hasCredentials, !insecure {
            let isExposed = !place.isLocal && !place.isEncrypted
            let warning =
                "\(place.address) is not encrypted: tokens can be read on the way to it, and used by others"
            return ListeningPolicy(admission: .credentials, warnings: isExposed ? [warning] : [])
        }
        if place.isLocal {
            let ignored = "--insecure: the configured credentials are not asked for at \(place.address)"
            return ListeningPolicy(admission: .everyone, warnings: hasCredentials ? [ignored] : [])
        }
        guard insecure else {
            throw Refused(
                description:
                    "\(place.address) can be reached from other machines, and no credentials are configured: make "
                    + "some (agenthub tokens add, agenthub certs ca), listen on 127.0.0.1, or say --insecure")
        }
        return ListeningPolicy(
            admission: .everyone,
            warnings: [
                "--insecure: whoever reaches \(place.address) is whoever he says he is, with all rights"
            ])
    }
}
