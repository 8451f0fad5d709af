import HubServer
import HubStorage
import HubSystem

/// The command line as a whole: from words to an exit code.
struct Program {
    /// All commands.
    static let root: CommandSpec = CommandSpec(
        name: "agenthub", summary: "A message hub for software agents",
        subcommands: [
            ServeCommand.command, StatusCommand.command, PublishCommand.command, SubscribeCommand.command,
            CommandCommand.command, RespondCommand.command, ReplayCommand.command, SessionCommands.sessions,
            SessionCommands.topics,
            ConsumerCommands.command, DeadCommands.command, MessageCommand.command, StateCommand.command,
            BenchCommand.command, ContextCommands.command, LogBackupCommand.command,
            LogRestoreCommand.command, ConfigCommands.command, AgentCommands.command, TokenCommands.command,
            KeyCommands.command, CertificateCommands.command, LogCommands.command, TopCommand.command,
            PageCommands.completion, PageCommands.manual,
            Version.command,
        ])

    private let console = Console()

    /// Runs what the words ask for.
    func run(_ words: [String]) -> ExitCode {
        CurrentProcess.ignoreBrokenPipes()
        do throws(CommandFailure) {
            let code = try perform(words)
            try console.flush()
            return code
        } catch {
            return report(error)
        }
    }

    private func perform(_ words: [String]) throws(CommandFailure) -> ExitCode {
        let outcome: ArgumentParser.Outcome
        do throws(UsageError) {
            outcome = try ArgumentParser(root: Self.root).parse(words)
        } catch {
            throw .usage(error)
        }
        switch outcome {
        case .run(let command, let path, let arguments):
            guard let body = command.body else { preconditionFailure("only commands with a body are run") }
            do throws(CommandFailure) {
                return try body(arguments, console)
            } catch .usage(var error) {
                error.command = path.joined(separator: " ")
                throw .usage(error)
            }
        case .help(let command, let path):
            let page = HelpPage(
                command: command, path: path, columns: console.columns, style: console.outputStyle)
            try console.write(page.text)
            return .done
        }
    }

    private func report(_ failure: CommandFailure) -> ExitCode {
        switch failure {
        case .outputClosed: return .done
        case .usage(let error):
            console.complain(error.message)
            console.tell("See '\(error.command) --help'.\n")
            return .usage
        case .storage(let error):
            // What was written before the failure is still wanted.
            try? console.flush()
            console.complain(error.description)
            return ExitCode(error)
        case .access(let error):
            console.complain(error.description)
            return ExitCode(error)
        case .absent(let sentence):
            console.complain(sentence)
            return .unavailable
        case .system(let error):
            console.complain(error.description)
            return .failed
        case .client(let error):
            console.complain(ClientTrouble.sentence(error))
            return ExitCode(error)
        case .refused(let code, let message):
            let hint = code == "unauthorized" ? ClientTrouble.credentialsHint : ""
            console.complain("the hub refused: \(code): \(message)\(hint)")
            return ExitCode(refusal: code)
        case .configuration(let error):
            for problem in error.problems { console.complain(problem.description) }
            if error.omitted > 0 { console.complain("and \(Quantity.count(error.omitted, "problem")) more") }
            return .misconfigured
        }
    }
}
