import HubConnection
import HubProtocols
import HubSystem

/// Where a hub is, and how to get there.
struct HubAddress: Sendable {
    let url: HTTPURL
    /// The address, if it need not be looked up.
    let known: SocketAddress?

    /// The path of a URL that names none.
    private static let usualPath = "/hub"

    /// Reads `ws://host:port/path`, `wss://…` or `unix:/path/to/socket`.
    init(_ text: String) throws(ClientError) {
        if text.hasPrefix("unix:") {
            guard let address = SocketAddress(text) else {
                throw .badURL("a path to a socket has 1 to \(SocketAddress.pathLengthMax) bytes")
            }
            known = address
            url = try Self.read("ws://localhost" + Self.usualPath)
            return
        }
        let named = try Self.read(text)
        guard named.scheme == .ws || named.scheme == .wss else {
            throw .badURL("it begins with ws://, wss:// or unix:")
        }
        url =
            named.target == "/"
            ? try Self.read("\(named.scheme.rawValue)://\(Self.host(named))\(Self.usualPath)") : named
        known = IPAddress(url.host).map { .ip($0, port: named.port) }
    }

    private static func host(_ url: HTTPURL) -> String {
        (url.isIPv6 ? "[\(url.host)]" : url.host) + ":\(url.port)"
    }

    private static func read(_ text: String) throws(ClientError) -> HTTPURL {
        do throws(HTTPURLFault) { return try HTTPURL(text) } catch { throw .badURL(error.rawValue) }
    }

    /// The TLS that the options ask for; nil for a connection without.
    func context(_ options: ClientOptions) throws(ClientError) -> TLSContext? {
        guard url.usesTLS else {
            if case .certificate = options.credentials {
                throw .credentials("a certificate is shown on TLS connections alone, to a wss:// URL")
            }
            return nil
        }
        do throws(CredentialError) {
            var settings = TLSClientSettings()
            if let file = options.authorityFile {
                settings.trust = .authorities(try Certificate.all(inFile: file))
            }
            if case .certificate(let file, let keyFile) = options.credentials {
                settings.credentials = try TLSCredentials(certificateFile: file, keyFile: keyFile)
            }
            return try TLSContext(client: settings)
        } catch {
            throw .credentials("\(error)")
        }
    }
}
