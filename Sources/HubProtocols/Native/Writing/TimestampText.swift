import HubBytes
import HubModel

extension ByteBuffer {
    /// Appends a moment in ISO 8601, in UTC and with microseconds, as `Timestamp.description` has it.
    mutating func append(_ time: Timestamp) {
        let microseconds = time.microseconds
        // From 1970 to the end of the year 9999: four digits for the year, no sign.
        guard microseconds >= 0, microseconds < 253_402_300_800_000_000 else {
            return append(utf8: time.description)
        }
        let seconds = UInt64(microseconds) / 1_000_000
        let (year, month, day) = Self.civil(seconds / 86_400)
        let inDay = seconds % 86_400
        let date = Decimal.eight(year * 10_000 + month * 100 + day) | Decimal.zeros
        let clock = Decimal.eight(inDay / 3600 * 10_000 + inDay / 60 % 60 * 100 + inDay % 60) | Decimal.zeros
        let fraction = Decimal.eight(UInt64(microseconds) % 1_000_000) | Decimal.zeros
        write(upTo: 27) { writer in
            writer.put(UInt32(truncatingIfNeeded: date))
            writer.put(UInt8(ascii: "-"))
            writer.put(UInt16(truncatingIfNeeded: date >> 32))
            writer.put(UInt8(ascii: "-"))
            writer.put(UInt16(truncatingIfNeeded: date >> 48))
            writer.put(UInt8(ascii: "T"))
            // Of eight digits the last six.
            writer.put(UInt16(truncatingIfNeeded: clock >> 16))
            writer.put(UInt8(ascii: ":"))
            writer.put(UInt16(truncatingIfNeeded: clock >> 32))
            writer.put(UInt8(ascii: ":"))
            writer.put(UInt16(truncatingIfNeeded: clock >> 48))
            writer.put(UInt8(ascii: "."))
            writer.put(UInt16(truncatingIfNeeded: fraction >> 16))
            writer.put(UInt32(truncatingIfNeeded: fraction >> 32))
            writer.put(UInt8(ascii: "Z"))
        }
    }

    /// The Gregorian date of a day number, in cycles of 400 years that begin in March.
    private static func civil(_ days: UInt64) -> (year: UInt64, month: UInt64, day: UInt64) {
        let shifted = days + 719_468
        let dayOfCycle = shifted % 146_097
        let yearOfCycle =
            (dayOfCycle - dayOfCycle / 1460 + dayOfCycle / 36_524 - dayOfCycle / 146_096) / 365
        let dayOfYear = dayOfCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = shifted / 146_097 * 400 + yearOfCycle + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }
}

/// Moments in the one form that the hub writes.
enum TimestampText {
    /// The moment that 27 bytes at a place mean, as in `2026-11-20T10:18:54.000123Z`; nil if they have another form.
    static func parse(_ text: RawSpan, _ start: Int) -> Timestamp? {
        func digits(_ place: Int, _ count: Int) -> Int64? {
            var value: Int64 = 0
            var index = start &+ place
            while index < start &+ place &+ count {
                let digit = text.load(index, as: UInt8.self) &- UInt8(ascii: "0")
                guard digit < 10 else { return nil }
                value = value &* 10 &+ Int64(digit)
                index &+= 1
            }
            return value
        }
        // The marks between the digits: "-" and "-" behind the year and the month, "T", ":", ":", "." and "Z".
        let date = text.load(start &+ 4, as: UInt32.self) & 0xff00_00ff
        let hour = text.load(start &+ 10, as: UInt32.self) & 0xff00_00ff
        let second = text.load(start &+ 16, as: UInt32.self) & 0xff00_00ff
        guard date == 0x2d00_002d, hour == 0x3a00_0054, second == 0x2e00_003a,
            text.load(start &+ 26, as: UInt8.self) == UInt8(ascii: "Z"),
            let year = digits(0, 4), let month = digits(5, 2), let day = digits(8, 2), year >= 1970,
            (1...12).contains(month), (1...28).contains(day) || Timestamp.exists(year, month, day),
            let hours = digits(11, 2), let minutes = digits(14, 2), let seconds = digits(17, 2), hours < 24,
            minutes < 60, seconds < 60, let fraction = digits(20, 6)
        else { return nil }
        let days = Timestamp.days(year, month, day)
        return Timestamp(
            microseconds: ((days * 24 + hours) * 60 + minutes) * 60_000_000 + seconds * 1_000_000 + fraction)
    }
}

extension Timestamp {
    fileprivate static func exists(_ year: Int64, _ month: Int64, _ day: Int64) -> Bool {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let last: Int64 = month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
        return (1...last).contains(day)
    }

    /// The day number of a Gregorian date from 1970 on.
    fileprivate static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let yearOfCycle = shifted % 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return shifted / 400 * 146_097 + yearOfCycle * 365 + yearOfCycle / 4 - yearOfCycle / 100 + dayOfYear
            - 719_468
    }
}
