import Glibc
import HubBytes
import HubModel
import HubStorage
import LogSamples
import Testing

/// A check finds nothing in a log that is whole, and finds what is not.
@Suite struct LogCheckTests {
    private let directory = TemporaryDirectory()

    private func sample(_ options: LogOptions = LogOptions(growthBytes: 1 << 20)) throws -> SampleLog {
        try SampleLog(directory["log"], options: options)
    }

    @Test("an empty log is whole") func empty() throws {
        _ = try sample()
        let report = try LogCheck.run(directory["log"])
        #expect(report.isClean && report.records == 0)
    }

    @Test("a log is whole before, across and behind checkpoints") func checkpoints() throws {
        let sample = try sample()
        try sample.write(blocks: 3, recordsPerBlock: 50)
        #expect(try LogCheck.run(directory["log"]).findings == [])
        try sample.log.checkpoint(state: nil, now: sample.now)
        try sample.writeOddities()
        try sample.write(blocks: 5, recordsPerBlock: 20)
        let report = try LogCheck.run(directory["log"])
        #expect(report.findings == [])
        #expect(report.records > 250 && report.head.rawValue == UInt64(report.records))
        try sample.log.checkpoint(state: nil, now: sample.now)
        #expect(try LogCheck.run(directory["log"]).findings == [])
    }

    @Test("an open reader can be checked while its log is written to") func openReader() throws {
        let sample = try sample()
        try sample.write(blocks: 2, recordsPerBlock: 50)
        let reader = try #require(sample.log.reader as? LMDBReader)
        #expect(try LogCheck.run(reader).findings == [])
        try sample.log.checkpoint(state: nil, now: sample.now)
        try sample.write(blocks: 2, recordsPerBlock: 50)
        #expect(try LogCheck.run(reader).findings == [])
        #expect(try LogCheck.run(reader).records == 200)
    }

    @Test("what retention leaves behind is no finding") func retention() throws {
        let rule = RetentionPolicy.TopicRule(try TopicPattern("jobs.>"), RetentionLimits(records: 40))
        var options = LogOptions(growthBytes: 1 << 20)
        options.retention = RetentionPolicy(log: RetentionLimits(records: 12_000), topics: [rule])
        options.checkpoint = CheckpointPolicy(intervalMilliseconds: 5)
        options.retentionBytesPerCall = 1 << 15
        let sample = try sample(options)
        var now = sample.now
        for _ in 0..<60 {
            try sample.write(blocks: 4, recordsPerBlock: 100)
            now = max(now.adding(milliseconds: 1100), sample.now)
            _ = try sample.log.maintain(now: now)
            let report = try LogCheck.run(directory["log"])
            #expect(report.findings == [])
        }
        while try sample.log.maintain(now: now) {}
        let report = try LogCheck.run(directory["log"])
        #expect(report.findings == [])
        #expect(report.records < 20_000)
        let statistics = try LogStatistics(of: LMDBReader.open(directory["log"]))
        #expect(statistics.records == report.records)
        #expect(statistics.blockBytes == report.blockBytes)
        #expect((statistics.sparseBlocks ?? 0) > 0)
    }

    @Test("bytes that changed are found, and what they hit is named") func damage() throws {
        let marker = "needle-in-a-record"
        do {
            let sample = try sample()
            try sample.write(blocks: 2, recordsPerBlock: 20)
            let tenant = sample.name(.tenant, "acme", tenant: .none)
            sample.append(
                RecordHeader(.system, time: sample.now, tenant: tenant), payload: Array(marker.utf8))
            try sample.commit()
            try sample.write(blocks: 2, recordsPerBlock: 20)
            try sample.log.checkpoint(state: nil, now: sample.now)
        }
        #expect(try LogCheck.run(directory["log"]).findings == [])
        try corrupt(directory["log/data.mdb"], at: marker, everywhere: true)
        let report = try LogCheck.run(directory["log"])
        #expect(report.findingCount == 1)
        #expect(report.findings.first?.part == .record)
        #expect(report.findings.first?.offset == Offset(40))
        #expect(report.damaged == [Offset(40)..<Offset(41)])
    }

    @Test("a damaged name, its text and a damaged block header are told apart") func otherDamage() throws {
        do {
            let sample = try sample()
            try sample.write(blocks: 3, recordsPerBlock: 20)
            _ = sample.name(.topic, "unmistakable.topic", tenant: NameID(1))
            try sample.write(blocks: 1, recordsPerBlock: 20)
            try sample.log.checkpoint(state: nil, now: sample.now)
        }
        // In the block that brought it, by number, and by text: whichever come first and last in the file.
        try corrupt(directory["log/data.mdb"], at: "unmistakable.topic")
        let report = try LogCheck.run(directory["log"])
        #expect(!report.isClean)
        #expect(report.findings.allSatisfy { $0.part == .names || $0.part == .block })
        try corrupt(directory["log/data.mdb"], at: "AHB1")
        let more = try LogCheck.run(directory["log"], findingsMax: 1)
        #expect(more.findingCount > 1 && more.findings.count == 1)
        #expect(more.damaged.count == 1)
    }

    @Test("progress goes from nothing to all") func progress() throws {
        let sample = try sample()
        try sample.write(blocks: 20, recordsPerBlock: 50)
        let shares = Shares()
        _ = try LogCheck.run(directory["log"]) { shares.list.append($0) }
        #expect(shares.list.last == 1)
        #expect(shares.list == shares.list.sorted())
        #expect(shares.list.count > 5)
    }

    private final class Shares {
        var list: [Double] = []
    }

    /// Changes a byte of a text in a file, at the first place where it stands or at all of them: LMDB leaves old
    /// copies of pages, and which comes first is a matter of luck. Says how many places there are.
    @discardableResult
    private func corrupt(_ path: String, at text: String, everywhere: Bool = false) throws -> Int {
        let file = try #require(fopen(path, "r+"))
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 64 << 20)
        let count = fread(&bytes, 1, bytes.count, file)
        let wanted = Array(text.utf8)
        let places = (0..<count - wanted.count).filter {
            bytes[$0] == wanted[0] && Array(bytes[$0..<$0 + wanted.count]) == wanted
        }
        try #require(!places.isEmpty)
        for place in everywhere ? places : [places[0]] {
            fseek(file, place + wanted.count / 2, SEEK_SET)
            var changed = bytes[place + wanted.count / 2] ^ 0x01
            fwrite(&changed, 1, 1, file)
        }
        return places.count
    }
}
