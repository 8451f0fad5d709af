package import HubConnection
package import HubModel
package import HubSystem

/// Why the access file, or something that belongs to it, cannot be used.
package struct AccessError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What kind of trouble it is.
    package enum Kind: Sendable {
        /// Something in it is wrong, or was asked for wrongly.
        case content
        /// There is nothing of that name, or there is something already.
        case absent
        /// Others may read what nobody else must.
        case exposed
        /// Somebody else is changing it.
        case busy
        /// The system said no.
        case system
    }

    /// What kind of trouble it is.
    package let kind: Kind
    /// What is wrong and what would be right.
    package let description: String

    /// Trouble of a kind.
    package init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }

    /// A name or pattern that breaks the rules.
    package init(_ refusal: Refusal, in place: String) {
        self.init(.content, "\(place): \(refusal.message)")
    }

    /// A key or certificate that cannot be used.
    package init(_ error: CredentialError) { self.init(.content, error.description) }

    /// What the system said no to.
    package init(_ error: SystemError) { self.init(.system, error.description) }
}
