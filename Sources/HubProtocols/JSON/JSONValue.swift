/// A JSON value in memory, with all that is inside.
///
/// For documents that somebody looks into: configuration, administration, what a client asked for. Messages do not become
/// such trees.
package enum JSONValue: Sendable {
    /// Nothing.
    case null
    /// True or false.
    case bool(Bool)
    /// A number without point and exponent that fits.
    case integer(Int64)
    /// Any other number.
    case double(Double)
    /// Text.
    case string(String)
    /// Values in order.
    case array([JSONValue])
    /// Values with names, in the order in which they were written.
    case object(JSONObject)
}

// MARK: Looking into it

extension JSONValue {
    /// Whether it is `null`.
    package var isNull: Bool {
        if case .null = self { true } else { false }
    }

    /// True or false, if it is one of them.
    package var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// A whole number; also one that was written as 3.0 or 3e2.
    package var integer: Int64? {
        switch self {
        case .integer(let value): value
        case .double(let value): Int64(exactly: value)
        default: nil
        }
    }

    /// A number of any kind.
    package var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }

    /// Text.
    package var text: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The values of an array.
    package var array: [JSONValue]? {
        if case .array(let values) = self { values } else { nil }
    }

    /// An object.
    package var object: JSONObject? {
        if case .object(let object) = self { object } else { nil }
    }

    /// What an object has under a name; nil also if this is no object.
    package subscript(name: String) -> JSONValue? { object?[name] }

    /// What an array has at a place; nil also if this is no array, or a shorter one.
    package subscript(index: Int) -> JSONValue? {
        guard let array, array.indices.contains(index) else { return nil }
        return array[index]
    }

    /// What it is, as a noun for sentences.
    package var noun: String {
        switch self {
        case .null: "null"
        case .bool: "true or false"
        case .integer: "a whole number"
        case .double: "a number"
        case .string: "text"
        case .array: "a list"
        case .object: "an object"
        }
    }
}

// MARK: Comparing

extension JSONValue: Equatable {
    /// Texts are the same if their bytes are: JSON knows nothing of accents that can be written in two ways.
    package static func == (one: JSONValue, other: JSONValue) -> Bool {
        switch (one, other) {
        case (.null, .null): true
        case (.bool(let one), .bool(let other)): one == other
        case (.integer(let one), .integer(let other)): one == other
        case (.double(let one), .double(let other)): one == other
        case (.string(let one), .string(let other)): one.utf8.elementsEqual(other.utf8)
        case (.array(let one), .array(let other)): one == other
        case (.object(let one), .object(let other)): one == other
        default: false
        }
    }
}

// MARK: Writing it down

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByFloatLiteral, ExpressibleByNilLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    /// Text.
    package init(stringLiteral value: String) { self = .string(value) }
    /// A whole number.
    package init(integerLiteral value: Int64) { self = .integer(value) }
    /// True or false.
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    /// A number.
    package init(floatLiteral value: Double) { self = .double(value) }
    /// Nothing.
    package init(nilLiteral: ()) { self = .null }
    /// An array.
    package init(arrayLiteral values: JSONValue...) { self = .array(values) }
    /// An object.
    package init(dictionaryLiteral members: (String, JSONValue)...) {
        var object = JSONObject()
        for (name, value) in members { object[name] = value }
        self = .object(object)
    }
}

extension JSONWriter {
    /// Writes a value with all that is inside, which is at most `depthMax` deep. Numbers that JSON does not have become
    /// `null`.
    package mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let value): bool(value)
        case .integer(let value): number(value)
        case .double(let value): number(value)
        case .string(let text): string(text)
        case .array(let values):
            beginArray()
            for value in values { self.value(value) }
            endArray()
        case .object(let object):
            beginObject()
            for member in object.members {
                key(text: member.name)
                self.value(member.value)
            }
            endObject()
        }
    }
}
