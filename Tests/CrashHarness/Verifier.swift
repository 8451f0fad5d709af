import Glibc
import HubBytes
import HubModel
import HubStorage
import HubSystem
import LogLoad

/// Reads a log after a crash and throws at the first thing that is not as promised.
struct Verifier {
    let shape: LogLoad.Shape
    /// Whether the log may grow while it is looked at.
    var isLive = false
    /// Whether retention was ever on: without it nothing at all may be missing, and the log begins at its beginning.
    var mayMiss = false

    struct Violation: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }

    /// Everything reported committed is there, whole and in order, and nothing that nobody wrote.
    func verify(_ reader: any LogReader, committed: UInt64) throws {
        let bounds = reader.bounds
        guard bounds.head.rawValue >= committed else {
            throw Violation("the log ends at \(bounds.head), \(committed) was reported committed")
        }
        guard mayMiss || bounds.start == .zero else {
            throw Violation("the log begins at \(bounds.start), and nothing was ever to be removed")
        }
        let names = try names(reader)
        var sequences: [NameID: UInt64] = [:]
        var expected = bounds.start.rawValue
        var missing: [Gap] = []
        var query: LogQuery? = .log(from: bounds.start)
        while let next = query {
            let page = try reader.page(next, PageLimit(records: 4096, bytes: 8 << 20))
            try check(page, names, &sequences, &expected)
            missing += page.gaps
            query = page.next
        }
        guard missing.allSatisfy({ mayMiss && $0.reason == .retention }) else {
            throw Violation("missing: \(missing)")
        }
        for (session, last) in sequences {
            try verifySession(reader, session, last: last, from: bounds.start)
        }
    }

    private func names(_ reader: any LogReader) throws -> [NameID: KnownName] {
        var names: [NameID: KnownName] = [:]
        for number in 0..<reader.bounds.names {
            let id = NameID(UInt32(number + 1))
            guard let name = try reader.name(id) else { throw Violation("name \(id) is missing") }
            guard try reader.find(name.key, name.text) == id else {
                throw Violation("name \(name.text) is not found by its text")
            }
            names[id] = name
        }
        return names
    }

    private func check(
        _ page: borrowing LogPage, _ names: [NameID: KnownName], _ sequences: inout [NameID: UInt64],
        _ expected: inout UInt64
    ) throws {
        var scratch = ByteBuffer()
        var gaps = page.gaps[...]
        for index in 0..<page.count {
            let record = page[index]
            let offset = record.offset.rawValue
            while expected < offset, let gap = gaps.first, gap.from == expected {
                expected = gap.through + 1
                gaps.removeFirst()
            }
            guard offset == expected else {
                throw Violation("offset \(expected) is missing, \(offset) is there")
            }
            expected = offset + 1
            try LogLoad.check(record, shape, &scratch)
            guard names[record.session]?.text == "s-\(LogLoad.session(record.offset, shape))" else {
                throw Violation("record \(offset) is in session \(record.session)")
            }
            guard names[record.destination]?.text == "jobs.\(LogLoad.topic(record.offset, shape))",
                names[record.sender]?.text == "load"
            else { throw Violation("record \(offset) is about \(record.destination), from \(record.sender)") }
            if let last = sequences[record.session], record.sequence.rawValue <= last {
                throw Violation("number \(record.sequence) follows \(last) in \(record.session)")
            }
            sequences[record.session] = record.sequence.rawValue
        }
        if let gap = gaps.first, gap.from == expected { expected = gap.through + 1 }
    }

    /// The index finds the same records, and every number is a record or in a gap.
    private func verifySession(
        _ reader: any LogReader, _ session: NameID, last: UInt64, from start: Offset
    ) throws {
        var expected: UInt64 = 1
        var found: UInt64 = 0
        var query: LogQuery? = .session(session)
        while let next = query {
            let page = try reader.page(next, PageLimit())
            guard mayMiss || page.gaps.isEmpty else {
                throw Violation("session \(session) misses \(page.gaps)")
            }
            var gaps = page.gaps[...]
            for index in 0..<page.count {
                let record = page[index]
                while expected < record.sequence.rawValue, let gap = gaps.first, gap.from == expected {
                    expected = gap.through + 1
                    gaps.removeFirst()
                }
                guard record.sequence.rawValue == expected, record.session == session else {
                    throw Violation("session \(session): \(record.sequence) instead of \(expected)")
                }
                expected += 1
                found = record.sequence.rawValue
            }
            if let gap = gaps.first, gap.from == expected { expected = gap.through + 1 }
            query = page.next
        }
        guard found == last || isLive && found > last else {
            throw Violation("session \(session) ends at \(found), not at \(last)")
        }
    }
}
