/// Numbers with units as people write them: whole numbers, and a unit that says what they are.
enum UnitText {
    /// Units with how much each is, from the smallest up.
    typealias Scale = [(unit: String, size: Int64)]

    /// Times, in milliseconds.
    static let times: Scale = [
        ("ms", 1), ("s", 1000), ("min", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]
    /// Bytes, in powers of 1024. These are the ones that values are written in.
    static let binaryBytes: Scale = [
        ("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40),
    ]
    /// Bytes, in powers of 1000.
    static let decimalBytes: Scale = [
        ("kB", 1000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000),
    ]

    /// Reads a whole number and its unit; nil for anything else, and for more than fits.
    static func read(_ text: String, _ scale: Scale) -> Int64? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text[digits.endIndex...].drop { $0 == " " }
        guard let number = Int64(digits), let size = scale.first(where: { $0.unit == unit })?.size else {
            return nil
        }
        let (value, overflows) = number.multipliedReportingOverflow(by: size)
        return overflows ? nil : value
    }

    /// Writes a number in the largest unit in which it is whole.
    static func write(_ value: Int64, _ scale: Scale) -> String {
        guard value != 0 else { return "0 \(scale[0].unit)" }
        let best = scale.last { value % $0.size == 0 } ?? scale[0]
        return "\(value / best.size) \(best.unit)"
    }
}
