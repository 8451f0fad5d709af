import LogSamples
import Testing

/// Wrong calls get an answer that helps, and help is on every level.
@Suite struct ArgumentTests {
    @Test(
        "a wrong call ends with code 2 and says what is wrong",
        arguments: [
            (["lgo"], "unknown command \"lgo\"; did you mean \"log\"?", "agenthub"),
            (["log", "dmup", "x"], "unknown command \"dmup\"; did you mean \"dump\"?", "agenthub log"),
            (["log", "quite-another-thing"], "unknown command \"quite-another-thing\"", "agenthub log"),
            (["--version"], "unknown option \"--version\"", "agenthub"),
            (
                ["log", "check"], "DIRECTORY is missing: the directory of a log or of a backup",
                "agenthub log check"
            ),
            (["log", "check", "a", "b"], "unexpected argument \"b\"", "agenthub log check"),
            (
                ["log", "check", "--jsn", "a"], "unknown option \"--jsn\"; did you mean \"--json\"?",
                "agenthub log check"
            ),
            (["log", "check", "--json=yes", "a"], "--json takes no value", "agenthub log check"),
            (["log", "check", "-x", "a"], "unknown option \"-x\"", "agenthub log check"),
            (["log", "dump", "a", "--from"], "--from needs a value: --from POSITION", "agenthub log dump"),
            (
                ["log", "dump", "a", "--from", "-1"], "--from takes a whole number from 0 up, not \"-1\"",
                "agenthub log dump"
            ),
            (
                ["log", "dump", "a", "--from", "1", "--from=2"], "--from was given more than once",
                "agenthub log dump"
            ),
            (
                ["log", "dump", "a", "--limit=0"], "--limit takes a whole number from 1 up, not \"0\"",
                "agenthub log dump"
            ),
            (
                ["log", "dump", "a", "--since", "noon"],
                "--since takes a time such as 2026-11-20T10:18:54Z, not \"noon\"", "agenthub log dump"
            ),
            (
                ["log", "dump", "a", "-s", "x", "--topic", "y"], "--session and --topic do not go together",
                "agenthub log dump"
            ),
        ])
    func wrong(words: [String], sentence: String, command: String) throws {
        let run = try CommandRun.shell("\"$agenthub\" " + words.map { "'\($0)'" }.joined(separator: " "))
        #expect(run.code == 2)
        #expect(run.output == "")
        #expect(run.complaint == "agenthub: \(sentence)\nSee '\(command) --help'.\n")
    }

    @Test("a bad topic pattern is explained") func pattern() throws {
        let run = try CommandRun.agenthub("log", "dump", "-t", "a..b", "x")
        #expect(run.code == 2)
        #expect(run.complaint.contains("empty token"))
    }

    @Test(
        "help is on every level, on standard output",
        arguments: [
            "", "log", "log stats", "log check", "log dump", "log backup", "log restore", "top", "version",
            "agents",
            "agents add", "agents list", "agents remove", "agents rights", "tokens", "tokens add",
            "tokens list",
            "tokens revoke", "keys", "keys generate", "keys add", "keys list", "keys remove", "certs",
            "certs ca",
            "certs issue", "certs revoke", "certs list", "certs crl",
        ])
    func help(command: String) throws {
        let long = try CommandRun.shell("\"$agenthub\" \(command) --help")
        #expect(long.code == 0 && long.complaint == "")
        #expect(long.output.contains("\nUsage\n  agenthub\(command.isEmpty ? "" : " \(command)")"))
        #expect(long.output.contains("--help"))
        #expect(!long.output.contains("\u{1b}"))
        #expect(long.output.split(separator: "\n").allSatisfy { $0.count <= 100 })
        for other in ["\"$agenthub\" \(command) -h", "\"$agenthub\" help \(command)"] {
            #expect(try CommandRun.shell(other).output == long.output)
        }
    }

    @Test("a command with nothing to do shows what there is") func bare() throws {
        let run = try CommandRun.agenthub()
        #expect(run.code == 0)
        #expect(run.output.contains("version"))
    }

    @Test("the version is for people and for scripts") func version() throws {
        let plain = try CommandRun.agenthub("version")
        #expect(plain.code == 0 && plain.output.hasPrefix("agenthub "))
        let json = try CommandRun.agenthub("version", "--json")
        #expect(try json.object()["log_format"] as? Int == 1)
    }

    @Test("options may stand anywhere, values behind a sign or apart, and -- ends them") func forms() throws {
        let directory = TemporaryDirectory()
        try SampleLog(directory["log"]).write(blocks: 1, recordsPerBlock: 9)
        let log = directory["log"]
        for line in [
            "log dump --from 2 --to=5 \"$log\"", "log dump \"$log\" --from=2 --to 5",
            "log dump --from 2 -n3 -- \"$log\"",
            "log dump \"$log\" -n 3 --from 2",
        ] {
            let run = try CommandRun.shell("\"$agenthub\" \(line)", environment: ["log": log])
            #expect(try run.lines().compactMap { $0["offset"] as? Int } == [2, 3, 4])
        }
        let odd = try CommandRun.agenthub("log", "stats", "--", "--json")
        #expect(odd.code == 3 && odd.complaint.contains("no log in --json"))
    }
}
