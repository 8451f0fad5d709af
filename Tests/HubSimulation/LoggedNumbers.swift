import HubBytes
import HubModel

/// The payloads of the router's own records, read by somebody else than the router: seven bits a byte, lowest first.
struct LoggedNumbers: ~Escapable {
    private let bytes: RawSpan
    private var position = 0

    @_lifetime(copy bytes)
    init(_ bytes: RawSpan) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.byteCount }

    mutating func next() throws -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < bytes.byteCount, shift < 64 {
            let byte = bytes.load(position, as: UInt8.self)
            position += 1
            value |= UInt64(byte & 127) << shift
            if byte < 128 { return value }
            shift += 7
        }
        throw Violation(.log, "a record of the router's own is cut short")
    }

    mutating func nextSigned() throws -> Int64 {
        let value = try next()
        return Int64(bitPattern: (value >> 1) ^ (0 &- (value & 1)))
    }
}

/// A `delivery` record as the log has it.
struct DeliveryNote {
    let cursor: Offset
    private(set) var firsts: [Offset] = []
    private(set) var repeats: [(offset: Offset, attempt: Int)] = []

    init(_ payload: RawSpan) throws {
        var numbers = LoggedNumbers(payload)
        cursor = Offset(try numbers.next())
        var last: UInt64 = 0
        for _ in 0..<(try numbers.next()) {
            last += try numbers.next()
            for _ in 0..<(try numbers.next()) {
                firsts.append(Offset(last))
                last += 1
            }
        }
        for _ in 0..<(try numbers.next()) {
            let offset = Offset(try numbers.next())
            repeats.append((offset, Int(try numbers.next())))
        }
        guard numbers.isAtEnd else { throw Violation(.log, "a delivery record has more than it should") }
    }
}

/// A `settlement` record as the log has it.
struct SettlementNote {
    /// Ranges that were acknowledged, both ends included.
    private(set) var acknowledged: [ClosedRange<Offset>] = []

    init(_ payload: RawSpan) throws {
        var numbers = LoggedNumbers(payload)
        var last: Int64 = 0
        for _ in 0..<(try numbers.next()) {
            let from = last + (try numbers.nextSigned())
            last = from + Int64(try numbers.next())
            if try numbers.next() == 0 {
                acknowledged.append(Offset(UInt64(from))...Offset(UInt64(last)))
            }
        }
        guard numbers.isAtEnd else { throw Violation(.log, "a settlement record has more than it should") }
    }
}

/// The annotations of a dead letter as the log has them.
struct DeathNote {
    let consumer: NameID
    let offset: Offset
    let reason: Reason
    let attempts: Int

    enum Reason: UInt64 {
        case attempts = 1
        case given = 2
        case expired = 3
    }

    init(_ annotations: RawSpan) throws {
        var numbers = LoggedNumbers(annotations)
        consumer = NameID(UInt32(try numbers.next()))
        offset = Offset(try numbers.next())
        guard let reason = Reason(rawValue: try numbers.next()) else {
            throw Violation(.log, "a dead letter gives no reason")
        }
        self.reason = reason
        attempts = Int(try numbers.next())
    }
}
