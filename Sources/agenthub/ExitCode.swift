import HubClient
import HubServer
import HubStorage
import HubSystem

/// How a command ended, for scripts. `docs/cli.md` lists the same numbers.
enum ExitCode: Int32 {
    /// It did what it was asked to do.
    case done = 0
    /// It could not: the disk, its room, or the system said no.
    case failed = 1
    /// It was called wrongly.
    case usage = 2
    /// There is nothing that it may work on: no log, no permission, in use, not empty, or too new.
    case unavailable = 3
    /// The log is damaged.
    case damaged = 4
    /// The hub refused it.
    case refused = 5
    /// No answer came in time.
    case timeout = 6
    /// It was interrupted before it was done. The number that shells have for it.
    case interrupted = 130
    /// The configuration is wrong. The number that sysexits.h has for it: service managers know it by name.
    case misconfigured = 78

    /// How a command that met this error ends.
    init(_ error: StorageError) {
        self =
            switch error.kind {
            case .notFound, .notALog, .newerFormat, .locked, .noPermission, .readOnly, .notEmpty, .backup:
                .unavailable
            case .damaged, .truncated: .damaged
            default: .failed
            }
    }
}

extension ExitCode {
    /// How a command that met this error ends.
    init(_ error: AccessError) { self = error.kind == .system ? .failed : .unavailable }
}

extension ExitCode {
    /// How a command that met this error ends.
    init(_ error: ClientError) {
        self =
            switch error {
            case .badURL, .badArgument: .usage
            case .notConnected, .credentials: .unavailable
            case .refused(let refusal): ExitCode(refusal: refusal.code.rawValue)
            case .timeout: .timeout
            case .cancelled: .interrupted
            default: .failed
            }
    }

    /// How a command ends that the hub refused with this word.
    init(refusal code: String) {
        self =
            switch code {
            case "timeout": .timeout
            case _ where code.hasPrefix("unknown_") && code != "unknown_type": .unavailable
            default: .refused
            }
    }
}

/// Why a command ends early.
enum CommandFailure: Error {
    /// It was called wrongly.
    case usage(UsageError)
    /// The log said no.
    case storage(StorageError)
    /// The access file, or what belongs to it, said no.
    case access(AccessError)
    /// What it was to work on is not there.
    case absent(String)
    /// The system said no.
    case system(SystemError)
    /// The hub, or the client for it, said no.
    case client(ClientError)
    /// The hub's HTTP interface said no.
    case refused(code: String, message: String)
    /// The configuration is wrong.
    case configuration(ConfigurationProblems)
    /// Whoever reads the output has enough of it, which is fine.
    case outputClosed
}

/// A command that was called wrongly: what is wrong, and of which command to show the help.
struct UsageError: Error, Equatable {
    let message: String
    /// The command as typed, with its parents.
    var command = "agenthub"

    init(_ message: String) { self.message = message }
}
