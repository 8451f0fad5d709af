import HubModel
import HubProtocols
import HubServer

/// `agenthub agents`: who is registered, and with which rights.
enum AgentCommands {
    static let command = CommandSpec(
        name: "agents", summary: "Register agents, list them, and say what they may do",
        details: """
            What an agent may do is what its roles give and what it is given besides. Patterns of topics are those of \
            subscriptions; "agent:" before a pattern of ids, in which * stands for anything, means agents.
            """,
        subcommands: [add, list, remove, rights, AgentStateCommand.command])

    private static let lists: [(name: String, value: String, summary: String)] = [
        ("publish", "PATTERN", "A pattern of topics, or of agents, that it may publish to"),
        (
            "subscribe", "PATTERN",
            "A pattern of topics that it may subscribe to, or of agents that it may watch"
        ),
        ("command", "PATTERN", "A pattern of agents or topics that it may send commands to"),
        ("sessions", "PATTERN", "A pattern of ids of sessions that it may open and take part in"),
        ("admin", "PATTERN", "A pattern of actions of administration, such as *.read"),
    ]
    private static let listOptions = lists.map {
        OptionSpec(name: $0.name, value: $0.value, isRepeatable: true, summary: $0.summary)
    }

    private static let add = CommandSpec(
        name: "add", summary: "Register an agent",
        arguments: [ArgumentSpec(name: "AGENT", summary: "The agent's id")],
        options: [AccessCommands.role] + listOptions + [
            AccessCommands.tenant, AccessCommands.days, AccessCommands.data,
        ],
        examples: [
            .init(call: "agenthub agents add planner", purpose: "An agent that talks to all others."),
            .init(
                call: "agenthub agents add sensor-7 --role '' --publish 'sensors.7.>'",
                purpose: "One that may do nothing but publish below one topic."),
        ],
        exitCodes: AccessCommands.exitCodes
    ) { (arguments, console) throws(CommandFailure) in
        let name = try AccessCommands.agent(arguments)
        let expires = try AccessCommands.expiry(arguments)
        let rights = try changed(Rights(), arguments)
        try AccessCommands.update(arguments) { document throws(AccessError) in
            try document.addAgent(
                name, roles: roles(arguments) ?? AccessCommands.usualRoles, rights: rights, expires: expires,
                now: AccessCommands.now)
        }
        try console.write("Registered \(name).\n")
        console.tell("It comes in by a token, a key or a certificate (agenthub tokens, keys, certs).\n")
        return .done
    }

    private static let list = CommandSpec(
        name: "list", summary: "Show which agents are registered",
        options: [
            OptionSpec(name: "tenant", value: "TENANT", summary: "Those of one tenant"), AccessCommands.data,
            AccessCommands.json,
        ],
        exitCodes: AccessCommands.exitCodes
    ) { (arguments, console) throws(CommandFailure) in
        let document = try AccessCommands.load(arguments)
        let tenant = arguments.value("tenant")
        let agents = document.agents.filter { tenant == nil || $0.name.tenant.text == tenant }
        if arguments.has("json") {
            try AccessCommands.write(["agents": .array(agents.map { object($0, document) })], console)
        } else {
            var columns = Columns("AGENT", "ROLES", "TOKENS", "KEYS", "STATE")
            for agent in agents {
                columns.row(
                    agent.name.description, agent.roles.joined(separator: ", "),
                    "\(document.tokens.count { $0.name == agent.name })",
                    "\(document.keys.count { $0.name == agent.name })", AccessCommands.state(agent.validity))
            }
            try console.write(columns.text(console.outputStyle))
        }
        return .done
    }

    private static func object(_ agent: RegisteredAgent, _ document: AccessDocument) -> JSONValue {
        var object = JSONObject()
        object.put(agent.name)
        object.put(agent.validity)
        object["roles"] = .array(agent.roles.map { .string($0) })
        object["rights"] = agent.rights.json
        object["effective_rights"] = document.rights(of: agent).json
        object["tokens"] = .integer(Int64(document.tokens.count { $0.name == agent.name }))
        object["keys"] = .integer(Int64(document.keys.count { $0.name == agent.name }))
        return .object(object)
    }

