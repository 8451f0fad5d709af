import Foundation
import HubClient
import HubProtocols
import Testing

@testable import agenthub

/// What the commands for a hub take, and what they say where there is no hub.
@Suite struct HubCommandTests {
    private static let nowhere = ["AGENTHUB_URL": "ws://127.0.0.1:1", "XDG_CONFIG_HOME": "/nonexistent"]

    @Test(
        "a wrong call ends with code 2 and says what would be right, before a hub is looked for",
        arguments: [
            (["pub"], "TOPIC is missing: the topic, or --to AGENT"),
            (["pub", "a", "b", "c"], "unexpected argument \"c\""),
            (["pub", "--to", "anna", "x", "y"], "unexpected argument \"y\""),
            (["pub", "a", "-n", "3"], "--count repeats DATA, which is not given"),
            (["pub", "a", "x", "-n", "0"], "--count takes a whole number from 1 up, not \"0\""),
            (
                ["pub", "a", "x", "--id", "m", "-n", "2"],
                "--id is for one message: the hub takes one id once"
            ),
            (
                ["pub", "a", "x", "--durability", "paper"],
                "--durability takes fsynced, memory or replicated, not \"paper\""
            ),
            (["pub", "a", "x", "--ttl", "0"], "--ttl takes a whole number from 1 up, not \"0\""),
            (["sub"], "what to subscribe to: TOPIC, or --inbox, and not both"),
            (["sub", "a", "--inbox"], "what to subscribe to: TOPIC, or --inbox, and not both"),
            (["sub", "a", "--group"], "--group needs a consumer to share: --consumer NAME"),
            (["sub", "a", "--sticky"], "--sticky is for groups: --group"),
            (["sub", "a", "--ack", "never"], "--ack takes auto or explicit, not \"never\""),
            (
                ["sub", "a", "--from", "yesterday"],
                "--from takes an offset or a time such as 2026-11-20T10:18, not \"yesterday\""
            ),
            (["command", "anna"], "COMMAND is missing: what is to be done"),
            (
                ["command", "anna", "x", "--timeout", "soon"],
                "--timeout takes seconds, 0.001 at least, not \"soon\""
            ),
            (["respond"], "SHELL is missing: a line for /bin/sh"),
            (["replay"], "what to replay: SESSION, or --topic TOPIC, and not both"),
            (
                ["replay", "s", "--speed", "fast"],
                "--speed takes instant, original, or a number such as 10, not \"fast\""
            ),
            (["message", "first"], "OFFSET is a whole number, not \"first\""),
            (["dead", "redrive"], "which dead letters: OFFSET, or --all, and not both"),
            (["dead", "drop", "7", "--all"], "which dead letters: OFFSET, or --all, and not both"),
            (["consumers", "move", "w", "back"], "PLACE is new, all or an offset, not \"back\""),
            (["status", "--task", "x"], "--task goes with a status: agenthub status WORD"),
            (["status", "busy", "--progress", "2"], "--progress takes a number from 0 to 1, not \"2\""),
            (
                ["bench", "-w", "100000"],
                "at most 100000000 messages, a window of 90000, and 16777216 bytes each"
            ),
            (
                ["pub", "a", "x", "--url", "ftp://h"],
                "\"ftp://h\" is no URL of a hub: it begins with ws://, wss://, http:// or unix:"
            ),
            (
                ["context", "add", "a b", "ws://h"],
                "\"a b\" is no name: letters, digits, -, _ and . are, 64 of them at the most"
            ),
        ])
    func wrongCalls(words: [String], sentence: String) throws {
        let run = try CommandRun.agenthub(words, environment: Self.nowhere)
        #expect(run.code == 2)
        #expect(run.complaint.hasPrefix("agenthub: \(sentence)\n"), "\(run.complaint)")
        #expect(run.output.isEmpty)
    }

    @Test(
        "without a hub a command ends with code 3 and says how to start one",
        arguments: [
            ["pub", "a", "x"], ["sub", "a"], ["command", "anna", "x"], ["respond", "cat"], ["replay", "s"],
            ["status"], ["topics"], ["sessions"], ["consumers", "list"], ["dead", "list"], ["message", "1"],
            ["state"], ["agents", "online"], ["bench"],
        ])
    func noHub(words: [String]) throws {
        let run = try CommandRun.agenthub(words, environment: Self.nowhere)
        #expect(run.code == 3)
        #expect(run.complaint.contains("'agenthub serve'"), "\(run.complaint)")
        #expect(run.output.isEmpty)
    }

