import HubClient
import HubProtocols
import HubSystem

/// Which hub a command works with, and as whom: from its options, the environment, the context, and what is usual, in this
/// order.
struct HubPlace: Sendable {
    /// As a URL for the client: `ws://`, `wss://` or `unix:`.
    let url: String
    let token: String?
    let authorityFile: String?
    /// Who the command is to the hub; nil for whom the token shows.
    let agent: String?

    static let usualURL = "ws://127.0.0.1:8000"

    /// What every command takes that talks to a hub.
    static let options = [
        OptionSpec(
            name: "url", letter: "u", value: "URL",
            summary: "The hub: ws://, wss://, http:// or unix:PATH (AGENTHUB_URL, or \(usualURL))"),
        OptionSpec(name: "token", value: "TOKEN", summary: "The token to show (AGENTHUB_TOKEN)"),
        OptionSpec(
            name: "ca", value: "FILE", summary: "Whose certificates to trust, in PEM (AGENTHUB_CA)"),
        OptionSpec(
            name: "context", value: "NAME",
            summary: "The context with all three (AGENTHUB_CONTEXT; see agenthub context)"),
        OptionSpec(
            name: "as", value: "AGENT",
            summary: "The agent to be; without it the token's, or one made of user and machine"),
    ]

    static let exitCodes: [(code: ExitCode, meaning: String)] = [
        (.failed, "The connection was lost, or the system failed"),
        (.unavailable, "No hub can be reached there, or there is no such thing"),
        (.refused, "The hub refused"),
        (.interrupted, "Interrupted before it was done"),
    ]

    /// How names of agents are made for commands that nobody answers, and for those that others must find.
    enum Naming: Equatable {
        /// One that no other command has at the same time: a newer connection of an agent replaces the older one.
        case unique
        /// The same each time.
        case lasting
        /// The same each time for a consumer: whoever comes back for it takes it over from a connection that is dead, and
        /// that the hub has not missed yet.
        case consumer(String)
    }

    init(_ arguments: ParsedArguments, _ naming: Naming = .unique) throws(CommandFailure) {
        let context = try Self.context(arguments)
        let named = arguments.value("url") ?? Self.variable("AGENTHUB_URL")
        // A token is for one hub: where another one is named, the context's is not shown.
        let own = named == nil ? context : nil
        url = try Self.clientURL(named ?? context?.url ?? Self.usualURL)
        token = arguments.value("token") ?? Self.variable("AGENTHUB_TOKEN") ?? own?.token
        authorityFile = arguments.value("ca") ?? Self.variable("AGENTHUB_CA") ?? own?.authorityFile
        agent = arguments.value("as") ?? (token == nil ? Self.agent(naming) : nil)
    }

    /// The same place for an agent with a longer name.
    func named(adding suffix: String) -> HubPlace {
        HubPlace(url: url, token: token, authorityFile: authorityFile, agent: agent.map { $0 + suffix })
    }

    private init(url: String, token: String?, authorityFile: String?, agent: String?) {
        self.url = url
        self.token = token
        self.authorityFile = authorityFile
        self.agent = agent
    }

    private static func variable(_ name: String) -> String? {
        CurrentProcess.variable(name).flatMap { $0.isEmpty ? nil : $0 }
    }

    private static func context(_ arguments: ParsedArguments) throws(CommandFailure) -> NamedContext? {
        let file = try ContextFile.load()
        guard let name = arguments.value("context") ?? variable("AGENTHUB_CONTEXT") else {
            return file.current.flatMap { file.contexts[$0] }
        }
        guard let context = file.contexts[name] else {
            throw .absent("there is no context \(name); agenthub context list shows them")
        }
        return context
    }

    /// The name that a command has as an agent, if nobody gave it one.
    static func agent(_ naming: Naming) -> String {
        let owner = "\(CurrentProcess.userName)@\(CurrentProcess.hostName)"
        return switch naming {
        case .unique: "\(owner).\(CurrentProcess.number)"
        case .lasting: owner
        case .consumer(let name): "\(owner).\(name)"
        }
    }

    // MARK: URLs

    /// The URL for the client; `http` is taken for `ws`.
    static func clientURL(_ text: String) throws(CommandFailure) -> String {
        for (http, socket) in [("http://", "ws://"), ("https://", "wss://")] where text.hasPrefix(http) {
            return socket + text.dropFirst(http.count)
        }
        guard ["ws://", "wss://", "unix:"].contains(where: { text.hasPrefix($0) }) else {
            throw .usage(
                UsageError("\"\(text)\" is no URL of a hub: it begins with ws://, wss://, http:// or unix:"))
        }
        return text
    }

    /// The URL of something in the hub's HTTP interface, and the address if it need not be looked up.
    func interface(_ target: String) throws(CommandFailure) -> (url: HTTPURL, address: SocketAddress?) {
        var address: SocketAddress?
        var base = "http://localhost"
        if url.hasPrefix("unix:") {
            address = SocketAddress(url)
        } else {
            let place = try Self.parse(url)
            base = (place.scheme == .wss ? "https://" : "http://") + place.authority
        }
        return (try Self.parse(base + target), address)
    }

    private static func parse(_ text: String) throws(CommandFailure) -> HTTPURL {
        do throws(HTTPURLFault) { return try HTTPURL(text) } catch {
            throw .usage(UsageError("\"\(text)\" is no URL of a hub: \(error.rawValue)"))
        }
    }
}

/// Errors of the client in words for who called a command.
enum ClientTrouble {
    static func sentence(_ error: ClientError) -> String {
        switch error {
        case .notConnected(let reason): "no hub answers: \(reason)\(hint(reason))"
        case .refused(let refusal) where refusal.code == .unauthorized: "\(error)\(credentialsHint)"
        case .timeout: "no answer came in time"
        case .cancelled: "interrupted"
        default: error.description
        }
    }

    /// What to do where nobody answers. A hub that answers, and is not trusted, is there.
    static func hint(_ reason: String) -> String {
        guard !reason.contains("TLS") else { return "" }
        return "\nStart a hub with 'agenthub serve', or say where it is with --url or agenthub context."
    }

    /// What to do where the hub does not know who asks.
    static let credentialsHint =
        "\nShow a token that the hub knows: --token, AGENTHUB_TOKEN, or that of a context."
}
