package import HubBytes
package import HubModel
package import HubStorage

/// A load of records whose every byte follows from a seed and their offset, so that whoever reads the log can tell
/// whether a record is what was written, and where it belongs.
package struct LogLoad: ~Copyable {
    /// What the records look like.
    package struct Shape: Sendable {
        /// Sessions that the records are spread over.
        package var sessions: Int
        /// Topics that the records are spread over.
        package var topics: Int
        /// Bytes of each payload.
        package var payloadBytes: Int
        /// Makes one load differ from another.
        package var seed: UInt64

        /// A shape; the defaults are the reference workload.
        package init(sessions: Int = 1000, topics: Int = 100, payloadBytes: Int = 256, seed: UInt64 = 1) {
            self.sessions = sessions
            self.topics = topics
            self.payloadBytes = payloadBytes
            self.seed = seed
        }
    }

    /// What the records look like.
    package let shape: Shape
    private var names = NameTable()
    private var nextSequence: [UInt64]
    private var payload: ByteBuffer
    private var id = ByteBuffer(capacity: 64)
    /// By a session's number in the shape: its name's number, none until it is first used.
    private var sessionNames: [NameID]
    private var topicNames: [NameID]
    private var tenant = NameID.none
    private var sender = NameID.none
    private var lastTime = Timestamp.none

    /// A load that begins with an empty log.
    package init(_ shape: Shape = Shape()) {
        self.shape = shape
        nextSequence = Array(repeating: 1, count: shape.sessions)
        sessionNames = Array(repeating: .none, count: shape.sessions)
        topicNames = Array(repeating: .none, count: shape.topics)
        payload = ByteBuffer(capacity: shape.payloadBytes)
    }

    /// Goes on where a log ends that this load began: its names and its sessions' numbers are read from it.
    package mutating func resume(_ reader: any LogReader) throws {
        let bounds = reader.bounds
        lastTime = bounds.lastTime
        for number in 1...max(bounds.names, 1) where number <= bounds.names {
            guard let name = try reader.name(NameID(UInt32(number))) else { continue }
            let (id, _) = name.text.withBytes { names.intern(name.key, $0) }
            precondition(id == name.id)
            switch name.key.kind {
            case .tenant: tenant = id
            case .agent: sender = id
            case .session: sessionNames[try index(of: name.text)] = id
            case .topic: topicNames[try index(of: name.text)] = id
            case .consumer: break
            }
            if name.key.kind == .session {
                nextSequence[try index(of: name.text)] = try reader.extent(of: id).last + 1
            }
        }
    }

    private func index(of name: String) throws -> Int {
        guard let digits = name.split(whereSeparator: { $0 == "-" || $0 == "." }).last,
            let index = Int(digits)
        else { throw Mismatch("name \(name) is none of this load's") }
        return index
    }

    /// Appends records to a block, at the offsets that it gives them.
    package mutating func append(_ count: Int, to block: inout Block, now: Timestamp) {
        lastTime = max(lastTime, now)
        if tenant == .none {
            tenant = name(.tenant, "default", &block)
            sender = name(.agent, "load", &block)
        }
        for _ in 0..<count { append(to: &block) }
    }

    private mutating func append(to block: inout Block) {
        let offset = block.nextOffset.rawValue
        let random = Self.mix(offset, shape.seed)
        let session = Int(truncatingIfNeeded: random >> 8) & Int.max % shape.sessions
        let topic = Int(truncatingIfNeeded: random >> 32) & Int.max % shape.topics
        if sessionNames[session] == .none { sessionNames[session] = name(.session, "s-\(session)", &block) }
        if topicNames[topic] == .none { topicNames[topic] = name(.topic, "jobs.\(topic)", &block) }
        var header = RecordHeader(.message, time: lastTime, tenant: tenant)
        header.session = sessionNames[session]
        header.sequence = SequenceNumber(nextSequence[session])
        header.sender = sender
        header.destination = topicNames[topic]
        nextSequence[session] &+= 1
        Self.fill(&payload, shape, offset: offset)
        id.removeAll()
        id.append("m-0000" as StaticString)
        id.append(offset)
        var parts = RecordParts(payload: payload.bytes)
        parts.id = id.bytes
        block.append(header, parts)
    }

    private mutating func name(_ kind: NameKind, _ text: String, _ block: inout Block) -> NameID {
        let key = NameKey(kind, tenant: kind == .tenant ? .none : tenant)
        let (id, isNew) = text.withBytes { names.intern(key, $0) }
        if isNew { text.withBytes { block.define(id, key, $0) } }
        return id
    }

    static func mix(_ offset: UInt64, _ seed: UInt64) -> UInt64 {
        var value = offset &* 0x9e37_79b9_7f4a_7c15 &+ seed
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }

    /// A payload that looks like JSON text and differs from offset to offset.
    static func fill(_ payload: inout ByteBuffer, _ shape: Shape, offset: UInt64) {
        payload.removeAll()
        let random = mix(offset, shape.seed)
        // Eight letters at a time, from the random number's bits.
        let letters = (random & 0x0f0f_0f0f_0f0f_0f0f) | 0x6060_6060_6060_6060
        payload.write(upTo: shape.payloadBytes + 16) { writer in
            var written = 0
            while written &+ 8 <= shape.payloadBytes {
                writer.put(written == 0 ? random : letters &+ UInt64(written))
                written &+= 8
            }
            while written < shape.payloadBytes {
                writer.put(UInt8(truncatingIfNeeded: random))
                written &+= 1
            }
        }
    }

    /// Throws unless a record is the one that this load writes at its offset.
    package static func check(_ record: RecordView, _ shape: Shape, _ scratch: inout ByteBuffer) throws {
        fill(&scratch, shape, offset: record.offset.rawValue)
        guard record.payload.equals(scratch.bytes) else {
            throw Mismatch("the payload at \(record.offset) is not what was written there")
        }
        scratch.removeAll()
        scratch.append("m-0000" as StaticString)
        scratch.append(record.offset.rawValue)
        guard record.id.equals(scratch.bytes), record.kind == .message else {
            throw Mismatch("id or kind at \(record.offset) is not what was written there")
        }
    }

    /// Which session of the shape the record at an offset belongs to.
    package static func session(_ offset: Offset, _ shape: Shape) -> Int {
        Int(truncatingIfNeeded: mix(offset.rawValue, shape.seed) >> 8) & Int.max % shape.sessions
    }

    /// Which topic of the shape the record at an offset is about.
    package static func topic(_ offset: Offset, _ shape: Shape) -> Int {
        Int(truncatingIfNeeded: mix(offset.rawValue, shape.seed) >> 32) & Int.max % shape.topics
    }

    /// A record that is not what was written.
    package struct Mismatch: Error, CustomStringConvertible {
        /// What was found.
        package let description: String
        init(_ description: String) { self.description = description }
    }
}
