import HubServer

/// Finds out which command is called, and with what.
struct ArgumentParser {
    /// What a command line asks for.
    enum Outcome {
        /// Running a command.
        case run(CommandSpec, path: [String], ParsedArguments)
        /// Showing the help of a command.
        case help(CommandSpec, path: [String])
    }

    let root: CommandSpec

    /// Reads the words behind the program's name.
    func parse(_ words: [String]) throws(UsageError) -> Outcome {
        var command = root
        var path = [root.name]
        var index = 0
        // Commands come first; `help` before or behind them is one way to ask for it.
        while index < words.count, command.body == nil {
            let word = words[index]
            if word == "--help" || word == "-h" { return .help(command, path: path) }
            if word == "help" {
                index += 1
                continue
            }
            guard let next = command.subcommands.first(where: { $0.name == word }) else {
                throw unknown(word, in: command, path)
            }
            if words[..<index].contains("help") {
                return try help(next, path + [word], words[(index + 1)...])
            }
            command = next
            path.append(word)
            index += 1
        }
        guard command.body != nil else { return .help(command, path: path) }
        do throws(UsageError) {
            return try parse(words[index...], for: command, path)
        } catch {
            var located = error
            located.command = path.joined(separator: " ")
            throw located
        }
    }

    /// Follows the rest of the words to the command whose help is wanted.
    private func help(
        _ command: CommandSpec, _ path: [String], _ words: ArraySlice<String>
    ) throws(UsageError) -> Outcome {
        guard let word = words.first else { return .help(command, path: path) }
        guard let next = command.subcommands.first(where: { $0.name == word }) else {
            throw unknown(word, in: command, path)
        }
        return try help(next, path + [word], words.dropFirst())
    }

    private func unknown(_ word: String, in command: CommandSpec, _ path: [String]) -> UsageError {
        let noun = word.hasPrefix("-") ? "option" : "command"
        let names =
            word.hasPrefix("-")
            ? ["--help"] : command.subcommands.map(\.name) + (path.count == 1 ? ["help"] : [])
        var error = UsageError("unknown \(noun) \"\(word)\"\(Suggestion.sentence(for: word, among: names))")
        error.command = path.joined(separator: " ")
        return error
    }

    // MARK: One command's words

    private func parse(
        _ words: ArraySlice<String>, for command: CommandSpec, _ path: [String]
    ) throws(UsageError) -> Outcome {
        var parsed = ParsedArguments()
        var rest = words
        var isOver = false
        while let word = rest.popFirst() {
            if isOver || word == "-" || !word.hasPrefix("-") {
                parsed.add(argument: word)
            } else if word == "--" {
                isOver = true
            } else if word.hasPrefix("--") {
                if word == "--help" { return .help(command, path: path) }
                try parseLong(word.dropFirst(2), command, &rest, &parsed)
            } else {
                if word == "-h" { return .help(command, path: path) }
                try parseLetters(word.dropFirst(), command, &rest, &parsed)
            }
        }
        try check(parsed, command)
        return .run(command, path: path, parsed)
    }

    private func parseLong(
        _ word: Substring, _ command: CommandSpec, _ rest: inout ArraySlice<String>,
        _ parsed: inout ParsedArguments
    ) throws(UsageError) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        guard let option = command.options.first(where: { $0.name == name }) else {
            let names = command.options.map { "--\($0.name)" } + ["--help"]
            throw UsageError(
                "unknown option \"--\(name)\"\(Suggestion.sentence(for: "--\(name)", among: names))")
        }
        if option.value == nil {
            guard parts.count == 1 else { throw UsageError("--\(name) takes no value") }
            parsed.add(option: name, "")
        } else if parts.count == 2 {
            parsed.add(option: name, String(parts[1]))
        } else {
            parsed.add(option: name, try value(of: option, "--\(name)", &rest))
        }
    }

    /// Letters may stand together; the value of the last may stand right behind it.
    private func parseLetters(
        _ letters: Substring, _ command: CommandSpec, _ rest: inout ArraySlice<String>,
        _ parsed: inout ParsedArguments
    ) throws(UsageError) {
        var letters = letters
        while let letter = letters.popFirst() {
            guard let option = command.options.first(where: { $0.letter == letter }) else {
                throw UsageError("unknown option \"-\(letter)\"")
            }
            guard option.value != nil else {
                parsed.add(option: option.name, "")
                continue
            }
            let value = letters.isEmpty ? try value(of: option, "-\(letter)", &rest) : String(letters)
            parsed.add(option: option.name, value)
            return
        }
    }

    private func value(
        of option: OptionSpec, _ typed: String, _ rest: inout ArraySlice<String>
    ) throws(UsageError) -> String {
        guard let value = rest.popFirst() else {
            throw UsageError("\(typed) needs a value: \(typed) \(option.value ?? "")")
        }
        return value
    }

    private func check(_ parsed: ParsedArguments, _ command: CommandSpec) throws(UsageError) {
        for option in command.options where !option.isRepeatable && parsed.values(option.name).count > 1 {
            throw UsageError("--\(option.name) was given more than once")
        }
        let wanted = command.arguments
        let required = wanted.count { $0.count == .one || $0.count == .oneOrMore }
        if parsed.arguments.count < required {
            let missing = wanted[parsed.arguments.count]
            throw UsageError("\(missing.name) is missing: \(missing.summary.lowercasedFirst)")
        }
        let isOpen = wanted.last.map { $0.count == .oneOrMore || $0.count == .any } ?? false
        if parsed.arguments.count > wanted.count, !isOpen {
            throw UsageError("unexpected argument \"\(parsed.arguments[wanted.count])\"")
        }
    }
}

extension String {
    /// The same with a small first letter, as inside a sentence.
    var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