    @Test(
        "contexts are kept in a file for their owner alone; one of them is used, and its token is not shown")
    func contexts() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let environment = ["XDG_CONFIG_HOME": folder.path, "AGENTHUB_URL": "", "AGENTHUB_CONTEXT": ""]
        func run(_ words: String...) throws -> CommandRun {
            try CommandRun.agenthub(words, environment: environment)
        }
        #expect(try run("context", "add", "near", "ws://127.0.0.1:1").output.contains("and is used"))
        #expect(
            try run("context", "add", "far", "https://h.example", "--token", "top-secret", "--ca", "/ca.pem")
                .code
                == 0)
        let file = folder.appendingPathComponent("agenthub/contexts.json").path
        let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let list = try run("context", "list", "--json")
        #expect(!list.output.contains("top-secret"))
        #expect(try list.lines().map { $0["url"] as? String } == ["wss://h.example", "ws://127.0.0.1:1"])
        #expect(try list.lines().map { $0["is_used"] as? Bool } == [false, true])
        #expect(try run("context", "use", "far").code == 0)
        #expect(try run("context", "remove", "far").code == 0)
        #expect(try run("context", "use", "far").code == 3)
        #expect(try run("topics", "--context", "far").complaint.contains("there is no context far"))
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
        let exposed = try run("context", "list")
        #expect(exposed.code == 3)
        #expect(exposed.complaint.contains("can be read by others"))
    }

    @Test("a file of contexts goes through JSON unchanged, and what cannot be meant is left out of it")
    func contextFile() throws {
        var file = ContextFile()
        file.current = "a"
        file.contexts = [
            "a": NamedContext(url: "ws://a"),
            "b": NamedContext(url: "wss://b", token: "t", authorityFile: "/c"),
        ]
        #expect(ContextFile(file.json) == file)
        let odd: JSONValue = ["current": 7, "contexts": ["x y": ["url": "ws://a"], "c": ["token": "t"]]]
        #expect(ContextFile(odd) == ContextFile())
    }

    @Test(
        "a command for the shell is taken apart into its name and its arguments",
        arguments: [
            (#"{"command":"mix","args":{"a": 1}}"#, "mix", #"{"a":1}"#),
            (#"{"command":"mix"}"#, "mix", "null"), (#"{"task":"mix"}"#, "", #"{"task":"mix"}"#),
            (#""mix""#, "", #""mix""#), ("", "", ""),
        ])
    func commandParts(data: String, name: String, arguments: String) {
        let parts = Responder.parts(of: Array(data.utf8))
        #expect(parts.name == name)
        #expect(String(decoding: parts.arguments, as: UTF8.self) == arguments)
    }

    @Test(
        "a speed is a word or a number of times",
        arguments: [
            ("instant", ReplaySpeed.instant), ("original", .original), ("10", .times(10)),
            ("0.5x", .times(0.5)),
        ])
    func speeds(text: String, speed: ReplaySpeed) throws {
        #expect(try ReplayWish.speed(text) == speed)
    }

    @Test(
        "what somebody else wrote cannot give orders to a terminal, and is cut where a line would be too long"
    )
    func printable() {
        #expect(MessageLine.printable("a\u{1b}[31m\nb\u{9b}", lengthMax: 40) == "a [31m b ")
        #expect(MessageLine.printable("abcdef", lengthMax: 3) == "abc…")
        #expect(MessageLine.clock(1_000_000 * 3661 + 42_000) == "01:01:01.042")
    }

    @Test("percentiles are the times that a share of the messages did not exceed")
    func percentiles() {
        let series = BenchSeries(nanoseconds: (1...1000).map { $0 * 1_000_000 }.reversed(), seconds: 2)
        #expect(series.percentiles([0.5, 0.99, 0.999, 1]) == [500, 990, 999, 1000])
        #expect(series.perSecond == 500)
        #expect(BenchSeries(nanoseconds: [], seconds: 0).percentiles([0.5]) == [0])
        #expect(BenchReport.milliseconds(0.0634) == "0.063")
        #expect(BenchReport.milliseconds(12.5) == "12.500")
    }

    @Test(
        "the time that a message of the benchmark left is read out of its data",
        arguments: [1, 99, UInt64.max])
    func benchTimes(time: UInt64) {
        #expect(BenchPlan.time(in: Array(#"{"t":\#(time),"x":"xx"}"#.utf8)) == time)
    }

    @Test("a part of a path is encoded whatever is in it")
    func encoding() {
        #expect(HubInterface.encoded("dm:anna:bob/ä?") == "dm%3Aanna%3Abob%2F%C3%A4%3F")
    }
}
