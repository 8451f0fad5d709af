/// The value of a field of a line.
package enum LogValue: Sendable, Equatable {
    /// Text, which may be whatever a client has sent.
    case text(String)
    /// A whole number.
    case number(Int64)
    /// True or false.
    case flag(Bool)

    /// A whole number; one that is beyond all bounds becomes the largest.
    package init(_ number: some BinaryInteger) { self = .number(Int64(clamping: number)) }

    /// True or false.
    package init(_ flag: Bool) { self = .flag(flag) }

    /// Whatever says what it is in words: names, addresses, errors. A `Secret` says three stars.
    @_disfavoredOverload
    package init(_ value: some CustomStringConvertible) { self = .text(value.description) }
}

extension LogValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    /// Text.
    package init(stringLiteral text: String) { self = .text(text) }
    /// A whole number.
    package init(integerLiteral number: Int64) { self = .number(number) }
    /// True or false.
    package init(booleanLiteral flag: Bool) { self = .flag(flag) }
}

/// The fields of a line: what `message` is about, by name. The connection is `connection`, the agent `agent`, the consumer
/// `consumer`, the other side's address `peer`, and why something failed `reason`.
package typealias LogFields = KeyValuePairs<StaticString, LogValue>
