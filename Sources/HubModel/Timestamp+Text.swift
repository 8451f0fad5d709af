extension Timestamp {
    /// A moment from ISO 8601: `2026-11-20`, `2026-11-20T10:18`, with seconds and up to six digits of their
    /// fraction if wanted, and `Z` or an offset such as `+02:00` behind a time; without either it is UTC. Nil for
    /// anything else.
    package init?(text: String) {
        var reader = DigitReader(text)
        guard
            let year = reader.number(4), reader.skip("-"), let month = reader.number(2), reader.skip("-"),
            let day = reader.number(2), (1...12).contains(month),
            (1...Self.days(inMonth: month, of: year)).contains(day)
        else { return nil }
        var microseconds = Self.daysSince1970(year, month, day) * 86_400_000_000
        if !reader.isAtEnd {
            guard reader.skip("T") || reader.skip("t") || reader.skip(" "), let time = Self.time(&reader),
                let zone = Self.zone(&reader), reader.isAtEnd
            else { return nil }
            microseconds += time - zone
        }
        self.init(microseconds: microseconds)
    }

    private static func time(_ reader: inout DigitReader) -> Int64? {
        guard
            let hour = reader.number(2), reader.skip(":"), let minute = reader.number(2), hour < 24,
            minute < 60
        else { return nil }
        var time = (hour * 60 + minute) * 60_000_000
        guard reader.skip(":") else { return time }
        guard let second = reader.number(2), second < 60 else { return nil }
        time += second * 1_000_000
        guard reader.skip(".") else { return time }
        guard let fraction = reader.fraction() else { return nil }
        return time + fraction
    }

    private static func zone(_ reader: inout DigitReader) -> Int64? {
        if reader.isAtEnd || reader.skip("Z") || reader.skip("z") { return 0 }
        let sign: Int64 = reader.skip("+") ? 1 : -1
        guard sign == 1 || reader.skip("-") else { return nil }
        guard
            let hour = reader.number(2), reader.skip(":"), let minute = reader.number(2), hour < 24,
            minute < 60
        else { return nil }
        return sign * (hour * 60 + minute) * 60_000_000
    }

    private static func days(inMonth month: Int64, of year: Int64) -> Int64 {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return switch month {
        case 2: isLeap ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// The day number of a Gregorian date, by counting in 400-year cycles that begin in March.
    private static func daysSince1970(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let cycle = shifted / 400
        let yearOfCycle = shifted - cycle * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return cycle * 146_097 + yearOfCycle * 365 + yearOfCycle / 4 - yearOfCycle / 100 + dayOfYear - 719_468
    }
}

/// Reads digits and marks from text.
private struct DigitReader {
    private var rest: Substring.UTF8View

    init(_ text: String) { rest = Substring(text).utf8 }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func skip(_ mark: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: mark) else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func digit() -> Int64? {
        guard let byte = rest.first, byte >= 0x30, byte <= 0x39 else { return nil }
        rest.removeFirst()
        return Int64(byte - 0x30)
    }

    mutating func number(_ digits: Int) -> Int64? {
        var value: Int64 = 0
        for _ in 0..<digits {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    /// One to six digits, as millionths.
    mutating func fraction() -> Int64? {
        guard var value = digit() else { return nil }
        for _ in 0..<5 { value = value * 10 + (digit() ?? 0) }
        return value
    }
}
