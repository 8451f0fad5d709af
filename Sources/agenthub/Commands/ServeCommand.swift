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
        options: ConfigurationArguments.options,
        examples: [
            .init(call: "agenthub serve", purpose: "A hub for this machine; it says where its log is."),
            .init(
                call: "agenthub serve --listen 127.0.0.1:9000 --data /var/lib/agenthub",
                purpose: "On another port, with its log elsewhere."),
            .init(
                call: "agenthub serve --config /etc/agenthub/agenthub.json5 --set log.retention.age=30d",
                purpose: "With a file, and an option that goes before it."),
        ],
        exitCodes: [
            (.failed, "The disk or the system failed, or an address is taken"),
            (.unavailable, "The log cannot be had"),
            (.damaged, "The log is damaged"), (.misconfigured, "The configuration is wrong"),
        ]
    ) { (arguments, console) throws(CommandFailure) in
        let environment = CurrentProcess.environment()
        let settings = try settings(arguments, environment, console)
        let notifier = ServiceNotifier(environment)
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
        notifier?.ready("listens on \(hub.addresses.map(\.description).joined(separator: ", "))")
        while signals.next() != .end {}
        notifier?.stopping("closing connections")
        console.tell("Going down: connections are closed and the log is written.\n")
        hub.stop()
        return .done
    }

    private static func settings(
        _ arguments: ParsedArguments, _ environment: [String: String], _ console: Console
    ) throws(CommandFailure) -> HubSettings {
        let configuration = try ConfigurationArguments.load(arguments, environment: environment)
        for warning in configuration.warnings { console.tell("agenthub: \(warning)\n") }
        let settings: HubSettings
        do throws(ConfigurationProblems) {
            settings = try configuration.hub(
                environment: environment, processors: CurrentProcess.processors, version: Version.program)
        } catch {
            throw .configuration(error)
        }
        do throws(SystemError) {
            try Directory.createWithParents(settings.directory)
        } catch {
            throw .absent(error.description)
        }
        return settings
    }

    private static func url(_ address: SocketAddress) -> String {
        switch address {
        case .unix(let path): "unix:\(path)"
        default: "ws://\(address)/hub"
        }
    }
}
