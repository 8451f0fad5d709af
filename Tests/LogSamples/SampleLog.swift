import HubBytes
package import HubModel
package import HubStorage
import HubSystem
import Randomness

/// Writes logs whose content follows from a number, as a hub would: names with the block that first uses them,
/// numbers of sessions without gaps, time that does not go back.
package final class SampleLog {
    /// The log that is written to.
    package let log: LMDBLog
    /// What time it is in the log.
    package private(set) var now: Timestamp
    private let names: NameCell
    private var sequences: [NameID: UInt64] = [:]
    private var generator: SplitMix64
    private var block = Block()

    private final class NameCell {
        var table = NameTable()
    }

    /// When sample logs begin.
    package static let beginning = Timestamp(microseconds: 1_780_000_000_000_000)

    /// Makes a log, or goes on with one that this type made.
    package init(_ path: String, options: LogOptions = LogOptions(growthBytes: 1 << 20), seed: UInt64 = 1)
        throws
    {
        generator = SplitMix64(seed: seed)
        log = try LMDBLog.open(path, options: options, now: Self.beginning)
        let reader = log.reader
        now = max(reader.bounds.lastTime, Self.beginning)
        names = NameCell()
        for number in 0..<reader.bounds.names {
            guard let known = try reader.name(NameID(UInt32(number + 1))) else { continue }
            let key = known.key
            known.text.withBytes { _ = names.table.intern(key, $0) }
            if key.kind == .session { sequences[known.id] = try reader.extent(of: known.id).last }
        }
        block.reset(firstOffset: reader.bounds.head)
    }

    /// The number of a name, with the open block bringing it if it is new.
    package func name(_ kind: NameKind, _ text: String, tenant: NameID) -> NameID {
        let key = NameKey(kind, tenant: tenant)
        return text.withBytes { bytes in
            let (id, isNew) = names.table.intern(key, bytes)
            if isNew { block.define(id, key, bytes) }
            return id
        }
    }

    /// Appends a record to the open block.
    package func append(_ header: RecordHeader, id: String = "", payload: [UInt8], annotations: [UInt8] = [])
    {
        var header = header
        header.time = now
        if header.session != .none {
            sequences[header.session, default: 0] += 1
            header.sequence = SequenceNumber(sequences[header.session] ?? 0)
        }
        let idBytes = Array(id.utf8)
        var parts = RecordParts(payload: payload.span.bytes)
        parts.id = idBytes.span.bytes
        parts.annotations = annotations.span.bytes
        block.append(header, parts)
        now = Timestamp(microseconds: now.microseconds + 137)
    }

    /// Commits the open block.
    package func commit(state: consuming StateChanges? = nil) throws {
        block.seal()
        try log.commit(&block, state: state, now: now)
        block.reset(firstOffset: log.reader.bounds.head)
    }

    /// Blocks of messages between `agents` agents on `topics` topics and in `sessions` sessions.
    package func write(
        blocks: Int, recordsPerBlock: Int, agents: Int = 5, topics: Int = 7, sessions: Int = 11,
        payloadBytes: Int = 40
    ) throws {
        for _ in 0..<blocks {
            let tenant = name(.tenant, "acme", tenant: .none)
            for number in 0..<recordsPerBlock {
                var header = RecordHeader(.message, time: now, tenant: tenant)
                header.sender = name(.agent, "agent-\(random(agents))", tenant: tenant)
                header.session = name(.session, "session-\(random(sessions))", tenant: tenant)
                header.destination =
                    random(4) == 0
                    ? name(.agent, "agent-\(random(agents))", tenant: tenant)
                    : name(.topic, "jobs.kind\(random(topics)).new", tenant: tenant)
                let text = String(repeating: "x", count: payloadBytes)
                append(
                    header, id: "m\(number)", payload: Array("{\"n\": \(number), \"text\": \"\(text)\"}".utf8)
                )
            }
            try commit()
        }
    }

    /// A block with one record of every kind and every sort of payload.
    package func writeOddities() throws {
        let tenant = name(.tenant, "acme", tenant: .none)
        let agent = name(.agent, "did:example:\u{e9}t\u{e9}", tenant: tenant)
        let other = name(.agent, "quote\"back\\slash", tenant: tenant)
        let session = name(.session, "dm:a:b", tenant: tenant)
        let topic = name(.topic, "odd.things", tenant: tenant)
        let consumer = name(.consumer, "worker", tenant: tenant)
        for (index, kind) in MessageKind.allCases.enumerated() {
            var header = RecordHeader(kind, time: now, tenant: tenant)
            header.sender = index % 3 == 0 ? .none : agent
            header.session = index % 2 == 0 ? session : .none
            header.destination = [topic, other, consumer, .none][index % 4]
            header.dialect = UInt8(index % 3)
            header.flags = index % 5 == 0 ? [.retained, .late] : []
            header.expiry = index % 4 == 1 ? now.adding(milliseconds: 5000) : .none
            let payload = Self.payloads[index % Self.payloads.count]
            append(
                header, id: "id\(index)", payload: payload,
                annotations: index % 6 == 1 ? Array("{\"sig\":[1]}".utf8) : [])
        }
        for payload in Self.payloads {
            append(RecordHeader(.system, time: now, tenant: tenant), payload: payload)
        }
        append(RecordHeader(.system, time: now, tenant: tenant), payload: [], annotations: [0, 255, 7])
        try commit()
    }

    /// JSON of all sorts, and what looks like it and is not.
    private static let payloads: [[UInt8]] = [
        Array("{\"a\":[1,2.5e3,true,null,\"\\u00e9\\n\"]}".utf8), Array("{\r\n \"pretty\": 1\n}".utf8),
        Array("".utf8),
        Array("not JSON".utf8), [0, 1, 2, 254, 255], Array("\"\u{e9}\u{1f600}\"".utf8), [0x22, 0xff, 0x22],
        Array("NaN".utf8), Array("[1,]".utf8), Array("12345678901234567890".utf8),
        Array("\"tab\tinside\"".utf8),
        Array((String(repeating: "[", count: 64) + String(repeating: "]", count: 64)).utf8),
    ]

    private func random(_ bound: Int) -> Int { generator.below(bound) }
}
