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
    /// A command, by where it is.
    case command(Offset)
    /// The last retained message of a topic.
    case retained(NameID)
    /// Who holds back what of a session.
    case pause(NameID)
    /// The last message of a topic.
    case lastMessage(NameID)
    /// From where on the window of ids is made again.
    case windowStart

    private var tag: UInt8 {
        switch self {
        case .sequence: 1
        case .session: 2
        case .consumer: 3
        case .agent: 4
        case .command: 5
        case .retained: 6
        case .pause: 7
        case .lastMessage: 8
        case .windowStart: 9
        }
    }

    private var number: UInt64 {
        switch self {
        case .sequence(let id), .session(let id), .consumer(let id), .agent(let id), .retained(let id),
            .pause(let id), .lastMessage(let id):
            UInt64(id.rawValue)
        case .command(let offset): offset.rawValue
        case .windowStart: 0
        }
    }

    /// The name that it is about; none for what is about none.
    var name: NameID {
        switch self {
        case .command, .windowStart: .none
        default: NameID(UInt32(truncatingIfNeeded: number))
        }
    }

    /// The order in which parts are written and listed: that of their bytes.
    var order: (UInt8, UInt64) { (tag, number) }

    /// The key as bytes: a tag, then a number in big-endian order.
    var bytes: ByteBuffer {
        var buffer = ByteBuffer(capacity: 64)
        buffer.append(tag)
        buffer.append(number.byteSwapped)
        return buffer
    }

    /// The key that has these bytes; nil if none has.
    init?(_ bytes: RawSpan) {
        guard bytes.byteCount == 9 else { return nil }
        let number = bytes.load(1, as: UInt64.self).byteSwapped
        let tag = bytes.load(0, as: UInt8.self)
        guard tag == 5 ? number <= Offset.end.rawValue : number <= UInt64(UInt32.max) else { return nil }
        let id = NameID(UInt32(truncatingIfNeeded: number))
        switch tag {
        case 1: self = .sequence(id)
        case 2: self = .session(id)
        case 3: self = .consumer(id)
        case 4: self = .agent(id)
        case 5: self = .command(Offset(number))
        case 6: self = .retained(id)
        case 7: self = .pause(id)
        case 8: self = .lastMessage(id)
        case 9 where number == 0: self = .windowStart
        default: return nil
        }
    }
}
