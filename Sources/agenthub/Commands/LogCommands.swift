import HubModel
import HubStorage
import HubSystem

/// `agenthub log`: what can be done to a log without a hub.
enum LogCommands {
    static let command = CommandSpec(
        name: "log", summary: "Look at a log, check it, copy it, and get it back",
        details: """
            The commands work on the directory of a log, whether a hub is writing to it or not. None of them changes \
            the log.
            """,
        subcommands: [
            LogStatsCommand.command, LogCheckCommand.command, LogDumpCommand.command,
            LogBackupCommand.command,
            LogRestoreCommand.command,
        ])

    static let directory = ArgumentSpec(name: "DIRECTORY", summary: "The directory of a log or of a backup")
    static let json = OptionSpec(name: "json", summary: "Write JSON")
    static let unavailable = (
        code: ExitCode.unavailable,
        meaning: "No log there, something else, too new, in use, or not allowed"
    )
    static let failed = (code: ExitCode.failed, meaning: "The disk or the system failed")

    /// Opens a log for reading. Whatever the file holds is read through mapped memory from here on, where damage
    /// can end the process: it should then say so.
    static func open(_ path: String) throws(CommandFailure) -> LMDBReader {
        expectDamage(path)
        return try storage { () throws(StorageError) in try LMDBReader.open(path) }
    }

    static func expectDamage(_ path: String) {
        CurrentProcess.explainFaults(
            "\nagenthub: the log in \(path) is damaged so badly that it cannot be read: restore a backup\n",
            exitCode: ExitCode.damaged.rawValue)
    }

    /// Runs something that works on a log, and ends the command if it fails.
    static func storage<Result: ~Copyable>(
        _ body: () throws(StorageError) -> Result
    ) throws(CommandFailure) -> Result {
        do throws(StorageError) { return try body() } catch { throw .storage(error) }
    }

    static func now() -> Timestamp { Timestamp(microseconds: SystemClock.wallMicroseconds()) }
}
