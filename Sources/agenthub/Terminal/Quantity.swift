/// Numbers as people read them.
enum Quantity {
    /// A whole number in groups of three digits.
    static func count(_ value: some BinaryInteger) -> String {
        let digits = Array(String(value))
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3), digits[index - 1] != "-" { text += "," }
            text.append(digit)
        }
        return text
    }

    /// A number of things with the right ending.
    static func count(_ value: some BinaryInteger, _ noun: String) -> String {
        "\(count(value)) \(noun)\(value == 1 ? "" : "s")"
    }

    /// Bytes in units of 1024.
    static func bytes(_ value: Int) -> String {
        guard value >= 1024 else { return "\(value) B" }
        var amount = Double(value)
        var unit = 0
        let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
        while amount >= 1023.95, unit < units.count - 1 {
            amount /= 1024
            unit += 1
        }
        return "\(decimal(amount)) \(units[unit])"
    }

    /// A number with one digit behind the point.
    static func decimal(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(count(tenths / 10)).\(abs(tenths % 10))"
    }

    /// A duration in the two largest units that matter.
    static func duration(seconds: Double) -> String {
        if seconds < 1 { return "\(Int((seconds * 1000).rounded())) ms" }
        if seconds < 60 { return "\(decimal(seconds)) s" }
        let whole = Int(seconds.rounded())
        return whole < 3600
            ? "\(whole / 60) min \(whole % 60) s" : "\(whole / 3600) h \(whole % 3600 / 60) min"
    }
}
