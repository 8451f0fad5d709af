import HubModel
import HubProtocols
import HubStorage

/// `agenthub log backup`: a copy of a log, made while it is written to.
enum LogBackupCommand {
    static let command = CommandSpec(
        name: "backup", summary: "Copy a log while a hub writes to it",
        details: """
            The copy has everything that was committed when it began. It is complete once the command is done: until \
            then it has a name that nobody takes for a log. A backup can be looked at, checked and dumped like a log; \
            to write to it, restore it.
            """,
        arguments: [
            ArgumentSpec(name: "DIRECTORY", summary: "The directory of the log"),
            ArgumentSpec(name: "BACKUP", summary: "The directory for the copy: empty, or not there yet"),
        ],
        options: [
            OptionSpec(
                name: "compact",
                summary:
                    "Leave free pages out: a smaller file, for more work, and not of a log that is damaged"),
            LogCommands.json,
        ],
        examples: [
            .init(
                call: "agenthub log backup /var/lib/agenthub /backup/monday",
                purpose: "A copy of the log of a running hub.")
        ],
        exitCodes: [
            (.failed, "The disk is full, or the disk or the system failed"),
            (.unavailable, "No log there, not allowed, or the directory for the copy is not empty"),
            (.damaged, "The log is damaged"),
        ]
    ) { (arguments, console) throws(CommandFailure) in
        try LogCopy.run(arguments, console) { (path, target, progress) throws(StorageError) in
            try LogBackup.backup(
                path, to: target, compacting: arguments.has("compact"), now: LogCommands.now(),
                progress: progress)
        } sentence: { outcome, target in
            "Copied \(Quantity.bytes(outcome.bytes)) to \(target): "
                + "offsets \(outcome.start) up to \(outcome.head), epoch \(outcome.epoch).\n"
        }
    }
}

/// `agenthub log restore`: a log made from a backup.
enum LogRestoreCommand {
    static let command = CommandSpec(
        name: "restore", summary: "Make a log from a backup",
        details: """
            The new log goes on where the backup ends, offsets and numbers included. Its epoch is new: what was \
            written after the backup is lost, and clients that remember it learn so from the epoch. The backup is \
            left as it is.
            """,
        arguments: [
            ArgumentSpec(name: "BACKUP", summary: "The directory of a backup"),
            ArgumentSpec(name: "DIRECTORY", summary: "The directory for the log: empty, or not there yet"),
        ],
        options: [LogCommands.json],
        examples: [
            .init(
                call: "agenthub log restore /backup/monday /var/lib/agenthub",
                purpose: "Then start the hub on it.")
        ],
        exitCodes: [
            (.failed, "The disk is full, or the disk or the system failed"),
            (
                .unavailable,
                "No backup there, not allowed, or the directory for the log is not empty or in use"
            ),
            (.damaged, "The backup is damaged"),
        ]
    ) { (arguments, console) throws(CommandFailure) in
        try LogCopy.run(arguments, console) { (path, target, progress) throws(StorageError) in
            try LogBackup.restore(path, to: target, progress: progress)
        } sentence: { outcome, target in
            "Restored \(Quantity.bytes(outcome.bytes)) to \(target): offsets \(outcome.start) up to "
                + "\(outcome.head).\nThe epoch was \(outcome.copiedEpoch) and is now \(outcome.epoch).\n"
        }
    }
}

/// What backing up and restoring have in common: from one directory to another, with a bar meanwhile.
private enum LogCopy {
    static func run(
        _ arguments: ParsedArguments, _ console: Console,
        _ copy: (String, String, (Double) -> Void) throws(StorageError) -> LogBackup.Outcome,
        sentence: (LogBackup.Outcome, String) -> String
    ) throws(CommandFailure) -> ExitCode {
        let (path, target) = (arguments.arguments[0], arguments.arguments[1])
        LogCommands.expectDamage(path)
        let bar = ProgressBar("copying", console)
        defer { bar.clear() }
        let outcome = try LogCommands.storage { () throws(StorageError) in
            try copy(path, target) { bar.show($0) }
        }
        bar.clear()
        if arguments.has("json") {
            try console.write(outcome: outcome)
        } else {
            try console.write(sentence(outcome, target))
        }
        return .done
    }
}

extension Console {
    fileprivate func write(outcome: LogBackup.Outcome) throws(CommandFailure) {
        var json = JSONWriter()
        json.beginObject()
        json.member("epoch", text: "\(outcome.epoch)")
        json.member("copied_epoch", text: "\(outcome.copiedEpoch)")
        json.member("start", outcome.start.rawValue)
        json.member("head", outcome.head.rawValue)
        json.member("bytes", outcome.bytes)
        json.endObject()
        json.newline()
        try write(json.bytes)
    }
}
