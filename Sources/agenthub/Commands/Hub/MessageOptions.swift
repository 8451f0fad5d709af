import HubClient

/// Options that several commands have.
enum MessageOptions {
    static let json = OptionSpec(name: "json", summary: "Write JSON, one object a line")

    /// How messages are sent.
    static func publishing(_ arguments: ParsedArguments) throws(CommandFailure) -> PublishOptions {
        var options = PublishOptions()
        options.session = arguments.value("session")
        options.id = arguments.value("id")
        options.ttlMilliseconds = try arguments.number("ttl", atLeast: 1).map { Int64(clamping: $0) }
        options.retain = arguments.has("retain")
        options.cause = arguments.value("cause")
        if let word = arguments.value("durability") {
            guard let durability = Durability(rawValue: word) else {
                throw .usage(
                    UsageError("--durability takes fsynced, memory or replicated, not \"\(word)\""))
            }
            options.durability = durability
        }
        return options
    }
}

extension MessageOptions {
    /// Seconds with an optional fraction, as milliseconds.
    static func milliseconds(
        _ arguments: ParsedArguments, _ option: String
    ) throws(CommandFailure) -> Int64? {
        guard let text = arguments.value(option) else { return nil }
        guard let seconds = Double(text), seconds >= 0.001, seconds <= 1e9 else {
            throw .usage(UsageError("--\(option) takes seconds, 0.001 at least, not \"\(text)\""))
        }
        return Int64((seconds * 1000).rounded())
    }
}
