import HubBytes
import HubModel

/// The payload of a `delivery` record: what a consumer was given since its last one. First deliveries are offsets in
/// ranges, as most of them follow each other; what came again is listed with its attempt.
struct DeliveryRecord: Equatable {
    /// Offsets that follow each other and were delivered for the first time.
    struct Stretch: Equatable {
        var from: Offset
        var count: Int
    }

    /// One message that was delivered again.
    struct Repeat: Equatable {
        let offset: Offset
        let attempt: Int
    }

    /// Up to where the consumer has been given all that it wants.
    var cursor: Offset
    private(set) var stretches: [Stretch] = []
    private(set) var repeats: [Repeat] = []
    private(set) var count = 0

    init(cursor: Offset) { self.cursor = cursor }

    /// Whether nothing was delivered, though the cursor may have moved.
    var isEmpty: Bool { count == 0 }

    /// Adds a first delivery, which must lie behind all before it.
    mutating func addFirst(_ offset: Offset) {
        count += 1
        if let last = stretches.last, last.from.advanced(by: last.count) == offset {
            stretches[stretches.count - 1].count += 1
        } else {
            precondition(stretches.last.map { $0.from.advanced(by: $0.count) < offset } ?? true)
            stretches.append(Stretch(from: offset, count: 1))
        }
        cursor = max(cursor, offset.next)
    }

    /// Adds a message that was delivered again.
    mutating func addRepeat(_ offset: Offset, attempt: Int) {
        count += 1
        repeats.append(Repeat(offset: offset, attempt: attempt))
    }

    func pack(_ packer: inout NumberPacker) {
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
    }

    /// What was packed; nil if the bytes are something else.
    init?(_ payload: RawSpan) {
        var reader = NumberReader(payload)
        cursor = Offset(min(reader.next(), Offset.end.rawValue))
        guard readStretches(&reader), readRepeats(&reader), reader.isAtEnd, !reader.hasFailed else {
            return nil
        }
    }

    private mutating func readStretches(_ reader: inout NumberReader) -> Bool {
        var last: UInt64 = 0
        for _ in 0..<min(reader.next(), UInt64(Limits.blockRecordsMax)) {
            let distance = reader.next()
            let length = reader.next()
            // Nothing is delivered that is not in the log yet, and each offset once.
            guard
                !reader.hasFailed, length > 0, distance <= cursor.rawValue,
                last + distance <= cursor.rawValue,
                length <= cursor.rawValue - last - distance, stretches.isEmpty || distance > 0
            else { return false }
            stretches.append(Stretch(from: Offset(last + distance), count: Int(length)))
            count += Int(length)
            guard count <= Limits.blockRecordsMax else { return false }
            last += distance + length
        }
        return true
    }

    private mutating func readRepeats(_ reader: inout NumberReader) -> Bool {
        for _ in 0..<min(reader.next(), UInt64(Limits.blockRecordsMax)) {
            let offset = reader.next()
            let attempt = reader.next()
            guard !reader.hasFailed, offset < cursor.rawValue, attempt <= 1_000_000 else { return false }
            addRepeat(Offset(offset), attempt: Int(attempt))
        }
        return true
    }
}
