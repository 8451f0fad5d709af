/// The value of an option. What a number counts, and which kinds are possible, is for the option to say.
package enum OptionValue: Equatable, Sendable {
    /// Nothing: no limit, no file.
    case none
    /// True or false.
    case flag(Bool)
    /// A whole number, of bytes, milliseconds or whatever is counted.
    case number(Int64)
    /// A number with digits behind the point.
    case decimal(Double)
    /// Text, a word or a path.
    case text(String)
    /// Texts.
    case texts([String])
    /// Entries.
    case entries([OptionEntry])
}

/// The values of one entry of a list, by the names of its options.
package struct OptionEntry: Equatable, Sendable {
    private(set) var values: [String: OptionValue] = [:]
    /// Where it was written, for what is found wrong later.
    var place = ""

    subscript(name: String) -> OptionValue {
        get { values[name] ?? .none }
        set { values[name] = newValue }
    }

    /// Entries are the same if their values are, wherever they stand.
    package static func == (one: OptionEntry, other: OptionEntry) -> Bool { one.values == other.values }

    /// A text; nil if there is none.
    package func text(_ name: String) -> String? { self[name].text }
    /// A number; nil if there is none.
    package func number(_ name: String) -> Int64? { self[name].number }
}

extension OptionValue {
    /// A text, if it is one.
    package var text: String? {
        if case .text(let text) = self { text } else { nil }
    }

    /// A whole number, if it is one.
    package var number: Int64? {
        if case .number(let number) = self { number } else { nil }
    }
}
