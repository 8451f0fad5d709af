import HubBytes

/// The ids of a client's frames: what they begin with nobody else has, then comes a number. Those of messages and of
/// questions differ in the mark between the two.
struct IDs: Sendable {
    let prefix: String
    private let bytes: [UInt8]

    static let messageMark = UInt8(ascii: "-")
    static let requestMark = UInt8(ascii: "?")

    /// Ids that begin with the text of a number that nobody can foresee.
    init(_ random: UInt64) {
        prefix = String(random, radix: 36)
        bytes = Array(prefix.utf8)
    }

    /// The number of a message's id; nil if it is none of this client's.
    func number(_ id: RawSpan) -> UInt64? { number(id, Self.messageMark) }

    /// The number of a question's id; nil if it is none of this client's.
    func request(_ id: RawSpan) -> UInt64? { number(id, Self.requestMark) }

    private func number(_ id: RawSpan, _ mark: UInt8) -> UInt64? {
        let count = bytes.count
        guard id.byteCount > count &+ 1, id.byteCount <= count &+ 20, id.load(count, as: UInt8.self) == mark,
            bytes.withBytes({ $0.equals(id.extracting(0..<count)) })
        else { return nil }
        var value: UInt64 = 0
        var position = count &+ 1
        while position < id.byteCount {
            let digit = id.load(position, as: UInt8.self) &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            // Nineteen digits fit.
            value = value &* 10 &+ UInt64(digit)
            position &+= 1
        }
        return value
    }

    /// Appends the id of a number.
    func append(_ number: UInt64, _ mark: UInt8, to buffer: inout ByteBuffer) {
        bytes.withBytes { buffer.append($0) }
        buffer.append(mark)
        var digits: InlineArray<20, UInt8> = .init(repeating: 0)
        var rest = number
        var place = 20
        repeat {
            place -= 1
            digits[place] = UInt8(truncatingIfNeeded: rest % 10) &+ UInt8(ascii: "0")
            rest /= 10
        } while rest > 0
        while place < 20 {
            buffer.append(digits[place])
            place += 1
        }
    }
}
