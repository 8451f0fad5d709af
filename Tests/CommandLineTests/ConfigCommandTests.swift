import Foundation
import Testing

/// `agenthub config`, as it is called.
@Suite struct ConfigCommandTests {
    /// The repository, which these tests are in.
    private var root: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
    }

    private func content(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    private func withFile<Result>(_ text: String, _ body: (String) throws -> Result) throws -> Result {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).json5")
        try text.write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        return try body(file.path)
    }

    @Test("config/agenthub.json5 is what the program writes") func documentedFile() throws {
        let run = try CommandRun.agenthub("config", "default")
        #expect(run.code == 0)
        #expect(try content("config/agenthub.json5") == run.output)
    }

    @Test("the tables of docs/configuration.md are what the program writes") func manual() throws {
        let run = try CommandRun.agenthub("config", "default", "--markdown")
        #expect(run.code == 0 && run.output.contains("`log.retention.age`"))
        #expect(try content("docs/configuration.md").hasSuffix(run.output))
    }

    @Test("check takes a right configuration, the documented one among them") func right() throws {
        let file = root.appendingPathComponent("config/agenthub.json5").path
        for words in [
            [], ["--config", file], ["--set", "drain=3 s", "--listen", "127.0.0.1:1", "--listen", "unix:/x"],
        ] {
            let run = try CommandRun.shell(
                "\"$agenthub\" config check \"$@\"", words: words)
            #expect(run.code == 0, "\(run.complaint)")
            #expect(run.output == "The configuration is right.\n")
        }
    }

    @Test("check says all that is wrong, and ends with 78") func wrong() throws {
        try withFile("{\n  drian: 1,\n  loops: 0 }") { file in
            let run = try CommandRun.agenthub("config", "check", "-c", file, "--data", "/d")
            #expect(run.code == 78)
            #expect(
                run.complaint == """
                    agenthub: \(file):2:3: there is no option drian; did you mean "drain"?
                    agenthub: \(file):3:3: loops is 0; allowed is a whole number, 1 to 256, or none

                    """)
            let json = try CommandRun.agenthub("config", "check", "-c", file, "--json")
            #expect(json.code == 78)
            let answer = try json.object()
            #expect(answer["valid"] as? Bool == false)
            #expect((answer["problems"] as? [[String: Any]])?.count == 2)
        }
    }

    @Test("check finds files that are not there") func missingFiles() throws {
        let listener = "{address: '127.0.0.1:1', tls: {certificate: '/nowhere/c', key: '/nowhere/k'}}"
        let run = try CommandRun.agenthub("config", "check", "--listen", listener)
        #expect(run.code == 78)
        #expect(run.complaint.contains("--listen: open /nowhere/c: No such file or directory"))
        #expect(run.complaint.contains("--listen: open /nowhere/k: No such file or directory"))
    }

    @Test("a file that cannot be read ends with 3, a flag that makes no sense with 2") func unreadable()
        throws
    {
        let absent = try CommandRun.agenthub("config", "check", "-c", "/nowhere/x")
        #expect(absent.code == 3 && absent.complaint.contains("open /nowhere/x: No such file or directory"))
        let usage = try CommandRun.agenthub("config", "check", "--set", "drain")
        #expect(usage.code == 2 && usage.complaint.contains("--set takes NAME=VALUE, not \"drain\""))
    }

    @Test("show says where each value comes from") func show() throws {
        try withFile("{\n  drain: '1 s', router: { payload_max: 2048 } }") { file in
            let environment = [
                "AGENTHUB_CONFIG": file, "AGENTHUB_LOOPS": "3", "AGENTHUB_DRIAN": "x",
                "STATE_DIRECTORY": "/s",
            ]
            let run = try CommandRun.agenthub(
                "config", "show", "--changed", "--log-level", "debug", environment: environment)
            #expect(run.code == 0)
            #expect(
                run.output == """
                    loops               3      AGENTHUB_LOOPS
                    drain               1 s    \(file):2:3
                    router.payload_max  2 KiB  \(file):2:27
                    logging.level       debug  --log-level

                    The data directory is /s.

                    """)
            #expect(run.complaint.contains("did you mean \"AGENTHUB_DRAIN\"?"))
            let json = try CommandRun.agenthub("config", "show", "--json", environment: environment).object()
            let options = try #require(json["options"] as? [[String: Any]])
            let drain = try #require(options.first { $0["name"] as? String == "drain" })
            #expect(drain["value"] as? String == "1 s" && drain["origin"] as? String == "file")
            #expect(drain["place"] as? String == "\(file):2:3" && drain["reloads"] as? Bool == true)
            #expect(json["data_directory"] as? String == "/s")
            let level = try #require(options.first { $0["name"] as? String == "logging.level" })
            #expect(level["origin"] as? String == "default" && level["place"] == nil)
        }
    }
}

extension CommandRun {
    /// Runs a line of Bash with words as `$@`.
    fileprivate static func shell(_ line: String, words: [String]) throws -> CommandRun {
        let quoted = words.map { "'\($0)'" }.joined(separator: " ")
        return try shell("set -- \(quoted); \(line)")
    }
}
