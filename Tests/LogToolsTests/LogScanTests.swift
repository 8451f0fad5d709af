import HubModel
import HubStorage
import LogSamples
import Testing

/// Reading across holes that retention left.
@Suite struct LogScanTests {
    @Test("a read that ends inside a hole ends", .timeLimit(.minutes(1))) func endInHole() throws {
        let directory = TemporaryDirectory()
        let rule = RetentionPolicy.TopicRule(try TopicPattern("busy"), RetentionLimits(records: 100))
        var options = LogOptions(growthBytes: 1 << 20)
        options.retention = RetentionPolicy(topics: [rule])
        let sample = try SampleLog(directory["log"], options: options)
        for _ in 0..<2 {
            try sample.write(blocks: 1, recordsPerBlock: 10, topics: 1)
            let tenant = sample.name(.tenant, "acme", tenant: .none)
            for _ in 0..<300 {
                var header = RecordHeader(.message, time: sample.now, tenant: tenant)
                header.destination = sample.name(.topic, "busy", tenant: tenant)
                sample.append(header, payload: Array("{}".utf8))
            }
            try sample.commit()
            try sample.log.checkpoint(state: nil, now: sample.now)
        }
        let reader = sample.log.reader
        while try sample.log.maintain(now: sample.now) {}
        for direction in [LogQuery.Direction.forward, .backward] {
            var query: LogQuery? = .log(from: Offset(5), to: Offset(200), direction)
            var offsets: [UInt64] = []
            var gaps: [Gap] = []
            while let wanted = query {
                let page = try reader.page(wanted, PageLimit(records: 3))
                for index in 0..<page.count {
                    let record = page[index]
                    offsets.append(record.offset.rawValue)
                }
                gaps += page.gaps
                query = page.next
            }
            #expect(offsets == (direction == .forward ? Array(5..<10) : (5..<10).reversed()))
            #expect(gaps == [Gap(from: 10, through: 199, .retention)])
        }
    }
}
