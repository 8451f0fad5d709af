/// A key, certificate or list that cannot be used: which, and why.
package struct CredentialError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What was looked at, as `/etc/agenthub/server.pem` or `the private key`.
    package let subject: String
    /// What is wrong with it.
    package let reason: String

    /// A failure in words.
    package init(_ subject: String, _ reason: String) {
        self.subject = subject
        self.reason = reason
    }

    /// A failure of the OpenSSL call just made.
    static func last(_ subject: String, _ action: String) -> CredentialError {
        CredentialError(subject, "\(action): \(OpenSSLError.takeText())")
    }

    /// Subject and reason.
    package var description: String { "\(subject): \(reason)" }
}
