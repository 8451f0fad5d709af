import HubBytes
import HubConnection
import HubProtocols
import HubSystem

/// The key that signs what a hub asks for, to show who the agent is.
struct SigningKey: Sendable {
    let name: String
    private let key: PrivateKey

    /// The key that the credentials name; nil if they name none.
    init?(_ credentials: Credentials) throws(ClientError) {
        guard case .key(let name, let file) = credentials else { return nil }
        self.name = name
        let text: [UInt8]
        do throws(SystemError) {
            text = try FileDescriptor.open(file, .read).read(Self.fileBytesMax, at: 0)
        } catch {
            throw .credentials("\(file): \(error.reason)")
        }
        do throws(CredentialError) {
            key = try text.withBytes { (bytes) throws(CredentialError) in
                try PrivateKey(pem: bytes, source: file)
            }
        } catch {
            throw .credentials("\(error)")
        }
    }

    /// A key in PEM is shorter.
    private static let fileBytesMax = 64 * 1024

    /// The signature of a text in base64, as the key makes them; nil if it makes none that a hub takes.
    func sign(_ text: String) -> String? {
        text.withBytes { bytes in
            for algorithm in [SignatureAlgorithm.ed25519, .ecdsaP256SHA256, .rsaPSSSHA256] {
                if let signature = try? key.sign(bytes, algorithm) { return Self.base64(signature) }
            }
            return nil
        }
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        var writer = JSONWriter(capacity: 512)
        bytes.withBytes { writer.base64($0) }
        // Without the quotes.
        return writer.bytes.extracting(1..<writer.count - 1).text
    }
}
