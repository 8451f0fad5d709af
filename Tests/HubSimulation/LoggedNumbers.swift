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

    /// Payloads begin with the version of their form.
    mutating func passVersion() throws {
        guard try next() == 1 else {
            throw Violation(.log, "a record of the router's own is of another version")
        }
    }

    mutating func nextSigned() throws -> Int64 {
        let value = try next()
        return Int64(bitPattern: (value >> 1) ^ (0 &- (value & 1)))
    }
}

/// A `delivery` record as the log has it.
struct DeliveryNote {
    let era: Offset
    let cursor: Offset
    private(set) var firsts: [Offset] = []
    private(set) var repeats: [(offset: Offset, attempt: Int)] = []
    /// What is kept back for later.
    private(set) var held: [Offset] = []

    init(_ payload: RawSpan) throws {
        var numbers = LoggedNumbers(payload)
        try numbers.passVersion()
        era = Offset(try numbers.next())
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
        for _ in 0..<(try numbers.next()) {
            held.append(Offset(try numbers.next()))
            _ = try numbers.next()
        }
        guard numbers.isAtEnd else { throw Violation(.log, "a delivery record has more than it should") }
    }
}

/// A `settlement` record as the log has it.
struct SettlementNote {
    /// What was said that changes where messages are.
    enum Verdict: UInt64 {
        case acknowledged = 0
        /// An operator wants it once more.
        case revived = 5
        /// Nobody had it and nobody needs it any more.
        case dropped = 6
    }

    let era: Offset
    /// Verdicts on ranges, both ends included.
    private(set) var verdicts: [(verdict: Verdict, range: ClosedRange<Offset>)] = []

    init(_ payload: RawSpan) throws {
        var numbers = LoggedNumbers(payload)
        try numbers.passVersion()
        era = Offset(try numbers.next())
        var last: Int64 = 0
        for _ in 0..<(try numbers.next()) {
            let from = last + (try numbers.nextSigned())
            last = from + Int64(try numbers.next())
            if let verdict = Verdict(rawValue: try numbers.next()) {
                verdicts.append((verdict, Offset(UInt64(from))...Offset(UInt64(last))))
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
        try numbers.passVersion()
        consumer = NameID(UInt32(try numbers.next()))
        offset = Offset(try numbers.next())
        guard let reason = Reason(rawValue: try numbers.next()) else {
            throw Violation(.log, "a dead letter gives no reason")
        }
        self.reason = reason
        attempts = Int(try numbers.next())
    }
}
