import HubBytes
import HubModel

/// A part of the logged state that is written to the checkpoint by itself.
enum StateKey: Hashable {
    /// The last sequence number of a session.
    case sequence(NameID)
    /// A session opened by name.
    case session(NameID)
    /// A consumer.
    case consumer(NameID)
    /// An agent.
    case agent(NameID)
    /// A command that waits for its answer.
    case command(LoggedState.CommandKey)
    /// The last retained message of a topic.
    case retained(NameID)

    private var tag: UInt8 {
        switch self {
        case .sequence: 1
        case .session: 2
        case .consumer: 3
        case .agent: 4
        case .command: 5
        case .retained: 6
        }
    }

    /// The key as bytes: a tag, then a number in big-endian order or a command's tenant and id.
    var bytes: ByteBuffer {
        var buffer = ByteBuffer(capacity: 64)
        buffer.append(tag)
        switch self {
        case .sequence(let id), .session(let id), .consumer(let id), .agent(let id), .retained(let id):
            buffer.append(id.rawValue.byteSwapped)
        case .command(let key):
            buffer.append(key.tenant.rawValue.byteSwapped)
            key.id.withBytes { buffer.append($0) }
        }
        return buffer
    }

    /// The key that has these bytes; nil if none has.
    init?(_ bytes: RawSpan) {
        guard bytes.byteCount >= 5 else { return nil }
        let id = NameID(bytes.load(1, as: UInt32.self).byteSwapped)
        let tag = bytes.load(0, as: UInt8.self)
        // Only a command's key has more than a number: others would be two keys for one part.
        guard tag == 5 || bytes.byteCount == 5 else { return nil }
        switch tag {
        case 1: self = .sequence(id)
        case 2: self = .session(id)
        case 3: self = .consumer(id)
        case 4: self = .agent(id)
        case 5:
            self = .command(
                LoggedState.CommandKey(tenant: id, id: bytes.extracting(5..<bytes.byteCount).array))
        case 6: self = .retained(id)
        default: return nil
        }
    }

    /// The number that every key has, and what a command's has behind it.
    private var parts: (number: NameID, id: [UInt8]) {
        switch self {
        case .sequence(let id), .session(let id), .consumer(let id), .agent(let id), .retained(let id):
            (id, [])
        case .command(let key): (key.tenant, key.id)
        }
    }

    /// The order in which parts are written and listed: that of their bytes, told without making these.
    func comes(before other: StateKey) -> Bool {
        if tag != other.tag { return tag < other.tag }
        let (left, right) = (parts, other.parts)
        if left.number != right.number { return left.number < right.number }
        return left.id.lexicographicallyPrecedes(right.id)
    }
}
