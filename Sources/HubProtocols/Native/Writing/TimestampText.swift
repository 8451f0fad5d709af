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
