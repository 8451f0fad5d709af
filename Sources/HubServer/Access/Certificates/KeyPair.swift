import HubBytes
import HubConnection
import HubSystem

/// A new key pair of an agent.
package struct KeyPair: Sendable {
    private let privatePEM: [UInt8]
    /// The public half in PEM.
    package let publicPEM: [UInt8]

    /// Makes one (Ed25519).
    package static func make() throws(AccessError) -> KeyPair {
        do throws(CredentialError) {
            let key = try PrivateKey(.ed25519)
            return KeyPair(privatePEM: key.pem, publicPEM: try key.publicKey.pem)
        } catch {
            throw AccessError(error)
        }
    }

    /// The private key in PEM, for whoever asked to see it.
    package var privateText: String { String(decoding: privatePEM, as: UTF8.self) }

    /// Writes the private key into a file that must not be there yet, for its owner alone.
    package func writePrivateKey(to path: String) throws(AccessError) {
        try privatePEM.withBytes { (bytes) throws(AccessError) in try SecretFile.create(path, bytes) }
    }

    /// The content of a file with a public key, which anybody may read.
    package static func readPublicText(_ path: String) throws(AccessError) -> [UInt8] {
        let bytes = try SecretFile.system { () throws(SystemError) in
            try FileDescriptor.open(path, .read).read(textBytesMax, at: 0)
        }
        guard bytes.count < textBytesMax else {
            throw AccessError(.content, "\(path) has \(textBytesMax) bytes or more: that is no public key")
        }
        return bytes
    }

    private static let textBytesMax = 65_536
}
