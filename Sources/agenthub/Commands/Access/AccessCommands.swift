import HubModel
import HubProtocols
import HubServer
import HubSystem

/// What the commands on the access file share.
enum AccessCommands {
    static let data = OptionSpec(
        name: "data", value: "DIRECTORY",
        summary:
            "The hub's data directory, which access.json is in; AGENTHUB_DATA, or what the hub itself takes")
    static let tenant = OptionSpec(name: "tenant", value: "TENANT", summary: "Its tenant, if not \"default\"")
    static let role = OptionSpec(
        name: "role", value: "ROLE", isRepeatable: true,
        summary: "A role: agent (which is usual), observer, admin, operator, or one of the file's own")
    static let days = OptionSpec(
        name: "days", value: "NUMBER", summary: "Good for so many days; for ever if nothing is said")
    static let note = OptionSpec(
        name: "note", value: "TEXT", summary: "What it is for, for those who list it")
    static let json = OptionSpec(name: "json", summary: "Write JSON")
    static let exitCodes = [
        (code: ExitCode.failed, meaning: "The disk or the system failed"),
        (
            code: ExitCode.unavailable,
            meaning: "Not there, there already, not allowed, in use, or the file is not as it must be"
        ),
    ]
    /// What an agent gets for whom nothing is said.
    static let usualRoles = [Role.agent.name]

    /// The directory that the hub keeps its data in.
    static func dataDirectory(_ arguments: ParsedArguments) -> String {
        if let path = arguments.value("data") ?? CurrentProcess.variable("AGENTHUB_DATA") { return path }
        // systemd lists several if there are several; ours has one.
        if let state = CurrentProcess.variable("STATE_DIRECTORY"),
            let first = state.split(separator: ":").first
        {
            return String(first)
        }
        if let state = CurrentProcess.variable("XDG_STATE_HOME"), state.hasPrefix("/") {
            return "\(state)/agenthub"
        }
        if let home = CurrentProcess.variable("HOME"), home.hasPrefix("/") {
            return "\(home)/.local/state/agenthub"
        }
        return "agenthub-data"
    }

    /// The access file that a command works on.
    static func file(_ arguments: ParsedArguments) -> AccessFile {
        AccessFile(dataDirectory: dataDirectory(arguments))
    }

    /// Reads the access file.
    static func load(_ arguments: ParsedArguments) throws(CommandFailure) -> AccessDocument {
        try access { () throws(AccessError) in try file(arguments).load() }
    }

    /// Changes the access file, in a data directory that is made if it is not there.
    static func update<Result>(
        _ arguments: ParsedArguments, _ change: (inout AccessDocument) throws(AccessError) -> Result
    ) throws(CommandFailure) -> Result {
        try makeDataDirectory(arguments)
        return try access { () throws(AccessError) in try file(arguments).update(change) }
    }

    /// Makes the data directory if it is not there, and those above it.
    static func makeDataDirectory(_ arguments: ParsedArguments) throws(CommandFailure) {
        let path = dataDirectory(arguments)
        do throws(SystemError) {
            for slash in path.indices.dropFirst() where path[slash] == "/" {
                let above = String(path[..<slash])
                if !Directory.exists(above) { try Directory.create(above) }
            }
            try Directory.create(path)
        } catch {
            throw .system(error)
        }
    }

    /// Runs something that works on access, and ends the command if it fails.
    static func access<Result>(_ body: () throws(AccessError) -> Result) throws(CommandFailure) -> Result {
        do throws(AccessError) { return try body() } catch { throw .access(error) }
    }

    /// A name that the user typed.
    static func checked<Value>(_ body: () throws(Refusal) -> Value) throws(CommandFailure) -> Value {
        do throws(Refusal) { return try body() } catch { throw .usage(UsageError(error.message)) }
    }

    /// The agent that the first argument names, in the tenant that an option names.
    static func agent(_ arguments: ParsedArguments) throws(CommandFailure) -> TenantAgent {
        try agent(arguments.arguments[0], arguments)
    }

    /// The agent of a name, in the tenant that an option names.
    static func agent(_ name: String, _ arguments: ParsedArguments) throws(CommandFailure) -> TenantAgent {
        try checked { () throws(Refusal) in
            let tenant: TenantName =
                if let text = arguments.value("tenant") { try TenantName(text) } else { .default }
            return TenantAgent(tenant, try AgentID(name))
        }
    }

    /// The roles that were asked for, or the usual ones.
    static func roles(_ arguments: ParsedArguments) -> [String] {
        arguments.has("role") ? arguments.values("role") : usualRoles
    }

    static var now: Timestamp { LogCommands.now() }

    /// Days after which nothing that is made here is good any more.
    private static let daysMax: UInt64 = 36_500

    /// The moment that `--days` from now is; none if nothing is said.
    static func expiry(_ arguments: ParsedArguments) throws(CommandFailure) -> Timestamp {
        guard let days = try days(arguments) else { return .none }
        return now.adding(milliseconds: Int64(days) * 86_400_000)
    }

    /// The number of `--days`.
    static func days(_ arguments: ParsedArguments) throws(CommandFailure) -> Int? {
        guard let days = try arguments.number("days", atLeast: 1) else { return nil }
        guard days <= daysMax else { throw .usage(UsageError("--days takes \(daysMax) at most")) }
        return Int(days)
    }

    /// Whether something is good, in a word, with the moment that it depends on.
    static func state(_ validity: Validity) -> String {
        if validity.revoked != .none { return "revoked \(day(validity.revoked))" }
        guard validity.expires != .none else { return "good" }
        return validity.isGood(now)
            ? "good until \(day(validity.expires))" : "expired \(day(validity.expires))"
    }

    /// A moment's date.
    static func day(_ moment: Timestamp) -> String { String(moment.description.prefix(10)) }

    /// Writes an object as one line.
    static func write(_ value: JSONValue, _ console: Console) throws(CommandFailure) {
        var writer = JSONWriter()
        writer.value(value)
        writer.newline()
        try console.write(writer.bytes)
    }

    /// What is told after a change that a running hub does not see by itself.
    static let reloadHint = "A running hub takes this over on SIGHUP.\n"
}

extension JSONObject {
    /// Sets the members that say whose something is.
    mutating func put(_ name: TenantAgent) {
        self["agent"] = .string(name.agent.text)
        self["tenant"] = .string(name.tenant.text)
    }

    /// Sets the members that say whether something is good.
    mutating func put(_ validity: Validity) {
        self["good"] = .bool(validity.isGood(AccessCommands.now))
        let moments = [
            ("created", validity.created), ("expires", validity.expires), ("revoked", validity.revoked),
        ]
        for (name, moment) in moments where moment != .none { self[name] = .string(moment.description) }
    }
}
