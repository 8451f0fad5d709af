/// A command: what it takes, what its help says, and what it does. Commands form a tree, and the parser, the help
/// pages and the suggestions are made from it.
struct CommandSpec: Sendable {
    /// What it does when called.
    typealias Body = @Sendable (ParsedArguments, Console) throws(CommandFailure) -> ExitCode

    /// What it is called.
    let name: String
    /// What it does, in a line without a full stop.
    let summary: String
    /// What else there is to know, in paragraphs.
    var details: String = ""
    var arguments: [ArgumentSpec] = []
    var options: [OptionSpec] = []
    var examples: [Example] = []
    /// How it can end, if that is more than done or called wrongly.
    var exitCodes: [(code: ExitCode, meaning: String)] = []
    var subcommands: [CommandSpec] = []
    /// Nil for a command that is there for its subcommands.
    var body: Body?

    /// A call with what it does.
    struct Example: Sendable {
        let call: String
        let purpose: String
    }
}

/// A positional argument. What need not be given stands behind what must be.
struct ArgumentSpec: Sendable {
    /// How often it is given.
    enum Count: Sendable {
        case one, atMostOne, oneOrMore, any
    }

    /// What stands for it in the help, in capitals.
    let name: String
    var count = Count.one
    /// What it is.
    let summary: String

    /// How the line with the usage shows it.
    var usage: String {
        switch count {
        case .one: name
        case .atMostOne: "[\(name)]"
        case .oneOrMore: "\(name)…"
        case .any: "[\(name)…]"
        }
    }
}

/// An option: a flag if it has no value.
struct OptionSpec: Sendable {
    /// The long name, without dashes.
    let name: String
    /// The short name, without its dash.
    var letter: Character?
    /// What stands for the value in the help, in capitals; nil for a flag.
    var value: String?
    /// Whether it may be given more than once.
    var isRepeatable = false
    /// What it does.
    let summary: String

    /// Every command has it.
    static let help = OptionSpec(name: "help", letter: "h", summary: "Show this help")
}
