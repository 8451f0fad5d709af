import HubModel
import HubProtocols
import HubServer

/// `agenthub keys`: public keys of agents, which sign challenges.
enum KeyCommands {
    static let command = CommandSpec(
        name: "keys", summary: "Make keys that agents sign with, register them, list them, and take them out",
        details: """
            An agent that has a key gets in by signing a challenge of the hub. The hub knows the public half: nothing \
            that could be stolen from it lets anybody in.
            """,
        subcommands: [generate, add, list, remove])

    private static let generate = CommandSpec(
        name: "generate", summary: "Make a key pair (Ed25519)",
        details: """
            The private key goes into a file for its owner alone, the public key to standard output, both in PEM. With \
            --agent the public key is registered as well.
            """,
        options: [
            OptionSpec(
                name: "out", letter: "o", value: "FILE",
                summary: "The file for the private key; it must not exist"),
            OptionSpec(name: "print", summary: "Write the private key to standard output, and no file"),
            OptionSpec(name: "agent", value: "AGENT", summary: "Register the public key for this agent"),
            AccessCommands.role, AccessCommands.tenant, AccessCommands.days, AccessCommands.note,
            AccessCommands.data,
        ],
        examples: [
            .init(
                call: "agenthub keys generate --out worker-1.key --agent worker-1",
                purpose: "A key for an agent that runs on this machine."),
            .init(
                call: "agenthub keys generate --out worker-1.key > worker-1.pub",
                purpose: "On the agent's machine; worker-1.pub is for whoever runs the hub."),
        ],
        exitCodes: AccessCommands.exitCodes
    ) { (arguments, console) throws(CommandFailure) in
        guard arguments.has("out") != arguments.has("print") else {
            throw .usage(UsageError("say where the private key goes: --out FILE or --print"))
        }
        let name: TenantAgent? =
            if let agent = arguments.value("agent") { try AccessCommands.agent(agent, arguments) } else {
                nil
            }
        let expires = try AccessCommands.expiry(arguments)
        let pair = try AccessCommands.access { () throws(AccessError) in try KeyPair.make() }
        if let path = arguments.value("out") {
            try AccessCommands.access { () throws(AccessError) in try pair.writePrivateKey(to: path) }
        }
        if let name {
            let id = try AccessCommands.update(arguments) { document throws(AccessError) in
                try document.addKey(
                    pair.publicPEM, name, roles: AccessCommands.roles(arguments), expires: expires,
                    note: arguments.value("note") ?? "", now: AccessCommands.now)
            }
            console.tell("Registered the key \(id) for \(name).\n\(AccessCommands.reloadHint)")
        }
        if arguments.has("print") { try console.write(pair.privateText) }
        try console.write(String(decoding: pair.publicPEM, as: UTF8.self))
        return .done
    }

    private static let add = CommandSpec(
        name: "add", summary: "Register a public key for an agent",
        details: """
            Ed25519, EC P-256 and RSA from 2,048 bits, in PEM or as the line that OpenSSH writes. The agent is \
            registered if it is not there yet, with the roles given.
            """,
        arguments: [
            ArgumentSpec(name: "AGENT", summary: "The agent's id"),
            ArgumentSpec(name: "FILE", summary: "The file with the public key"),
        ],
        options: [
            AccessCommands.role, AccessCommands.tenant, AccessCommands.days, AccessCommands.note,
            AccessCommands.data, AccessCommands.json,
        ],
        examples: [
            .init(call: "agenthub keys add worker-1 worker-1.pub", purpose: "A key that was made elsewhere."),
            .init(call: "agenthub keys add worker-1 ~/.ssh/id_ed25519.pub", purpose: "A key of OpenSSH."),
        ],
        exitCodes: AccessCommands.exitCodes
    ) { (arguments, console) throws(CommandFailure) in
        let name = try AccessCommands.agent(arguments)
        let expires = try AccessCommands.expiry(arguments)
        let text = try AccessCommands.access { () throws(AccessError) in
            try KeyPair.readPublicText(arguments.arguments[1])
        }
        let id = try AccessCommands.update(arguments) { document throws(AccessError) in
            try document.addKey(
                text, name, roles: AccessCommands.roles(arguments), expires: expires,
                note: arguments.value("note") ?? "", now: AccessCommands.now)
        }
        if arguments.has("json") {
            var object = JSONObject()
            object["id"] = .string(id)
            object.put(name)
            try AccessCommands.write(.object(object), console)
        } else {
            try console.write("Registered the key \(id) for \(name).\n")
            console.tell(AccessCommands.reloadHint)
        }
        return .done
    }

    private static let list = CommandSpec(
        name: "list", summary: "Show which keys are registered",
        options: [AccessCommands.data, AccessCommands.json], exitCodes: AccessCommands.exitCodes
    ) { (arguments, console) throws(CommandFailure) in
        let keys = try AccessCommands.load(arguments).keys
        if arguments.has("json") {
            let all = keys.map { key -> JSONValue in
                var object = JSONObject()
                object["id"] = .string(key.id)
                object.put(key.name)
                object.put(key.validity)
                object["note"] = .string(key.note)
                object["pem"] = .string(key.pem)
                return .object(object)
            }
            try AccessCommands.write(["keys": .array(all)], console)
        } else {
            var columns = Columns("ID", "AGENT", "STATE", "NOTE")
            for key in keys {
                columns.row(key.id, key.name.description, AccessCommands.state(key.validity), key.note)
            }
            try console.write(columns.text(console.outputStyle))
        }
        return .done
    }

    private static let remove = CommandSpec(
        name: "remove", summary: "Take a key out",
        arguments: [ArgumentSpec(name: "ID", summary: "The key's id")], options: [AccessCommands.data],
        exitCodes: AccessCommands.exitCodes
    ) { (arguments, console) throws(CommandFailure) in
        let id = arguments.arguments[0]
        let name = try AccessCommands.update(arguments) { document throws(AccessError) in
            try document.removeKey(id)
        }
        try console.write("Removed the key \(id) of \(name).\n")
        console.tell(AccessCommands.reloadHint)
        return .done
    }
}
