import Glibc
import HubStorage

// Kills writers, tears their writes and fails their disk, and looks at what is left of the log.

let usage = """
    usage: CrashHarness COMMAND DIR [NAME=VALUE …]

      kill    a writer under full load is killed at random         rounds=200 seed=1
      torn    every state that a power cut may leave is opened     variants=1000 seed=1 blocks=150 retention=400
      faults  a full disk, a failing disk, a read-only one         seed=1
      write   the writer itself; the others start it
    """

var values: [String: Int] = [:]
for argument in CommandLine.arguments.dropFirst(3) {
    let parts = argument.split(separator: "=", maxSplits: 1)
    guard parts.count == 2, let value = Int(parts[1]) else {
        Notes.say(usage)
        exit(2)
    }
    values[String(parts[0])] = value
}
guard CommandLine.arguments.count >= 3 else {
    Notes.say(usage)
    exit(2)
}
let directory = CommandLine.arguments[2]
let seed = UInt64(values["seed"] ?? 1)
do {
    switch CommandLine.arguments[1] {
    case "kill": try KillRounds(directory: directory, rounds: values["rounds"] ?? 200, seed: seed).run()
    case "torn":
        try TornWrites(
            directory: directory, variants: values["variants"] ?? 1000, seed: seed,
            blocks: values["blocks"] ?? 150,
            retentionKilobytes: values["retention"] ?? 400
        ).run()
    case "faults": try DiskFaults(directory: directory).run()
    case "write":
        Writer(
            directory: directory, seed: seed, blocks: values["blocks"] ?? 0, group: values["group"] ?? 500,
            options: Writer.options(
                retentionKilobytes: values["retention"] ?? 0, checkpointBytes: values["checkpoint"] ?? 1 << 20
            ),
            pause: values["pause"] ?? 0
        ).run()
    default:
        Notes.say(usage)
        exit(2)
    }
} catch {
    Notes.say("violation: \(error)")
    exit(1)
}
