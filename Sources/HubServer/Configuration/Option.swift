/// One thing that can be configured. Everything that is said of it anywhere, in the help, the documented file, the manual
/// or an error, is made from this.
package struct Option: Sendable {
    /// What its values look like, and within which bounds.
    package enum Kind: Sendable {
        /// True or false.
        case flag
        /// A whole number.
        case number(ClosedRange<Int64>)
        /// A number with at most three digits behind the point.
        case decimal(ClosedRange<Double>)
        /// A number of bytes.
        case bytes(ClosedRange<Int64>)
        /// A time, in milliseconds.
        case duration(ClosedRange<Int64>)
        /// One of some words.
        case choice([String])
        /// The name of a file or directory.
        case path
        /// Any text that the check has nothing to say against.
        case text(@Sendable (String) -> String?)
        /// Texts in order.
        case texts(countMax: Int)
        /// Entries with options of their own, in order. An entry may be written as the value of the first of them.
        case entries([Option], count: ClosedRange<Int>)
    }

    /// A flag of the command line.
    package struct Flag: Sendable {
        /// Its name without dashes.
        package let name: String
        /// Its short name, if it has one.
        package var letter: Character?
        /// What stands for the value in the help; nil if the flag alone means true.
        package let value: String?
    }

    /// What it is called, with the sections that it is in: `log.retention.age`.
    package let name: String
    /// What its values look like.
    package let kind: Kind
    /// What holds if nobody says anything.
    package let standard: OptionValue
    /// Whether it may be none.
    package let isOptional: Bool
    /// Whether a change takes effect without a restart.
    package let isReloadable: Bool
    /// The flag for it, if it has one besides `--set`.
    package let flag: Flag?
    /// What it is, in sentences.
    package let summary: String
    /// Why the default is what it is.
    package let reason: String

    /// An option. One whose default is none may be none.
    init(
        _ name: String, _ kind: Kind, _ standard: OptionValue, isOptional: Bool = false,
        reloads: Bool = false,
        flag: Flag? = nil, _ summary: String, because reason: String
    ) {
        self.name = name
        self.kind = kind
        self.standard = standard
        self.isOptional = isOptional || standard == .none
        isReloadable = reloads
        self.flag = flag
        self.summary = summary
        self.reason = reason
    }

    /// The environment variable for it.
    package var variable: String {
        Self.variablePrefix + name.uppercased().replacing(".", with: "_")
    }

    /// What all environment variables of the hub begin with.
    package static let variablePrefix = "AGENTHUB_"
    /// The environment variable that names the file.
    package static let fileVariable = "AGENTHUB_CONFIG"
}

/// Options that belong together.
package struct OptionSection: Sendable {
    /// What their names begin with; empty for those on top.
    package let name: String
    /// What they are about.
    package let summary: String
    /// The options.
    package let options: [Option]
}

extension String {
    fileprivate func replacing(_ mark: Character, with other: Character) -> String {
        String(map { $0 == mark ? other : $0 })
    }
}
