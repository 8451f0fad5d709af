import Foundation
import HubModel
import HubStorage
import LogSamples
import Testing

/// `agenthub log` on logs that are there, missing, damaged, or something else.
@Suite struct LogCommandTests {
    private let directory = TemporaryDirectory()
    private var log: String { directory["log"] }

    private func sample() throws -> SampleLog {
        let sample = try SampleLog(log)
        try sample.write(blocks: 4, recordsPerBlock: 25)
        try sample.log.checkpoint(state: nil, now: sample.now)
        try sample.writeOddities()
        return sample
    }

    @Test("a directory without a log ends with code 3 and a sentence", arguments: ["stats", "check", "dump"])
    func nothing(command: String) throws {
        let missing = try CommandRun.agenthub("log", command, directory["none"])
        #expect(missing.code == 3 && missing.output == "")
        #expect(
            missing.complaint
                == "agenthub: there is no log in \(directory["none"]): check the path, or start the hub to make one\n"
        )
        _ = FileManager.default.createFile(atPath: directory["notes.txt"], contents: Data("x".utf8))
        let other = try CommandRun.agenthub("log", command, directory.path)
        #expect(other.code == 3 && other.complaint.contains("not an AgentHub log"))
        try FileManager.default.createDirectory(atPath: log, withIntermediateDirectories: false)
        _ = FileManager.default.createFile(
            atPath: directory["log/data.mdb"], contents: Data(repeating: 7, count: 1 << 16))
        let garbage = try CommandRun.agenthub("log", command, log)
        #expect(garbage.code == 3 && garbage.complaint.contains("not an AgentHub log"))
    }

    @Test("numbers come as a table and as JSON") func stats() throws {
        let sample = try sample()
        let table = try CommandRun.agenthub("log", "stats", log)
        #expect(table.code == 0 && table.complaint == "")
        #expect(table.output.contains("  epoch             \(sample.log.reader.bounds.epoch)\n"))
        let json = try CommandRun.agenthub("log", "stats", "--json", log).object()
        #expect(json["head"] as? UInt64 == sample.log.reader.bounds.head.rawValue)
        #expect(json["records"] as? UInt64 == sample.log.reader.bounds.head.rawValue)
        #expect((json["names"] as? [String: Int])?["consumers"] == 1)
        #expect(json["oldest"] as? String == SampleLog.beginning.description)
    }

    @Test("a whole log is found whole") func check() throws {
        _ = try sample()
        let plain = try CommandRun.agenthub("log", "check", log)
        #expect(plain.code == 0 && plain.complaint == "")
        #expect(plain.output.hasPrefix("The log is whole."))
        let json = try CommandRun.agenthub("log", "check", "--json", log).object()
        #expect(json["clean"] as? Bool == true)
    }

    @Test("a file that was cut short or overwritten ends with code 4") func damage() throws {
        do { _ = try sample().write(blocks: 200, recordsPerBlock: 50) }
        let file = directory["log/data.mdb"]
        let whole = try Data(contentsOf: URL(fileURLWithPath: file))
        try whole.prefix(64 << 10).write(to: URL(fileURLWithPath: file))
        let cut = try CommandRun.agenthub("log", "check", log)
        #expect(cut.code == 4 && cut.complaint.contains("shorter than it must be"))
        // Pages of every kind become noise: whatever LMDB makes of it, the answer is a sentence and code 4.
        for start in [8 << 10, 64 << 10, 1 << 20] {
            var noisy = whole
            for position in start..<min(start + (256 << 10), whole.count) {
                noisy[position] = UInt8(truncatingIfNeeded: position &* 37)
            }
            try noisy.write(to: URL(fileURLWithPath: file))
            for command in ["check", "dump", "stats"] {
                let run = try CommandRun.agenthub("log", command, log)
                #expect(
                    command == "check" ? run.code == 4 : [0, 4].contains(run.code),
                    "\(command) \(start): \(run.code) \(run.complaint)")
                #expect(run.code == 0 || command == "dump" || !(run.output + run.complaint).isEmpty)
            }
        }
    }

    @Test("whichever page of the file is lost, a check ends with code 0 or 4") func lostPages() throws {
        do { _ = try sample().write(blocks: 20, recordsPerBlock: 50) }
        let file = directory["log/data.mdb"]
        let whole = try Data(contentsOf: URL(fileURLWithPath: file))
        for page in stride(from: 2, to: 80, by: 3) {
            for byte in [0, 0x5a] as [UInt8] {
                var changed = whole
                for position in page << 12..<(page + 1) << 12 { changed[position] = byte }
                try changed.write(to: URL(fileURLWithPath: file))
                let run = try CommandRun.agenthub("log", "check", log)
                #expect([0, 4].contains(run.code), "page \(page): \(run.code) \(run.complaint)")
            }
        }
    }

    @Test("every line of a dump is JSON, whatever was sent") func dump() throws {
        let sample = try sample()
        let run = try CommandRun.agenthub("log", "dump", log)
        #expect(run.code == 0 && run.complaint == "")
        let lines = try run.lines()
        #expect(lines.count == Int(sample.log.reader.bounds.head.rawValue))
        #expect(lines.compactMap { $0["offset"] as? Int } == Array(0..<lines.count))
        #expect(lines.contains { $0["data_base64"] as? String == "AAEC/v8=" })
        #expect(lines.contains { ($0["data"] as? [String: Int]) == ["pretty": 1] })
        #expect(
            lines.contains {
                $0["to"] as? String == "quote\"back\\slash" && $0["kind"] as? String == "session_open"
            } || lines.contains { $0["kind"] as? String == "session_open" })
        let tool = try CommandRun.shell(
            "set -o pipefail; \"$agenthub\" log dump \"$log\" | python3 -m json.tool --json-lines > /dev/null",
            environment: ["log": log])
        #expect(tool.code == 0, "\(tool.complaint)")
    }

    @Test("records are chosen by session, topic, agent, position and time") func selection() throws {
        let sample = try sample()
        let reader = sample.log.reader
        func lines(_ words: String) throws -> [[String: Any]] {
            let run = try CommandRun.shell(
                "\"$agenthub\" log dump \(words) \"$log\"", environment: ["log": log])
            #expect(run.code == 0, "\(run.complaint)")
            return try run.lines()
        }
        let all = try lines("")
        let session = all.filter { $0["session"] as? String == "session-3" }
        #expect(!session.isEmpty)
        #expect(try lines("-s session-3").compactMap { $0["sequence"] as? Int } == Array(1...session.count))
        #expect(try lines("-s session-3 --from 2 -n 2").compactMap { $0["sequence"] as? Int } == [2, 3])
        #expect(try lines("-s session-3 -r -n 1").compactMap { $0["sequence"] as? Int } == [session.count])
        let topics = all.compactMap { $0["topic"] as? String }.filter { $0.hasPrefix("jobs.") }
        #expect(try lines("-t 'jobs.>'").compactMap { $0["topic"] as? String } == topics)
        #expect(try lines("-t 'jobs.*.new' --tenant acme").count == topics.count)
        #expect(try lines("-a agent-1").allSatisfy { $0["to"] as? String == "agent-1" })
        #expect(try !lines("-c worker").isEmpty)
        let time = try #require(all[40]["time"] as? String)
        #expect(try lines("--since \(time)").compactMap { $0["offset"] as? Int } == Array(40..<all.count))
        #expect(try lines("--until \(time)").compactMap { $0["offset"] as? Int } == Array(0..<40))
        #expect(try lines("--since 2001-01-01 --until 2002-01-01").isEmpty)
        let sessionTimes = session.filter { ($0["time"] as? String ?? "") >= time }
        #expect(try lines("-s session-3 --since \(time)").count == sessionTimes.count)
        #expect(try lines("-s session-3 -r --since \(time)").count == sessionTimes.count)
        #expect(
            try lines("-r -n 3").compactMap { $0["offset"] as? UInt64 }
                == (1...3).map { reader.bounds.head.rawValue - $0 })
        let absent = try CommandRun.agenthub("log", "dump", "-s", "nobody", log)
        #expect(absent.code == 3 && absent.complaint == "agenthub: the log knows no session \"nobody\"\n")
    }

    @Test("what retention removed shows as a gap") func gaps() throws {
        var options = LogOptions(growthBytes: 1 << 20)
        options.retention = RetentionPolicy(log: RetentionLimits(records: 50))
        options.checkpoint = CheckpointPolicy(intervalMilliseconds: 1)
        let sample = try SampleLog(log, options: options)
        try sample.write(blocks: 10, recordsPerBlock: 20)
        while try sample.log.maintain(now: sample.now.adding(milliseconds: 10)) {}
        // One gap, however many pages it takes to find out.
        let session = try CommandRun.agenthub("log", "dump", "-s", "session-1", log).lines()
        #expect(session.filter { $0["gap"] != nil }.count == 1 && session.first?["gap"] != nil)
        let start = Int(sample.log.reader.bounds.start.rawValue)
        let forward = try CommandRun.agenthub("log", "dump", log).lines()
        let gap = try #require(forward.first?["gap"] as? [String: Any])
        #expect(start > 0 && gap["through"] as? Int == start - 1 && gap["reason"] as? String == "retention")
        #expect(forward.dropFirst().first?["offset"] as? Int == start)
        #expect(try CommandRun.agenthub("log", "dump", "-r", log).lines().last?["gap"] != nil)
    }

    @Test("a reader that has enough ends a dump without noise") func head() throws {
        let sample = try SampleLog(log)
        try sample.write(blocks: 50, recordsPerBlock: 100)
        let run = try CommandRun.shell(
            "set -o pipefail; \"$agenthub\" log dump \"$log\" | head -n 1", environment: ["log": log])
        #expect(run.code == 0 && run.complaint == "")
        #expect(try run.lines().count == 1)
        let full = try CommandRun.shell(
            "\"$agenthub\" log dump \"$log\" > /dev/full", environment: ["log": log])
        #expect(
            full.code == 1
                && full.complaint == "agenthub: write to standard output: No space left on device\n")
    }

    @Test("a log is copied while it is written to, and goes on in a new epoch") func backup() throws {
        let sample = try sample()
        let made = try CommandRun.agenthub("log", "backup", "--json", log, directory["backup"])
        #expect(made.code == 0 && made.complaint == "")
        let head = sample.log.reader.bounds.head
        #expect(try made.object()["head"] as? UInt64 == head.rawValue)
        #expect(try CommandRun.agenthub("log", "check", directory["backup"]).code == 0)
        let again = try CommandRun.agenthub("log", "backup", log, directory["backup"])
        #expect(again.code == 3 && again.complaint.contains("is not empty"))
        let busy = try CommandRun.agenthub("log", "restore", directory["backup"], log)
        #expect(busy.code == 3 && busy.complaint.contains("another process is writing"))
        let restored = try CommandRun.agenthub("log", "restore", directory["backup"], directory["restored"])
        #expect(restored.code == 0 && restored.output.hasPrefix("Restored "))
        let other = try SampleLog(directory["restored"])
        #expect(other.log.reader.bounds.epoch != sample.log.reader.bounds.epoch)
        #expect(other.log.reader.bounds.head == head)
        try other.write(blocks: 2, recordsPerBlock: 10)
        #expect(try CommandRun.agenthub("log", "check", directory["restored"]).code == 0)
    }

    @Test("a log whose lock file may not be written is read, unless a hub writes to it") func unnoticed()
        throws
    {
        // Only a user who is not root is refused anything.
        let user = "setpriv --reuid=65534 --regid=65534 --clear-groups"
        guard try CommandRun.shell("\(user) \"$agenthub\" version").code == 0, geteuid() == 0 else { return }
        var open: SampleLog? = try sample()
        _ = try CommandRun.shell(
            "chmod 755 \"$root\" \"$root/log\"; chmod 644 \"$root\"/log/*",
            environment: ["root": directory.path])
        let line = "\(user) \"$agenthub\" log check \"$log\""
        let busy = try CommandRun.shell(line, environment: ["log": log])
        #expect(busy.code == 3 && busy.complaint.contains("the right to write lock.mdb"))
        open = nil
        let quiet = try CommandRun.shell(line, environment: ["log": log])
        #expect(quiet.code == 0, "\(quiet.complaint)")
        _ = open
    }
}
