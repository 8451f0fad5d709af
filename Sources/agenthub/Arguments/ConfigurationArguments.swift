import HubServer
import HubSystem

/// The flags by which the commands that need a configuration are given one, made from the table of options.
enum ConfigurationArguments {
    /// `--config`, the flags that options have, and `--set` for all others.
    static let options: [OptionSpec] = {
        let file = OptionSpec(
            name: "config", letter: "c", value: "FILE",
            summary: "A file with options, in JSON5; \(Option.fileVariable) names it otherwise")
        let flags = OptionTable.options.compactMap { option -> OptionSpec? in
            guard let flag = option.flag else { return nil }
            var isRepeatable = false
            if case .entries = option.kind { isRepeatable = true }
            let standard = flag.value == nil ? "" : " (default: \(standard(of: option)))"
            return OptionSpec(
                name: flag.name, letter: flag.letter, value: flag.value, isRepeatable: isRepeatable,
                summary: option.summary + standard)
        }
        let set = OptionSpec(
            name: "set", value: "NAME=VALUE", isRepeatable: true,
            summary: "The value of any option; agenthub config default shows them all")
        return [file] + flags + [set]
    }()

    /// A list of addresses shows what the flag would take.
    private static func standard(of option: Option) -> String {
        if case .entries(let entries) = option.standard {
            return entries.compactMap { $0.text("address") }.joined()
        }
        return option.text(of: option.standard)
    }

    /// Puts the configuration together from flags, environment and file.
    static func load(
        _ arguments: ParsedArguments, environment: [String: String] = CurrentProcess.environment()
    ) throws(CommandFailure) -> Configuration {
        let sources = try sources(arguments, environment)
        do throws(ConfigurationProblems) {
            return try Configuration.load(sources)
        } catch {
            throw .configuration(error)
        }
    }

    private static func sources(
        _ arguments: ParsedArguments, _ environment: [String: String]
    ) throws(CommandFailure) -> ConfigurationSources {
        var sources = ConfigurationSources()
        sources.environment = environment
        sources.flags = try flags(arguments)
        guard let path = arguments.value("config") ?? environment[Option.fileVariable], !path.isEmpty else {
            return sources
        }
        do throws(SystemError) {
            sources.file = try ConfigurationSources.File(reading: path)
        } catch {
            throw .absent("the configuration cannot be read: \(error)")
        }
        return sources
    }

    private static func flags(_ arguments: ParsedArguments) throws(CommandFailure) -> [ConfigurationSources
        .Flag]
    {
        var flags: [ConfigurationSources.Flag] = []
        for option in OptionTable.options {
            guard let flag = option.flag else { continue }
            for value in arguments.values(flag.name) {
                flags.append(
                    ConfigurationSources.Flag(
                        option: option.name, value: flag.value == nil ? "true" : value,
                        typed: "--\(flag.name)"))
            }
        }
        for text in arguments.values("set") {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw .usage(UsageError("--set takes NAME=VALUE, not \"\(text)\""))
            }
            flags.append(
                ConfigurationSources.Flag(
                    option: String(parts[0]), value: String(parts[1]), typed: "--set \(parts[0])"))
        }
        return flags
    }
}
