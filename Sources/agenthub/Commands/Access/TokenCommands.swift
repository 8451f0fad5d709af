import HubModel
import HubProtocols
import HubServer

/// `agenthub tokens`: what lets its bearer in.
enum TokenCommands {
    static let command = CommandSpec(
        name: "tokens", summary: "Make tokens that let agents in, list them, and take them back",
        details: """
            A token is a text that lets its bearer in as one agent. The hub keeps its SHA-256 alone, so it is shown \
            once, when it is made.
            """,
        subcommands: [add, list, revoke])

    private static let add = CommandSpec(
        name: "add", summary: "Make a token for an agent",
        details: """
            The agent is registered if it is not there yet, with the roles given. The token alone goes to standard \
            output.
            """,
        arguments: [ArgumentSpec(name: "AGENT", summary: "The agent's id")],
        options: [
            AccessCommands.role, AccessCommands.tenant, AccessCommands.days, AccessCommands.note,
            AccessCommands.data, AccessCommands.json,
        ],
        examples: [
            .init(
                call: "token=$(agenthub tokens add worker-1)",
                purpose: "A token for an agent with the usual role."),
            .init(
                call: "agenthub tokens add dashboard --role observer --days 90",
                purpose: "One for somebody who only looks, for three months."),
        ],
        exitCodes: AccessCommands.exitCodes
    ) { (arguments, console) throws(CommandFailure) in
        let name = try AccessCommands.agent(arguments)
        let expires = try AccessCommands.expiry(arguments)
        let (token, agent) = try AccessCommands.update(arguments) { document throws(AccessError) in
            let isKnown = document.agent(name) != nil
            if isKnown, arguments.has("role") {
                throw AccessError(
                    .absent,
                    "the agent \(name) is registered already: change its roles with agenthub agents rights")
            }
            let token = try document.addToken(
                name, roles: AccessCommands.roles(arguments), expires: expires,
                note: arguments.value("note") ?? "", now: AccessCommands.now)
            return (token, document.agent(name))
        }
        if arguments.has("json") {
            var object = JSONObject()
            object["id"] = .string(token.id)
            object["token"] = .string(token.text)
            object.put(name)
            object["roles"] = .array((agent?.roles ?? []).map { .string($0) })
            if expires != .none { object["expires"] = .string(expires.description) }
            try AccessCommands.write(.object(object), console)
        } else {
            try console.write("\(token.text)\n")
            try console.flush()
            let roles = (agent?.roles ?? []).joined(separator: ", ")
            console.tell(
                "Token \(token.id) for \(name) (\(roles)). It is not shown again.\n\(AccessCommands.reloadHint)"
            )
        }
        return .done
    }

    private static let list = CommandSpec(
        name: "list", summary: "Show which tokens there are",
        options: [
            OptionSpec(name: "agent", value: "AGENT", summary: "Those of one agent"), AccessCommands.tenant,
            AccessCommands.data, AccessCommands.json,
        ],
        exitCodes: AccessCommands.exitCodes
    ) { (arguments, console) throws(CommandFailure) in
        var tokens = try AccessCommands.load(arguments).tokens
        if let agent = arguments.value("agent") {
            let name = try AccessCommands.agent(agent, arguments)
            tokens.removeAll { $0.name != name }
        }
        if arguments.has("json") {
            let all = tokens.map { token -> JSONValue in
                var object = JSONObject()
                object["id"] = .string(token.id)
                object.put(token.name)
                object.put(token.validity)
                object["note"] = .string(token.note)
                return .object(object)
            }
            try AccessCommands.write(["tokens": .array(all)], console)
        } else {
            var columns = Columns("ID", "AGENT", "STATE", "NOTE")
            for token in tokens {
                columns.row(
                    token.id, token.name.description, AccessCommands.state(token.validity), token.note)
            }
            try console.write(columns.text(console.outputStyle))
        }
        return .done
    }

    private static let revoke = CommandSpec(
        name: "revoke", summary: "Take a token back",
        arguments: [
            ArgumentSpec(name: "ID", summary: "The token's id: its text between ahub_ and the next _")
        ],
        options: [AccessCommands.data],
        examples: [
            .init(call: "agenthub tokens revoke 3f9a0c1d2e4b", purpose: "It lets nobody in any more.")
        ],
        exitCodes: AccessCommands.exitCodes
    ) { (arguments, console) throws(CommandFailure) in
        // Whoever has the token at hand may give that.
        let text = arguments.arguments[0]
        let id = BearerToken(text)?.id ?? text
        let name = try AccessCommands.update(arguments) { document throws(AccessError) in
            try document.revokeToken(id, now: AccessCommands.now)
        }
        try console.write("Revoked the token \(id) of \(name).\n")
        console.tell(AccessCommands.reloadHint)
        return .done
    }
}
