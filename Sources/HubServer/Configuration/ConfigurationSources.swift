import HubBytes
import HubProtocols
package import HubSystem

/// What people said about the configuration, and where: read, but not checked yet.
package struct ConfigurationSources: Sendable {
    /// A value for an option, given by a flag.
    package struct Flag: Sendable {
        /// The option.
        package let option: String
        /// The value as typed.
        package let value: String
        /// How the flag was typed, for sentences: `--listen`.
        package let typed: String

        /// A value for an option.
        package init(option: String, value: String, typed: String) {
            self.option = option
            self.value = value
            self.typed = typed
        }
    }

    /// A file that was read.
    package struct File: Sendable {
        /// Its name, for sentences.
        package let path: String
        /// Its content.
        package let text: [UInt8]

        /// A file.
        package init(path: String, text: [UInt8]) {
            self.path = path
            self.text = text
        }

        /// Reads a file of a size that a configuration can have.
        package init(reading path: String) throws(SystemError) {
            self.path = path
            // One byte more than is read shows that there is more.
            text = try FileDescriptor.open(path, .read).read(JSONRules.json5.bytesMax + 1, at: 0)
        }
    }

    /// Flags in the order in which they were typed.
    package var flags: [Flag] = []
    /// The environment.
    package var environment: [String: String] = [:]
    /// The file, if there is one.
    package var file: File?

    /// Nobody said anything.
    package init() {}
}

extension Configuration {
    /// Puts together what was said, or says everything that is wrong with it.
    package static func load(_ sources: ConfigurationSources) throws(ConfigurationProblems) -> Configuration {
        var load = ConfigurationLoad()
        if let file = sources.file { load.read(file) }
        load.read(environment: sources.environment)
        load.read(sources.flags)
        if load.problems.isEmpty { load.problems = load.configuration.contradictions() }
        guard load.problems.isEmpty else { throw ConfigurationProblems(load.problems) }
        return load.configuration
    }
}

/// A configuration while it is put together, from the least important source to the most important.
private struct ConfigurationLoad {
    var configuration = Configuration()
    var problems: [ConfigurationProblem] = []

    // MARK: The file

    mutating func read(_ file: ConfigurationSources.File) {
        let document: JSONDocument
        do throws(JSONTextError) {
            document = try file.text.withBytes { bytes throws(JSONTextError) in
                try JSONReader.document(bytes)
            }
        } catch {
            problems.append(
                ConfigurationProblem(place: "\(file.path):\(error.place)", message: error.message))
            return
        }
        func place(_ path: JSONPath) -> String {
            document.place(of: path).map { "\(file.path):\($0)" } ?? file.path
        }
        guard let object = document.value.object else {
            problems.append(
                ConfigurationProblem(
                    place: place(JSONPath()), message: "a configuration is an object, in braces"))
            return
        }
        var faults: [OptionFault] = []
        var configuration = configuration
        OptionTree(options: OptionTable.options, whole: "").read(object, at: JSONPath(), &faults) {
            option, value, path in
            configuration.set(option, Self.placed(value) { place(path.index($0)) }, .file(place(path)))
        }
        self.configuration = configuration
        problems += faults.map { ConfigurationProblem(place: place($0.path), message: $0.message) }
    }

    /// The same value, whose entries know where they stand.
    private static func placed(_ value: OptionValue, _ place: (Int) -> String) -> OptionValue {
        guard case .entries(var entries) = value else { return value }
        for index in entries.indices { entries[index].place = place(index) }
        return .entries(entries)
    }

    // MARK: The environment

    mutating func read(environment: [String: String]) {
        let known = Dictionary(uniqueKeysWithValues: OptionTable.options.map { ($0.variable, $0) })
        for (name, text) in environment.sorted(by: { $0.key < $1.key }) {
            if let option = known[name] {
                read(text, for: option, .variable(name))
            } else if name.hasPrefix(Option.variablePrefix), !Self.otherVariables.contains(name),
                let near = Suggestion.nearest(to: name, among: Array(known.keys).sorted())
            {
                // No problem but a warning: container platforms set variables named after services, which may have
                // the hub's name.
                configuration.warnings.append("\(name): there is no such variable; did you mean \"\(near)\"?")
            }
        }
    }

    /// Variables that the program has for other things.
    private static let otherVariables: Set = [
        Option.fileVariable, "AGENTHUB_CONTEXT", "AGENTHUB_URL", "AGENTHUB_TOKEN", "AGENTHUB_CA",
    ]

    // MARK: Flags

    mutating func read(_ flags: [ConfigurationSources.Flag]) {
        var seen: [String: String] = [:]
        var index = 0
        while index < flags.count {
            let flag = flags[index]
            guard let option = OptionTable.option(flag.option) else {
                let near = Suggestion.sentence(for: flag.option, among: OptionTable.options.map(\.name))
                problems.append(
                    ConfigurationProblem(
                        place: flag.typed, message: "there is no option \(flag.option)\(near)"))
                index += 1
                continue
            }
            // Repeating a flag for a list adds to it.
            var texts = [flag.value]
            if case .entries = option.kind {
                while index + 1 < flags.count, flags[index + 1].option == flag.option,
                    flags[index + 1].typed == flag.typed
                {
                    index += 1
                    texts.append(flags[index].value)
                }
            }
            index += 1
            if let before = seen.updateValue(flag.typed, forKey: option.name) {
                problems.append(
                    ConfigurationProblem(
                        place: flag.typed, message: "\(option.name) was given by \(before) already"))
            }
            read(texts, for: option, .flag(flag.typed))
        }
    }

    private mutating func read(_ text: String, for option: Option, _ origin: OptionOrigin) {
        read([text], for: option, origin)
    }

    private mutating func read(_ texts: [String], for option: Option, _ origin: OptionOrigin) {
        var values: [JSONValue] = []
        for text in texts {
            do throws(JSONTextError) {
                values.append(try option.json(fromText: text))
            } catch {
                problems.append(
                    ConfigurationProblem(place: origin.place, message: "\(option.name), at \(error)"))
                return
            }
        }
        let whole = values.count == 1 ? values[0] : .array(values.flatMap { $0.array ?? [$0] })
        var faults: [OptionFault] = []
        if let value = option.value(whole, at: JSONPath(), &faults) {
            configuration.set(option, Self.placed(value) { _ in origin.place }, origin)
        }
        problems += faults.map { ConfigurationProblem(place: origin.place, message: $0.message) }
    }
}
