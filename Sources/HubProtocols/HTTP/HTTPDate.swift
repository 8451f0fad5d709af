import HubBytes

/// A moment as HTTP writes it: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7). It is made once a second
/// and copied into each answer of that second.
package struct HTTPDate: Sendable {
    /// The 29 characters.
    let text: [UInt8]

    /// The moment so many seconds after 1970 began; what does not fit into four digits of a year is moved to the
    /// nearest that does.
    package init(secondsSince1970 seconds: Int64) {
        let bounded = min(max(seconds, -62_167_219_200), 253_402_300_799)
        let days = Int((bounded >= 0 ? bounded : bounded - 86_399) / 86_400)
        let second = Int(bounded - Int64(days) * 86_400)
        let (year, month, day) = Self.civil(days)
        let weekday = ((days + 4) % 7 + 7) % 7
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let padding = String(repeating: "0", count: year < 10 ? 3 : year < 100 ? 2 : year < 1000 ? 1 : 0)
        let date = "\(Self.weekdays[weekday]), \(two(day)) \(Self.months[month - 1]) \(padding)\(year)"
        let time = "\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))"
        text = Array("\(date) \(time) GMT".utf8)
    }

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// The date of a day counted from 1 January 1970. Years begin in March here, so that the day that comes every
    /// four years is the last of one; 400 of them have 146,097 days.
    private static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
        let fromMarch0 = days + 719_468
        let era = (fromMarch0 >= 0 ? fromMarch0 : fromMarch0 - 146_096) / 146_097
        let dayOfEra = fromMarch0 - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let fromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * fromMarch + 2) / 5 + 1
        let month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}
