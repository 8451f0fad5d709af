import Foundation
import Testing

/// What the README shows in five minutes, with a real hub and real commands.
@Suite struct TourTests {
    @Test("a subscriber that is killed and started again has what it missed, in order, and once")
    func catchesUp() throws {
        let hub = try LiveHub()
        let first = try hub.start("sub", "jobs.>", "--consumer", "workers")
        #expect(first.remarks("Listening to jobs.>"))
        #expect(try hub.run("pub", "jobs.paint", #"{"colour": "red"}"#).code == 0)
        #expect(first.writes("red"))
        first.kill()
        #expect(try hub.run("pub", "jobs.paint", #"{"colour": "green"}"#).code == 0)
        #expect(try hub.run("pub", "jobs.wash", #"{"item": "brush"}"#).code == 0)
        let second = try hub.start("sub", "jobs.>", "--consumer", "workers", "--json")
        #expect(second.writes("brush"), "\(second.remarks)")
        #expect(second.interrupt() == 0)
        let topics = try lines(second.text).map { $0["topic"] as? String }
        // The first one was shown; whether its acknowledgement was out when the subscriber died is not for it to say.
        #expect(topics.suffix(2) == ["jobs.paint", "jobs.wash"])
        let third = try hub.start("sub", "jobs.>", "--consumer", "workers", "--json")
        #expect(third.remarks("Listening"))
        #expect(try hub.run("pub", "jobs.rest", "1").code == 0)
        #expect(third.writes("jobs.rest"))
        #expect(try lines(third.text).count == 1)
    }

