/// The place of a record in the whole log, counted from 0 and never used twice in one epoch.
public struct Offset: Hashable, Comparable, Sendable, BitwiseCopyable, CustomStringConvertible {
    /// The number itself.
    public let rawValue: UInt64

    /// The place with this number.
    @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }

    /// The first place of all.
    public static let zero = Offset(0)
    /// Behind every place that a log can have.
    public static let end = Offset(UInt64(Int64.max))

    /// The place after this one.
    @inlinable public var next: Offset { Offset(rawValue + 1) }

    /// The place `count` further on.
    @inlinable public func advanced(by count: Int) -> Offset { Offset(rawValue + UInt64(count)) }

    /// Places from here to `other`, which must not lie before.
    @inlinable public func distance(to other: Offset) -> Int { Int(other.rawValue - rawValue) }

    /// Orders by position.
    @inlinable public static func < (left: Offset, right: Offset) -> Bool { left.rawValue < right.rawValue }

    /// The number in decimal.
    public var description: String { "\(rawValue)" }
}

/// The place of a message in its session: 1, 2, 3 … without gaps or repeats. 0 means that there is none.
public struct SequenceNumber: Hashable, Comparable, Sendable, BitwiseCopyable, CustomStringConvertible {
    /// The number itself.
    public let rawValue: UInt64

    /// The place with this number.
    @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }

    /// What a record without a session carries.
    public static let none = SequenceNumber(0)
    /// The first message of every session.
    public static let first = SequenceNumber(1)
    /// Behind every message that a session can have.
    public static let end = SequenceNumber(UInt64(Int64.max))

    /// The place after this one.
    @inlinable public var next: SequenceNumber { SequenceNumber(rawValue + 1) }

    /// Orders by position.
    @inlinable public static func < (left: SequenceNumber, right: SequenceNumber) -> Bool {
        left.rawValue < right.rawValue
    }

    /// The number in decimal.
    public var description: String { "\(rawValue)" }
}

/// One life of a log: made at random with it and again on any loss, restoring a backup included. Whoever knows
/// another epoch than the log's must not trust the positions that he remembers.
public struct Epoch: Hashable, Sendable, BitwiseCopyable, CustomStringConvertible {
    /// The random number; never 0.
    public let rawValue: UInt64

    /// An epoch read from storage or a peer; nil for 0, which nobody makes.
    public init?(_ rawValue: UInt64) {
        guard rawValue != 0 else { return nil }
        self.rawValue = rawValue
    }

    /// An epoch from its sixteen hexadecimal digits.
    public init?(text: String) {
        guard text.utf8.count == 16, let value = UInt64(text, radix: 16) else { return nil }
        self.init(value)
    }

    /// A new epoch.
    public static func random() -> Epoch {
        var generator = SystemRandomNumberGenerator()
        return random(using: &generator)
    }

    /// A new epoch from a given source, so that simulations repeat.
    public static func random(using generator: inout some RandomNumberGenerator) -> Epoch {
        Epoch(UInt64.random(in: 1...UInt64.max, using: &generator)).unsafelyKnown
    }

    /// Sixteen hexadecimal digits.
    public var description: String {
        let digits = String(rawValue, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension Optional {
    /// The value of an optional that cannot be nil here; stops the program if it is.
    fileprivate var unsafelyKnown: Wrapped {
        guard let self else { preconditionFailure("a value that must exist does not") }
        return self
    }
}

/// A moment, in microseconds since 1970 began (UTC).
public struct Timestamp: Hashable, Comparable, Sendable, BitwiseCopyable, CustomStringConvertible {
    /// Microseconds since 1970 began.
    public let microseconds: Int64

    /// The moment that many microseconds after 1970 began.
    @inlinable public init(microseconds: Int64) { self.microseconds = microseconds }

    /// What stands for no moment at all, such as a message that never expires.
    public static let none = Timestamp(microseconds: 0)

    /// Orders by time.
    @inlinable public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.microseconds < right.microseconds
    }

    /// This moment moved by a number of milliseconds.
    @inlinable public func adding(milliseconds: Int64) -> Timestamp {
        Timestamp(microseconds: microseconds + milliseconds * 1000)
    }
}

extension Timestamp {
    /// ISO 8601 in UTC with microseconds, as `2026-11-20T10:18:54.000123Z`.
    public var description: String {
        let day = Int64(86_400_000_000)
        let days = (microseconds >= 0 ? microseconds : microseconds - day + 1) / day
        let inDay = microseconds - days * day
        let (year, month, dayOfMonth) = Self.civil(daysSince1970: days)
        let seconds = inDay / 1_000_000
        func pad(_ value: Int64, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return "\(pad(year, 4))-\(pad(month, 2))-\(pad(dayOfMonth, 2))T\(pad(seconds / 3600, 2)):"
            + "\(pad(seconds / 60 % 60, 2)):\(pad(seconds % 60, 2)).\(pad(inDay % 1_000_000, 6))Z"
    }

    /// The Gregorian date of a day number, by counting in 400-year cycles that begin in March.
    private static func civil(daysSince1970: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = daysSince1970 + 719_468
        let cycle = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfCycle = shifted - cycle * 146_097
        let yearOfCycle =
            (dayOfCycle - dayOfCycle / 1460 + dayOfCycle / 36_524 - dayOfCycle / 146_096) / 365
        let dayOfYear = dayOfCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (
            cycle * 400 + yearOfCycle + (month <= 2 ? 1 : 0), month,
            dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        )
    }
}
