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
        // Before the first thread: one that does not block them would be ended by them, and all others with it.
        let signals = SignalWatch()
        let environment = CurrentProcess.environment()
        var configuration = try ConfigurationArguments.load(arguments, environment: environment)
        for warning in configuration.warnings { console.tell("agenthub: \(warning)\n") }
        let journal = try journal(configuration)
        var settings = try settings(configuration, environment)
        settings.journal = journal
        let notifier = ServiceNotifier(environment)
        _ = CurrentProcess.raiseDescriptorLimit()
        let hub: Hub
        do throws(Hub.Failure) { hub = try Hub(settings) } catch {
            switch error {
            case .storage(let error): throw .storage(error)
            case .listening, .refused, .system: throw .absent(error.description)
            }
        }
        for (address, endpoint) in zip(hub.addresses, settings.endpoints) {
            let url = url(address, isSecure: endpoint.tls != nil)
            try console.write(
                "AgentHub \(settings.version) listens on \(url); its log is in \(settings.directory)\n"
            )
        }
        try console.flush()
        notifier?.ready("listens on \(hub.addresses.map(\.description).joined(separator: ", "))")
        while signals.next() != .end {
            reload(hub, &configuration, arguments, environment, journal)
        }
        notifier?.stopping("closing connections")
        console.tell("Going down: connections are closed and the log is written.\n")
        hub.stop()
        journal.close()
        return .done
    }

    private static func journal(_ configuration: Configuration) throws(CommandFailure) -> HubLog {
        do throws(SystemError) { return try HubLog(configuration.logging) } catch {
            throw .absent("the hub's own log cannot be written: \(error)")
        }
    }

    /// Reads the configuration again. One that is wrong changes nothing.
    private static func reload(
        _ hub: Hub, _ configuration: inout Configuration, _ arguments: ParsedArguments,
        _ environment: [String: String], _ journal: HubLog
    ) {
        do {
            let newer = try ConfigurationArguments.load(arguments, environment: environment)
            let changes = newer.changes(from: configuration)
            let merged = newer.reloaded(over: configuration)
            try hub.reload(merged)
            configuration = merged
            for change in changes.live {
                journal.notice("an option changed", ["change": LogValue(change.description)])
            }
            for change in changes.afterRestart {
                journal.warning(
                    "an option takes effect when the hub is started again",
                    ["change": LogValue(change.description)])
            }
        } catch let problems as ConfigurationProblems {
            complain(problems, journal)
        } catch CommandFailure.configuration(let problems) {
            complain(problems, journal)
        } catch {
            journal.error(
                "the configuration cannot be read, the old one holds", ["reason": LogValue("\(error)")])
        }
    }

    private static func complain(_ problems: ConfigurationProblems, _ journal: HubLog) {
        for problem in problems.problems {
            journal.error(
                "the configuration is wrong, the old one holds", ["problem": LogValue(problem.description)])
        }
    }

    private static func settings(
        _ configuration: Configuration, _ environment: [String: String]
    ) throws(CommandFailure) -> HubSettings {
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

    private static func url(_ address: SocketAddress, isSecure: Bool) -> String {
        switch address {
        case .unix(let path): "unix:\(path)"
        default: "\(isSecure ? "wss" : "ws")://\(address)/hub"
        }
    }
}
