/// What a command was called with, checked against what it takes.
struct ParsedArguments: Sendable {
    private(set) var arguments: [String] = []
    private(set) var options: [String: [String]] = [:]

    mutating func add(argument: String) { arguments.append(argument) }

    mutating func add(option: String, _ value: String) { options[option, default: []].append(value) }

    /// Whether an option was given.
    func has(_ option: String) -> Bool { options[option] != nil }

    /// The value of an option, the last if it was repeated.
    func value(_ option: String) -> String? { options[option]?.last }

    /// All values of an option, in order.
    func values(_ option: String) -> [String] { options[option] ?? [] }

    /// The value of an option as a whole number.
    func number(_ option: String, atLeast least: UInt64 = 0) throws(CommandFailure) -> UInt64? {
        guard let text = value(option) else { return nil }
        guard let number = UInt64(text), number >= least else {
            throw .usage(UsageError("--\(option) takes a whole number from \(least) up, not \"\(text)\""))
        }
        return number
    }
}
