import HubProtocols
import HubServer
import HubSystem

/// `agenthub config`: what a hub would be started with.
enum ConfigCommands {
    static let command = CommandSpec(
        name: "config", summary: "Check a configuration, show what holds, or write one to begin with",
        details: """
            A flag goes before an environment variable, that before the file, and this before the default. Nothing is \
            started or changed.
            """,
        subcommands: [check, show, writeDefault])

    private static let json = OptionSpec(name: "json", summary: "Write JSON")
    private static let wrong = (code: ExitCode.misconfigured, meaning: "The configuration is wrong")
    private static let unreadable = (code: ExitCode.unavailable, meaning: "The file cannot be read")

    // MARK: check

    private static let check = CommandSpec(
        name: "check", summary: "Say whether a hub would take a configuration, and all that is wrong with it",
        details: """
            Takes the flags of agenthub serve. Files that the configuration names, certificates and the like, are opened \
            but not read.
            """,
        options: ConfigurationArguments.options + [json],
        examples: [
            .init(call: "agenthub config check -c /etc/agenthub/agenthub.json5", purpose: "Before a reload."),
            .init(call: "agenthub config check --set drain=20s", purpose: "Whether an option takes a value."),
        ],
        exitCodes: [wrong, unreadable]
    ) { (arguments, console) throws(CommandFailure) in
        var warnings: [String] = []
        var problems: [ConfigurationProblem] = []
        var failure: ConfigurationProblems?
        do throws(CommandFailure) {
            let configuration = try ConfigurationArguments.load(arguments)
            warnings = configuration.warnings
            problems = configuration.missingFiles()
        } catch .configuration(let error) {
            failure = error
            problems = error.problems
        }
        if arguments.has("json") {
            try console.write(line: checkAnswer(problems, warnings))
            return problems.isEmpty ? .done : .misconfigured
        }
        for warning in warnings { console.tell("agenthub: \(warning)\n") }
        if let failure { throw .configuration(failure) }
        for problem in problems { console.complain(problem.description) }
        guard problems.isEmpty else { return .misconfigured }
        try console.write("The configuration is right.\n")
        return .done
    }

    private static func checkAnswer(_ problems: [ConfigurationProblem], _ warnings: [String]) -> JSONValue {
        [
            "valid": .bool(problems.isEmpty),
            "problems": .array(
                problems.map { ["place": .string($0.place), "message": .string($0.message)] }),
            "warnings": .array(warnings.map { .string($0) }),
        ]
    }

    // MARK: show

    private static let show = CommandSpec(
        name: "show", summary: "Show all options, their values, and where each value comes from",
        details:
            "Takes the flags of agenthub serve. A value comes from a flag, an environment variable, the file with the "
            + "line, or is the default.",
        options: ConfigurationArguments.options + [
            OptionSpec(name: "changed", summary: "Only those that somebody has set"), json,
        ],
        examples: [
            .init(
                call: "agenthub config show --changed -c hub.json5",
                purpose: "What differs from the defaults."),
            .init(call: "agenthub config show --json", purpose: "For scripts."),
        ],
        exitCodes: [wrong, unreadable]
    ) { (arguments, console) throws(CommandFailure) in
        let environment = CurrentProcess.environment()
        let configuration = try ConfigurationArguments.load(arguments, environment: environment)
        let shown = OptionTable.options.filter {
            !arguments.has("changed") || configuration.setting($0).origin != .standard
        }
        let directory = configuration.dataDirectory(environment)
        if arguments.has("json") {
            try console.write(
                line: [
                    "options": .array(shown.map { showAnswer($0, configuration) }),
                    "data_directory": .string(directory),
                ])
            return .done
        }
        for warning in configuration.warnings { console.tell("agenthub: \(warning)\n") }
        try console.write(showTable(shown, configuration, console.outputStyle))
        try console.write("\nThe data directory is \(directory).\n")
        return .done
    }

    private static func showAnswer(_ option: Option, _ configuration: Configuration) -> JSONValue {
        let setting = configuration.setting(option)
        let origin =
            switch setting.origin {
            case .standard: "default"
            case .file: "file"
            case .variable: "environment"
            case .flag: "flag"
            }
        var answer: JSONObject = JSONObject()
        answer["name"] = .string(option.name)
        answer["value"] = .some(option.json(of: setting.value))
        answer["origin"] = .string(origin)
        if setting.origin != .standard { answer["place"] = .string(setting.origin.place) }
        answer["reloads"] = .bool(option.isReloadable)
        return .object(answer)
    }

    private static func showTable(
        _ options: [Option], _ configuration: Configuration, _ style: TextStyle
    ) -> String {
        let rows = options.map { option in
            let setting = configuration.setting(option)
            return (option.name, option.text(of: setting.value), setting.origin)
        }
        let nameColumns = (rows.map { $0.0.count }.max() ?? 0) + 2
        // One long list must not push all origins off the screen.
        let valueColumns = min(30, (rows.map { $0.1.count }.max() ?? 0)) + 2
        var text = ""
        for (name, value, origin) in rows {
            let isStandard = origin == .standard
            text += pad(name, nameColumns)
            text += isStandard ? pad(value, valueColumns) : style.bold(pad(value, valueColumns))
            text += "\(style.dim(origin.place))\n"
        }
        return text
    }

    private static func pad(_ text: String, _ columns: Int) -> String {
        text + String(repeating: " ", count: max(1, columns - text.count))
    }

    // MARK: default

    private static let writeDefault = CommandSpec(
        name: "default", summary: "Write a file with every option, its default and its reason",
        options: [OptionSpec(name: "markdown", summary: "Write tables in Markdown, as in the manual")],
        examples: [
            .init(call: "agenthub config default > agenthub.json5", purpose: "A file to begin with.")
        ]
    ) { (arguments, console) throws(CommandFailure) in
        try console.write(arguments.has("markdown") ? OptionPages.tables : OptionPages.file)
        return .done
    }
}

extension Console {
    /// Writes a JSON value as a line.
    func write(line value: JSONValue) throws(CommandFailure) {
        var json = JSONWriter()
        json.value(value)
        json.newline()
        try write(json.bytes)
    }
}
