import HubBytes

/// The elements of an array that was checked before.
struct NativeElements: ~Copyable, ~Escapable {
    private var scanner: NativeScanner

    @_lifetime(copy text)
    init(_ text: RawSpan, _ array: NativeValue) {
        scanner = NativeScanner(text, at: array.start)
    }

    /// The next one; nil behind the last.
    @_lifetime(self: copy self)
    mutating func next() -> NativeValue? {
        // Either the bracket that opens the array or the comma behind an element is here, or the end.
        guard scanner.json.byte != UInt8(ascii: "]") else { return nil }
        scanner.json.position &+= 1
        scanner.json.skipSpace()
        guard scanner.json.byte != UInt8(ascii: "]"), let value = try? scanner.readValue() else { return nil }
        scanner.json.skipSpace()
        return value
    }
}

/// Numbers in their JSON form.
enum NativeNumber {
    /// A whole number without a fraction or an exponent; nil for any other, and for one beyond 63 bits.
    static func integer(_ text: RawSpan, _ value: NativeValue) -> Int64? {
        var position = value.start
        let isNegative = text.load(position, as: UInt8.self) == UInt8(ascii: "-")
        if isNegative { position &+= 1 }
        guard value.end &- position <= 19 else { return nil }
        var number: Int64 = 0
        while position < value.end {
            let digit = text.load(position, as: UInt8.self) &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            let (tens, isTooLarge) = number.multipliedReportingOverflow(by: 10)
            let (sum, isOver) = tens.addingReportingOverflow(Int64(digit))
            guard !isTooLarge, !isOver else { return nil }
            number = sum
            position &+= 1
        }
        return isNegative ? -number : number
    }

    /// Any number.
    static func double(_ text: RawSpan, _ value: NativeValue) -> Double? {
        value.count <= 64 ? Double(text.extracting(value.start..<value.end).text) : nil
    }
}