    private static let remove = CommandSpec(
        name: "remove", summary: "Take an agent out, with its tokens and keys",
        details: """
            A certificate that names the agent still lets it in, with the roles of certificates: revoke that too \
            (agenthub certs revoke), or shut the agent out whatever it shows (agenthub agents rights AGENT --shut-out).
            """,
        arguments: [ArgumentSpec(name: "AGENT", summary: "The agent's id")],
        options: [AccessCommands.tenant, AccessCommands.data], exitCodes: AccessCommands.exitCodes
    ) { (arguments, console) throws(CommandFailure) in
        let name = try AccessCommands.agent(arguments)
        let gone = try AccessCommands.update(arguments) { document throws(AccessError) in
            try document.removeAgent(name)
        }
        try console.write("Removed \(name), its tokens (\(gone.tokens)) and its keys (\(gone.keys)).\n")
        console.tell(AccessCommands.reloadHint)
        return .done
    }

    private static let rights = CommandSpec(
        name: "rights", summary: "Show or change what an agent may do",
        details: """
            Each list that is given replaces the agent's own list of that kind; '' alone empties it. Without any, the \
            rights are shown, those of the roles included.
            """,
        arguments: [ArgumentSpec(name: "AGENT", summary: "The agent's id")],
        options: [AccessCommands.role] + listOptions + [
            OptionSpec(name: "shut-out", summary: "Let it in no more, whatever it shows"),
            OptionSpec(name: "let-in", summary: "Let it in again"),
            AccessCommands.tenant, AccessCommands.data, AccessCommands.json,
        ],
        examples: [
            .init(
                call: "agenthub agents rights sensor-7 --publish 'sensors.7.>' --role ''",
                purpose: "From now on that and no more."),
            .init(call: "agenthub agents rights sensor-7", purpose: "What it may do."),
        ],
        exitCodes: AccessCommands.exitCodes
    ) { (arguments, console) throws(CommandFailure) in
        let name = try AccessCommands.agent(arguments)
        if arguments.has("shut-out"), arguments.has("let-in") {
            throw .usage(UsageError("--shut-out and --let-in do not go together"))
        }
        // Patterns are checked before anything is touched.
        _ = try changed(Rights(), arguments)
        let changes = ["role", "shut-out", "let-in"] + lists.map(\.name)
        if changes.contains(where: arguments.has) {
            try change(name, arguments)
            console.tell(AccessCommands.reloadHint)
        }
        let document = try AccessCommands.load(arguments)
        guard let agent = document.agent(name) else {
            throw .access(AccessError(.absent, "there is no agent \(name): agenthub agents list shows them"))
        }
        try show(agent, document, arguments.has("json"), console)
        return .done
    }

    private static func change(_ name: TenantAgent, _ arguments: ParsedArguments) throws(CommandFailure) {
        try AccessCommands.update(arguments) { document throws(AccessError) in
            try document.changeAgent(name) { agent throws(AccessError) in
                if let roles = roles(arguments) { agent.roles = roles }
                if arguments.has("shut-out") { agent.validity.revoked = AccessCommands.now }
                if arguments.has("let-in") { agent.validity.revoked = .none }
                do throws(CommandFailure) {
                    agent.rights = try changed(agent.rights, arguments)
                } catch {
                    preconditionFailure("patterns that were good are not any more")
                }
            }
        }
    }

    private static func show(
        _ agent: RegisteredAgent, _ document: AccessDocument, _ isJSON: Bool, _ console: Console
    ) throws(CommandFailure) {
        if isJSON { return try AccessCommands.write(object(agent, document), console) }
        var table = Table(style: console.outputStyle)
        table.heading(agent.name.description)
        table.row("state", AccessCommands.state(agent.validity))
        table.row("roles", agent.roles.isEmpty ? "none" : agent.roles.joined(separator: ", "))
        for (kind, patterns) in document.rights(of: agent).lists {
            table.row(kind, patterns.isEmpty ? "nothing" : patterns.joined(separator: ", "))
        }
        try console.write(table.text)
    }

    /// The roles that were given; nil if none were, so that nothing changes.
    private static func roles(_ arguments: ParsedArguments) -> [String]? {
        arguments.has("role") ? arguments.values("role").filter { !$0.isEmpty } : nil
    }

    /// Rights in which the lists that were given have replaced those that were there.
    private static func changed(_ rights: Rights, _ arguments: ParsedArguments) throws(CommandFailure)
        -> Rights
    {
        var object = rights.json.object ?? JSONObject()
        for (name, _, _) in lists where arguments.has(name) {
            object[name] = .array(arguments.values(name).filter { !$0.isEmpty }.map { .string($0) })
        }
        do throws(AccessError) {
            return try Rights(.object(object), "rights")
        } catch {
            throw .usage(UsageError(error.description))
        }
    }
}
