import HubModel
import HubStorage

/// What the plain-array model found wrong.
struct Violation: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// What a log must and may hold, worked out from all that was ever written.
struct LogModel {
    /// By record: whether some policy in force at some `maintain` has allowed to remove it.
    private(set) var mayBeGone: [Bool] = []
    /// The router's checkpoint.
    private(set) var state: [[UInt8]: [UInt8]] = [:]
    private(set) var stateAppliedTo = Offset.zero

    mutating func grow(to count: Int) {
        mayBeGone.append(contentsOf: repeatElement(false, count: count - mayBeGone.count))
    }

    mutating func apply(_ changes: [(key: [UInt8], value: [UInt8]?)], appliedTo: Offset) {
        for change in changes { state[change.key] = change.value }
        stateAppliedTo = max(stateAppliedTo, appliedTo)
    }

    // MARK: Retention

    /// Notes what `maintain` may remove.
    mutating func retain(_ policy: RetentionPolicy, _ producer: TestProducer, now: Timestamp) {
        retainLog(policy.log, producer, now)
        retainTopics(policy.topics, producer, now)
    }

    private mutating func retainLog(_ limits: RetentionLimits, _ producer: TestProducer, _ now: Timestamp) {
        var records = 0
        var bytes = 0
        for (index, block) in producer.blocks.enumerated().reversed() {
            if index + 1 < producer.blocks.count, isOver(limits, records, bytes, block.lastTime, now) {
                for record in block.records { mayBeGone[record] = true }
            }
            records += block.records.count
            bytes += block.byteCount
        }
    }

    private mutating func retainTopics(
        _ rules: [RetentionPolicy.TopicRule], _ producer: TestProducer, _ now: Timestamp
    ) {
        var newer: [NameID: (records: Int, bytes: Int)] = [:]
        for (index, record) in producer.records.enumerated().reversed() {
            guard let topic = record.topic,
                let rule = rules.first(where: { $0.pattern.matches(TopicName(unchecked: topic)) })
            else { continue }
            let behind = newer[record.destination] ?? (0, 0)
            if isOver(rule.limits, behind.records, behind.bytes, record.time, now) { mayBeGone[index] = true }
            newer[record.destination] = (behind.records + 1, behind.bytes + record.bytes.count)
        }
    }

    private func isOver(
        _ limits: RetentionLimits, _ records: Int, _ bytes: Int, _ time: Timestamp, _ now: Timestamp
    ) -> Bool {
        if let most = limits.records, records >= most { return true }
        if let most = limits.bytes, bytes >= most { return true }
        if let age = limits.ageMilliseconds, time < now.adding(milliseconds: -age) { return true }
        return false
    }

    // MARK: Reading

    /// The records that a query is about, in its own positions and in the order asked for.
    func wanted(_ query: LogQuery, _ producer: TestProducer) -> [(position: UInt64, index: Int)] {
        var found: [(position: UInt64, index: Int)] = []
        for (index, record) in producer.records.enumerated() {
            var position = record.offset
            switch query.source {
            case .log: break
            case .session(let id):
                guard record.session == id else { continue }
                position = record.sequence
            case .destination(let id): guard record.destination == id else { continue }
            case .topics(let patterns, let tenant):
                guard let topic = record.topic, record.tenant == tenant,
                    patterns.contains(where: { $0.matches(TopicName(unchecked: topic)) })
                else { continue }
            }
            if position >= query.from, position < query.to { found.append((position, index)) }
        }
        return query.direction == .forward ? found : found.reversed()
    }

    /// Holds what was read to what was written.
    func check(_ reading: Reading, _ query: LogQuery, _ producer: TestProducer) throws(Violation) {
        let wanted = wanted(query, producer)
        var next = 0
        var missing: Set<UInt64> = []
        for row in reading.rows {
            while next < wanted.count, wanted[next].position != row.position {
                try noteMissing(wanted[next], &missing)
                next += 1
            }
            guard next < wanted.count else {
                throw Violation("\(row.position) is not wanted, or not in order")
            }
            guard row.bytes == producer.records[wanted[next].index].bytes else {
                throw Violation("\(row.position) has other bytes than were written")
            }
            next += 1
        }
        while next < wanted.count {
            try noteMissing(wanted[next], &missing)
            next += 1
        }
        try checkGaps(reading, query, missing)
    }

    private func noteMissing(
        _ record: (position: UInt64, index: Int), _ missing: inout Set<UInt64>
    ) throws(Violation) {
        guard mayBeGone[record.index] else {
            throw Violation("\(record.position) is missing, and no limit allows that")
        }
        missing.insert(record.position)
    }

    private func checkGaps(_ reading: Reading, _ query: LogQuery, _ missing: Set<UInt64>) throws(Violation) {
        var covered: Set<UInt64> = []
        for gap in reading.gaps {
            guard gap.reason == .retention else { throw Violation("gap \(gap), but nothing is damaged") }
            guard gap.from <= gap.through, gap.from >= query.from, gap.through < query.to else {
                throw Violation("gap \(gap) is outside of what was asked for")
            }
            guard gap.through <= UInt64(mayBeGone.count) else {
                throw Violation("gap \(gap) is behind the end")
            }
            covered.formUnion(gap.from...gap.through)
        }
        guard missing.isSubset(of: covered) else {
            throw Violation("no gap explains \(missing.subtracting(covered).sorted())")
        }
        guard covered.isDisjoint(with: reading.positions) else {
            throw Violation("gaps \(reading.gaps) cover records that are there")
        }
        switch query.source {
        case .log, .session:
            guard covered == missing else {
                throw Violation(
                    "gaps \(reading.gaps) cover \(covered.subtracting(missing).sorted()) needlessly")
            }
        case .destination, .topics: break
        }
    }
}