    @Test("a command is answered by a shell, and what fails there fails for who asked")
    func commands() throws {
        let hub = try LiveHub()
        let painter = try hub.start(
            "respond", "--as", "painter",
            #"echo "{\"did\": \"$AGENTHUB_COMMAND\", \"with\": $(cat)}"; [ "$AGENTHUB_COMMAND" != spill ]"#)
        #expect(painter.remarks("Answering commands to painter"))
        let answer = try hub.run("command", "painter", "mix", #"{"colours": ["red", "green"]}"#)
        #expect(answer.code == 0, "\(answer.complaint)")
        #expect(answer.output == "{\"did\": \"mix\", \"with\": {\"colours\":[\"red\",\"green\"]}}\n")
        let failed = try hub.run("command", "painter", "spill", "--json")
        #expect(failed.code == 1)
        #expect(try failed.object()["status"] as? String == "failed")
        #expect(painter.interrupt() == 0)
        let late = try hub.run("command", "painter", "mix", "--timeout", "0.3")
        #expect(late.code == 6)
        #expect(late.complaint.contains("the hub says failed: timeout"))
    }

    @Test("a replay shows a session or topics again, from where it is asked to, and changes nothing")
    func replays() throws {
        let hub = try LiveHub()
        let sent = try hub.shell(#"printf 'one\n{"two": 2}\nthree\n' | "$agenthub" pub notes.a --json"#)
        #expect(sent.code == 0, "\(sent.complaint)")
        #expect(try sent.lines().map { $0["seq"] as? Int } == [1, 2, 3])
        let all = try hub.run("replay", "--topic", "notes.>", "--json")
        #expect(try all.lines().map { $0["seq"] as? Int } == [1, 2, 3])
        let some = try hub.run("replay", "topic:notes.a", "--from", "2", "--speed", "original", "--json")
        #expect(try some.lines().map { $0["seq"] as? Int } == [2, 3])
        #expect(try some.lines().last?["data"] as? String == "three")
        let none = try hub.run("replay", "--topic", "nothing.here")
        #expect(none.code == 0)
        #expect(none.output.isEmpty)
    }

    @Test(
        "the operator sees topics, consumers, agents and a message's life, and moves, pauses and deletes a consumer"
    )
    func operates() throws {
        let hub = try LiveHub()
        #expect(try hub.run("pub", "news.a", "1", "--json").code == 0)
        let read = try hub.run(
            "sub", "news.>", "--consumer", "reader", "--from", "all", "-n", "1", "--json", "--as", "anna")
        let offset = try #require(try read.object()["offset"] as? Int)
        #expect(try hub.run("topics", "--json").object()["topic"] as? String == "news.a")
        #expect(try hub.run("consumers", "list", "--json").object()["name"] as? String == "reader")
        let life = try hub.run("message", "\(offset)", "--json").object()
        let events = (life["life"] as? [[String: Any]])?.compactMap { $0["event"] as? String } ?? []
        #expect(events.first == "taken")
        #expect(try hub.run("state", "--json").object()["consumers"] != nil)
        #expect(
            try hub.run("agents", "online", "--json").lines().contains { $0["agent"] as? String == "anna" })
        #expect(
            try hub.run("consumers", "pause", "reader", "--json").object()["state"] as? String == "paused")
        #expect(try hub.run("consumers", "resume", "reader").output.hasPrefix("reader goes on at "))
        #expect(try hub.run("consumers", "move", "reader", "all", "--json").code == 0)
        let again = try hub.run("sub", "news.>", "--consumer", "reader", "-n", "1", "--json", "--as", "anna")
        #expect(try again.object()["offset"] as? Int == offset)
        #expect(try hub.run("consumers", "delete", "reader").code == 0)
        let gone = try hub.run("consumers", "show", "reader")
        #expect(gone.code == 3)
        #expect(gone.complaint.contains("unknown_consumer"))
    }

    @Test("what is given up is a dead letter, which is shown, brought back and dropped")
    func deadLetters() throws {
        let hub = try LiveHub()
        #expect(try hub.run("pub", "work.a", #"{"n": 7}"#).code == 0)
        // A letter is written while somebody is there for its consumer, so the subscriber stays until it is.
        let giveUp = #"""
            printf t | "$agenthub" sub 'work.>' --consumer w --from all --ack explicit & subscriber=$!
            until [ -n "$("$agenthub" dead list --json)" ]; do sleep 0.1; done
            kill -TERM $subscriber; wait $subscriber
            """#
        let given = try hub.shell(giveUp)
        #expect(given.code == 0, "\(given.complaint)")
        let letter = try hub.run("dead", "list", "--json").object()
        let offset = try #require(letter["offset"] as? Int)
        #expect(letter["reason"] as? String == "terminated")
        #expect(try hub.run("dead", "show", "\(offset)").output.contains("given up by hand"))
        #expect(try hub.run("dead", "redrive", "\(offset)").output == "Brought back 1 dead letter.\n")
        let again = try hub.shell(giveUp)
        #expect(again.output.contains(#"{"n": 7}"#))
        #expect(
            try hub.run("dead", "drop", "--all", "--consumer", "w").output == "Dropped 1 dead letter.\n")
        #expect(try hub.run("dead", "list").complaint == "There are none.\n")
    }

    @Test("the benchmark counts what it sent and what came, and its percentiles are in order")
    func measures() throws {
        let hub = try LiveHub()
        let run = try hub.run("bench", "-n", "500", "-w", "50", "--consumer", "--json")
        #expect(run.code == 0, "\(run.complaint)")
        for part in ["published", "received"] {
            let series = try #require(try run.object()[part] as? [String: Any])
            #expect(series["messages"] as? Int == 500)
            let times = ["p50_ms", "p90_ms", "p99_ms", "p999_ms", "max_ms"].compactMap {
                series[$0] as? Double
            }
            #expect(times.count == 5)
            #expect(times == times.sorted())
        }
    }

    @Test("the hub's own state and an agent's are told and kept")
    func status() throws {
        let hub = try LiveHub()
        let state = try hub.run("status", "--json")
        #expect(state.code == 0, "\(state.complaint)")
        #expect(try state.object()["status"] as? String == "ready")
        let told = try hub.run("status", "busy", "--as", "worker-1", "--task", "resize", "--progress", "0.4")
        #expect(told.code == 0, "\(told.complaint)")
        let worker = try hub.run("agents", "online", "--json").lines().first {
            $0["agent"] as? String == "worker-1"
        }
        let status = try #require(worker?["status"] as? [String: Any])
        #expect(status["status"] as? String == "busy")
        #expect(status["current_task"] as? String == "resize")
        #expect(status["progress"] as? Double == 0.4)
    }

    @Test("a hub with TLS is spoken to by all commands that trust its authority, and by no other")
    func secure() throws {
        let hub = try LiveHub(withTLS: true)
        #expect(hub.url.hasPrefix("wss://"))
        #expect(try hub.run("pub", "a", "1").code == 0)
        #expect(try hub.run("topics", "--json").object()["topic"] as? String == "a")
        #expect(try hub.run("top", "--once").code == 0)
        for words in [["pub", "a", "1"], ["topics"]] {
            let run = try CommandRun.agenthub(
                words, environment: hub.environment.merging(["AGENTHUB_CA": ""]) { _, new in new })
            #expect(run.code == 3)
            #expect(run.complaint.contains("certificate is refused"), "\(run.complaint)")
            #expect(!run.complaint.contains("agenthub serve"))
        }
    }

    @Test("a hub that wants credentials takes a token's agent, and says what to show to who has none")
    func tokens() throws {
        let hub = try LiveHub(
            preparing: #""$agenthub" tokens add worker-1 --data "$folder/data" > "$folder/token""#)
        let token = try String(contentsOf: hub.folder.appendingPathComponent("token"), encoding: .utf8)
            .trimmingCharacters(in: .newlines)
        for words in [["pub", "a", "1"], ["topics"]] {
            let nobody = try hub.run(words)
            #expect(nobody.code == 5)
            #expect(nobody.complaint.contains("--token"), "\(nobody.complaint)")
        }
        #expect(try hub.run(["pub", "a", "1", "--token", token]).code == 0)
        let seen = try hub.run(["sub", "a", "--from", "all", "-n", "1", "--json", "--token", token])
        #expect(try seen.object()["from"] as? String == "worker-1")
        let other = try hub.run(["pub", "a", "1", "--token", token, "--as", "worker-2"])
        #expect(other.code == 5)
        #expect(other.complaint.contains("forbidden"))
        #expect(try hub.run(["topics", "--token", token]).complaint.contains("may not do topics.read"))
    }

    private func lines(_ text: String) throws -> [[String: Any]] {
        try text.split(separator: "\n").map {
            try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:]
        }
    }
}
