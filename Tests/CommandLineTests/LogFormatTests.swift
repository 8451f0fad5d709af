import Foundation
import HubModel
import HubStorage
import LogSamples
import Testing

/// The page about the format is true: a reader written from it reads what the program reads.
///
/// Needs a Python with the package `lmdb`, in `AGENTHUB_PYTHON`; `Tests/LogFormat/compare.sh` sees to it.
@Suite struct LogFormatTests {
    private static let python = ProcessInfo.processInfo.environment["AGENTHUB_PYTHON"]
    private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("LogFormat/compare.sh").path

    @Test("a reader written from the page about the format reads the same", .enabled(if: python != nil))
    func compare() throws {
        let directory = TemporaryDirectory()
        let rule = RetentionPolicy.TopicRule(try TopicPattern("jobs.>"), RetentionLimits(records: 10))
        var options = LogOptions(growthBytes: 1 << 20)
        options.retention = RetentionPolicy(log: RetentionLimits(records: 3000), topics: [rule])
        options.checkpoint = CheckpointPolicy(intervalMilliseconds: 5)
        let sample = try SampleLog(directory["log"], options: options)
        var now = sample.now
        for _ in 0..<30 {
            try sample.writeOddities()
            try sample.write(blocks: 4, recordsPerBlock: 100)
            now = max(now.adding(milliseconds: 1100), sample.now)
            while try sample.log.maintain(now: now) {}
        }
        try sample.writeOddities()
        let statistics = try LogStatistics(of: LMDBReader.open(directory["log"]))
        #expect((statistics.sparseBlocks ?? 0) > 0 && statistics.start > .zero)
        let run = try CommandRun.shell(
            "\"$script\" \"$agenthub\" \"$log\"",
            environment: ["script": Self.script, "log": directory["log"]])
        #expect(run.code == 0, "\(run.complaint)")
        #expect(run.output.hasSuffix("lines are the same\n"))
    }
}
