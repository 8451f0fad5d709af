import HubBytes
import HubModel

/// The payload of a `delivery` record: what a consumer was given since its last one. First deliveries are offsets in
/// ranges, as most of them follow each other; what came again is listed with its attempt, what is held back for a
/// paused session or connection with its session.
struct DeliveryRecord: Equatable {
    /// Offsets that follow each other and were delivered for the first time.
    struct Stretch: Equatable {
        var from: Offset
        var count: Int
    }

    /// One message that was delivered again, or late, at its first attempt.
    struct Repeat: Equatable {
        let offset: Offset
        let attempt: Int
    }

    /// One message that was kept back.
    struct Held: Equatable {
        let offset: Offset
        let session: NameID
        /// Whether nothing holds it but those of its session before it.
        let isDue: Bool
    }

    private static let version: UInt64 = 1
    /// Deliveries that one record lists at most; more make several.
    static let countMax = 1 << 16

    /// Which life of the consumer it is about.
    let era: Offset
    /// Up to where the consumer has been given all that it wants.
    var cursor: Offset
    private(set) var stretches: [Stretch] = []
    private(set) var repeats: [Repeat] = []
    private(set) var held: [Held] = []
    private(set) var count = 0

    init(era: Offset, cursor: Offset) {
        self.era = era
        self.cursor = cursor
    }

    /// Whether nothing was delivered, though the cursor may have moved.
    var isEmpty: Bool { count == 0 }

    /// Adds a first delivery, which must lie behind all before it.
    mutating func addFirst(_ offset: Offset) {
        count += 1
        let last = stretches.count - 1
        if last >= 0, stretches[last].from.advanced(by: stretches[last].count) == offset {
            stretches[last].count += 1
        } else {
            precondition(last < 0 || stretches[last].from.advanced(by: stretches[last].count) < offset)
            stretches.append(Stretch(from: offset, count: 1))
        }
        cursor = max(cursor, offset.next)
    }

    /// Adds a message that was delivered again.
    mutating func addRepeat(_ offset: Offset, attempt: Int) {
        count += 1
        repeats.append(Repeat(offset: offset, attempt: attempt))
    }

    /// Adds a message that is kept back.
    mutating func addHeld(_ offset: Offset, session: NameID, isDue: Bool) {
        count += 1
        held.append(Held(offset: offset, session: session, isDue: isDue))
        cursor = max(cursor, offset.next)
    }

    /// Takes out as much as fits into one record and leaves the rest, with all memory.
    mutating func takePart(atMost most: Int = Self.countMax) -> DeliveryRecord {
        var part = DeliveryRecord(era: era, cursor: cursor)
        guard count > most else {
            swap(&part, &self)
            return part
        }
        var room = most
        var whole = 0
        while whole < stretches.count, room > 0 {
            let taken = min(room, stretches[whole].count)
            part.stretches.append(Stretch(from: stretches[whole].from, count: taken))
            room -= taken
            guard taken == stretches[whole].count else {
                stretches[whole].from = stretches[whole].from.advanced(by: taken)
                stretches[whole].count -= taken
                break
            }
            whole += 1
        }
        stretches.removeFirst(whole)
        part.repeats = Array(repeats.prefix(room))
        repeats.removeFirst(part.repeats.count)
        part.held = Array(held.prefix(room - part.repeats.count))
        held.removeFirst(part.held.count)
        part.count = most - (room - part.repeats.count - part.held.count)
        count -= part.count
        // The cursor stands behind all that this record and those before it name, and before what the next one adds.
        part.cursor = part.reach
        return part
    }

    /// Behind the last offset that counts as given for the first time.
    private var reach: Offset {
        let last = stretches.last.map { $0.from.advanced(by: $0.count) } ?? .zero
        return max(last, held.last?.offset.next ?? .zero)
    }

    func pack(_ packer: inout NumberPacker) {
        packer.put(Self.version)
        packer.put(era.rawValue)
        packer.put(cursor.rawValue)
        packer.put(UInt64(stretches.count))
        var last: UInt64 = 0
        for stretch in stretches {
            packer.put(stretch.from.rawValue - last)
            packer.put(UInt64(stretch.count))
            last = stretch.from.rawValue + UInt64(stretch.count)
        }
        packer.put(UInt64(repeats.count))
        for again in repeats {
            packer.put(again.offset.rawValue)
            packer.put(UInt64(again.attempt))
        }
        packer.put(UInt64(held.count))
        for kept in held {
            packer.put(kept.offset.rawValue)
            packer.put(UInt64(kept.session.rawValue) << 1 | (kept.isDue ? 1 : 0))
        }
    }

    /// What was packed; nil if the bytes are something else.
    init?(_ payload: RawSpan) {
        var reader = NumberReader(payload)
        guard reader.next() == Self.version else { return nil }
        era = Offset(min(reader.next(), Offset.end.rawValue))
        cursor = Offset(min(reader.next(), Offset.end.rawValue))
        guard readStretches(&reader), readRepeats(&reader), readHeld(&reader), reader.isAtEnd,
            !reader.hasFailed, count <= Self.countMax
        else { return nil }
    }

    private mutating func readStretches(_ reader: inout NumberReader) -> Bool {
        var last: UInt64 = 0
        for _ in 0..<min(reader.next(), UInt64(Self.countMax)) {
            let distance = reader.next()
            let length = reader.next()
            // Nothing is delivered that is not in the log yet, and each offset once.
            guard
                !reader.hasFailed, length > 0, distance <= cursor.rawValue,
                last + distance <= cursor.rawValue,
                length <= cursor.rawValue - last - distance, stretches.isEmpty || distance > 0,
                length <= UInt64(Self.countMax)
            else { return false }
            stretches.append(Stretch(from: Offset(last + distance), count: Int(length)))
            count += Int(length)
            guard count <= Self.countMax else { return false }
            last += distance + length
        }
        return true
    }

    private mutating func readRepeats(_ reader: inout NumberReader) -> Bool {
        for _ in 0..<min(reader.next(), UInt64(Self.countMax)) {
            let offset = reader.next()
            let attempt = reader.next()
            guard !reader.hasFailed, offset < Offset.end.rawValue, attempt <= UInt64(UInt16.max) else {
                return false
            }
            addRepeat(Offset(offset), attempt: Int(attempt))
        }
        return true
    }

    private mutating func readHeld(_ reader: inout NumberReader) -> Bool {
        let known = cursor
        for _ in 0..<min(reader.next(), UInt64(Self.countMax)) {
            let offset = reader.next()
            let session = reader.next()
            guard !reader.hasFailed, offset < known.rawValue, session >> 33 == 0 else { return false }
            addHeld(Offset(offset), session: NameID(UInt32(session >> 1)), isDue: session & 1 == 1)
        }
        return true
    }
}
