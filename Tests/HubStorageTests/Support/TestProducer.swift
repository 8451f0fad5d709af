import HubBytes
import HubModel
import HubStorage

/// A message that a test wants to write.
struct Draft {
    var tenant = "acme"
    var session: String?
    var topic: String?
    var agent: String?
    var kind = MessageKind.message
    var payload = "{}"

    init(session: String? = nil, topic: String? = nil, agent: String? = nil, payload: String = "{}") {
        self.session = session
        self.topic = topic
        self.agent = agent
        self.payload = payload
    }
}

/// What was written, as a reader must find it.
struct WrittenRecord {
    let offset: UInt64
    let sequence: UInt64
    let tenant: NameID
    let session: NameID
    let destination: NameID
    let topic: String?
    let time: Timestamp
    let block: Int
    let bytes: [UInt8]
}

/// A block that was written.
struct WrittenBlock {
    let records: Range<Int>
    let byteCount: Int
    let lastTime: Timestamp
}

/// Does what the router does for a log: gives numbers to names, sessions and records, and packs blocks.
final class TestProducer {
    static let start = Timestamp(microseconds: 1_700_000_000_000_000)

    private var names = NameTable()
    private var sequences: [NameID: UInt64] = [:]
    private var topicTexts: [NameID: String] = [:]
    var time = TestProducer.start
    private(set) var head = Offset.zero
    private(set) var records: [WrittenRecord] = []
    private(set) var blocks: [WrittenBlock] = []

    var nameCount: Int { names.count }

    /// The number of a name that was used before; none if it was not.
    func id(_ kind: NameKind, _ text: String, tenant: String = "acme") -> NameID {
        var owner = NameID.none
        if kind != .tenant { owner = id(.tenant, tenant) }
        return text.withBytes { names.find(NameKey(kind, tenant: owner), $0) } ?? .none
    }

    func session(_ text: String) -> NameID { id(.session, text) }
    func topic(_ text: String) -> NameID { id(.topic, text) }

    private func use(_ kind: NameKind, _ text: String, _ tenant: NameID, _ block: inout Block) -> NameID {
        let key = NameKey(kind, tenant: tenant)
        let bytes = Array(text.utf8)
        let (id, isNew) = bytes.withBytes { names.intern(key, $0) }
        if isNew { bytes.withBytes { block.define(id, key, $0) } }
        if kind == .topic { topicTexts[id] = text }
        return id
    }

    /// Packs drafts into a sealed block without taking note of it.
    private func pack(_ drafts: [Draft], _ change: (inout RecordHeader, Int) -> Void) -> Block {
        var block = Block(firstOffset: head, capacity: 256)
        for (index, draft) in drafts.enumerated() {
            var header = header(draft, &block)
            change(&header, index)
            "id-\(head.rawValue)-\(index)".withBytes { id in
                draft.payload.withBytes { payload in
                    var parts = RecordParts(payload: payload)
                    parts.id = id
                    block.append(header, parts)
                }
            }
        }
        block.seal()
        return block
    }

    /// What a draft's record begins with; the block brings the names that are new.
    func header(_ draft: Draft, _ block: inout Block) -> RecordHeader {
        let tenant = use(.tenant, draft.tenant, .none, &block)
        var header = RecordHeader(draft.kind, time: time, tenant: tenant)
        header.sender = use(.agent, "sender", tenant, &block)
        if let topic = draft.topic { header.destination = use(.topic, topic, tenant, &block) }
        if let agent = draft.agent { header.destination = use(.agent, agent, tenant, &block) }
        if let session = draft.session {
            header.session = use(.session, session, tenant, &block)
            sequences[header.session, default: 0] += 1
            header.sequence = SequenceNumber(sequences[header.session] ?? 0)
        }
        return header
    }

    /// Forgets what was given out for blocks that were not written: names behind those that are in the log, and
    /// numbers in sessions behind those of the records.
    func goBack(toNames count: Int) {
        names.truncate(to: count)
        topicTexts = topicTexts.filter { Int($0.key.rawValue) <= count }
        sequences = [:]
        for record in records where record.session != .none { sequences[record.session] = record.sequence }
    }

    /// Writes drafts as one block, and takes note of it unless the log throws. `change` may break a header,
    /// `look` sees the block as it was written.
    func commit(
        _ drafts: [Draft], to log: any MessageLog, state: consuming StateChanges? = nil,
        change: (inout RecordHeader, Int) -> Void = { _, _ in },
        look: (borrowing BlockView) -> Void = { _ in }
    ) throws(StorageError) {
        let before = names.count
        var block = pack(drafts, change)
        do throws(StorageError) {
            try log.commit(&block, state: state, now: time)
        } catch {
            goBack(toNames: before)
            throw error
        }
        note(block.view)
        look(block.view)
    }

    /// Takes note of a block that was written.
    func note(_ block: borrowing BlockView) {
        let first = records.count
        for index in 0..<block.count {
            let record = block.record(at: index)
            records.append(
                WrittenRecord(
                    offset: record.offset.rawValue, sequence: record.sequence.rawValue, tenant: record.tenant,
                    session: record.session, destination: record.destination,
                    topic: topicTexts[record.destination], time: record.time, block: blocks.count,
                    bytes: record.bytes.array))
        }
        blocks.append(
            WrittenBlock(
                records: first..<records.count, byteCount: block.bytes.byteCount, lastTime: block.lastTime))
        head = block.endOffset
    }
}
