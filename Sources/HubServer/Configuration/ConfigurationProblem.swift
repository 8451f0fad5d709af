/// Something wrong with a configuration.
package struct ConfigurationProblem: Error, Equatable, Sendable, CustomStringConvertible {
    /// Where it was said: `FILE:LINE:COLUMN`, a variable, a flag.
    package let place: String
    /// What is wrong and what would be right.
    package let message: String

    /// Place and message.
    package var description: String { "\(place): \(message)" }
}

/// All that is wrong with a configuration.
package struct ConfigurationProblems: Error, Equatable, Sendable {
    /// What is wrong, in the order of flags, variables and file.
    package let problems: [ConfigurationProblem]
    /// How many more there are, which are not listed.
    package let omitted: Int

    /// Up to so many are listed.
    static let listedMax = 100

    init(_ problems: [ConfigurationProblem]) {
        self.problems = Array(problems.prefix(Self.listedMax))
        omitted = problems.count - self.problems.count
    }
}

/// Where a value comes from.
package enum OptionOrigin: Equatable, Sendable {
    /// Nobody said anything.
    case standard
    /// A file, as `FILE:LINE:COLUMN`.
    case file(String)
    /// An environment variable.
    case variable(String)
    /// A flag.
    case flag(String)

    /// Where it was said, for sentences.
    package var place: String {
        switch self {
        case .standard: "default"
        case .file(let place), .variable(let place), .flag(let place): place
        }
    }
}
