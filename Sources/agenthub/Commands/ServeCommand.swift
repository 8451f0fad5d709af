import HubServer
import HubSystem

/// `agenthub serve`: the hub itself.
enum ServeCommand {
    static let command = CommandSpec(
        name: "serve", summary: "Run the hub",
        details: """
            The hub runs until it gets SIGTERM or SIGINT; then it lets its connections go, and ends when all is on \
            disk. It says where it listens once it does.
            """,
        options: [
            OptionSpec(
                name: "listen", letter: "l", value: "ADDRESS", isRepeatable: true,
                summary: "Where to listen: host:port, or unix:PATH (127.0.0.1:8000)"),
            OptionSpec(
                name: "data", letter: "d", value: "DIRECTORY",
                summary: "The directory of the log (agenthub-data)"),
            OptionSpec(name: "loops", value: "COUNT", summary: "Threads that move bytes (1)"),
        ],
        examples: [
            .init(call: "agenthub serve", purpose: "A hub on this machine, with its log in agenthub-data."),
            .init(
                call: "agenthub serve --listen 127.0.0.1:9000 --data /var/lib/agenthub",
                purpose: "On another port, with its log elsewhere."),
        ],
        exitCodes: [
            (.failed, "The disk or the system failed, or an address is taken"),
            (.unavailable, "The log cannot be had"),
            (.damaged, "The log is damaged"),
        ]
    ) { (arguments, console) throws(CommandFailure) in
        let settings = try settings(arguments)
        let signals = SignalWatch()
        _ = CurrentProcess.raiseDescriptorLimit()
        let hub: Hub
        do throws(Hub.Failure) { hub = try Hub(settings) } catch {
            switch error {
            case .storage(let error): throw .storage(error)
            case .listening, .refused, .system: throw .absent(error.description)
            }
        }
        for address in hub.addresses {
            try console.write(
                "AgentHub \(settings.version) listens on \(url(address)); its log is in \(settings.directory)\n"
            )
        }
        try console.flush()
        while signals.next() != .end {}
        console.tell("Going down: connections are closed and the log is written.\n")
        hub.stop()
        return .done
    }

    private static func settings(_ arguments: ParsedArguments) throws(CommandFailure) -> HubSettings {
        let texts = arguments.values("listen")
        var endpoints: [HubSettings.Endpoint] = []
        for text in texts.isEmpty ? ["127.0.0.1:8000"] : texts {
            guard let address = SocketAddress(text) else {
                throw .usage(UsageError("\"\(text)\" is no address: host:port or unix:PATH"))
            }
            endpoints.append(HubSettings.Endpoint(address))
        }
        var settings = HubSettings(
            directory: arguments.value("data") ?? "agenthub-data", endpoints: endpoints)
        if let text = arguments.value("loops") {
            guard let count = Int(text), count >= 1, count <= 64 else {
                throw .usage(UsageError("--loops is a number from 1 to 64"))
            }
            settings.loops = count
        }
        settings.version = Version.program
        return settings
    }

    private static func url(_ address: SocketAddress) -> String {
        switch address {
        case .unix(let path): "unix:\(path)"
        default: "ws://\(address)/hub"
        }
    }
}
