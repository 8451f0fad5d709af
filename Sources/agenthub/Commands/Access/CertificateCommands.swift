import HubModel
import HubProtocols
import HubServer

/// `agenthub certs`: an authority of one's own, for hubs and agents.
enum CertificateCommands {
    static let command = CommandSpec(
        name: "certs", summary: "Make an authority, and certificates for hubs and agents",
        details: """
            The authority lies in a folder: ca.pem is for all who shall believe it, crl.pem for hubs, and ca.key for \
            nobody else. An agent whose certificate it issued is who the certificate says, without anything registered.
            """,
        subcommands: [authority, issue, revoke, list, revocations])

    private static let folder = OptionSpec(
        name: "folder", value: "FOLDER",
        summary: "The authority's folder; certs in the data directory if nothing is said")
    private static let revocationsHint =
        "A hub takes the revocation list over when it reads its configuration again (SIGHUP).\n"

    private static func opened(_ arguments: ParsedArguments) -> CertificateFolder {
        CertificateFolder(
            path: arguments.value("folder") ?? "\(AccessCommands.dataDirectory(arguments))/certs")
    }

    private static let authority = CommandSpec(
        name: "ca", summary: "Make an authority",
        options: [
            OptionSpec(
                name: "name", value: "TEXT",
                summary: "What it calls itself; \"AgentHub CA\" if nothing is said"),
            OptionSpec(
                name: "days", value: "NUMBER", summary: "Good for so many days; 3650 if nothing is said"),
            folder, AccessCommands.data,
        ],
        examples: [
            .init(call: "agenthub certs ca --folder certs", purpose: "An authority in a folder of its own.")
        ],
        exitCodes: AccessCommands.exitCodes
    ) { (arguments, console) throws(CommandFailure) in
        let folder = opened(arguments)
        let days = try AccessCommands.days(arguments) ?? 3650
        if !arguments.has("folder") { try AccessCommands.makeDataDirectory(arguments) }
        try AccessCommands.access { () throws(AccessError) in
            try folder.make(
                name: arguments.value("name") ?? "AgentHub CA", validDays: days, now: AccessCommands.now)
        }
        try console.write("Made an authority: \(folder.authorityPath).\n")
        console.tell("Whoever has \(folder.keyPath) can issue certificates in its name: keep it.\n")
        return .done
    }

    private static let issue = CommandSpec(
        name: "issue", summary: "Issue a certificate, with a new key",
        details: """
            For an agent, whose id is its common name; or with --server for a hub, whose names and addresses it holds. \
            Certificate and key go into two files, the key's for its owner alone.
            """,
        arguments: [
            ArgumentSpec(name: "NAME", summary: "The agent's id, or the name or address of the server")
        ],
        options: [
            OptionSpec(name: "server", summary: "For a server"),
            OptionSpec(
                name: "also", value: "NAME", isRepeatable: true,
                summary: "Another name or address of the server"),
            OptionSpec(
                name: "out", letter: "o", value: "PREFIX",
                summary: "Writes PREFIX.pem and PREFIX.key; the name if nothing is said"),
            OptionSpec(
                name: "days", value: "NUMBER", summary: "Good for so many days; 365 if nothing is said"),
            AccessCommands.tenant, folder, AccessCommands.data, AccessCommands.json,
        ],
        examples: [
            .init(
                call: "agenthub certs issue hub.example --server --also 127.0.0.1 --folder certs",
                purpose: "For a hub with a name and an address."),
            .init(call: "agenthub certs issue worker-1 --folder certs", purpose: "For an agent."),
        ],
        exitCodes: AccessCommands.exitCodes
    ) { (arguments, console) throws(CommandFailure) in
        let name = arguments.arguments[0]
        let prefix = try prefix(arguments)
        let days = try AccessCommands.days(arguments) ?? 365
        let folder = opened(arguments)
        guard arguments.has("server") || !arguments.has("also") else {
            throw .usage(UsageError("--also is for servers: give --server as well"))
        }
        let agent: TenantAgent? = arguments.has("server") ? nil : try AccessCommands.agent(arguments)
        let issued = try AccessCommands.access { () throws(AccessError) in
            let made =
                if let agent {
                    try folder.issue(agent: agent, validDays: days, into: prefix, now: AccessCommands.now)
                } else {
                    try folder.issue(
                        server: [name] + arguments.values("also"), validDays: days, into: prefix,
                        now: AccessCommands.now)
                }
            return made
        }
        if arguments.has("json") {
            try AccessCommands.write(object(issued), console)
        } else {
            try console.write(
                "Issued \(issued.serial) for \(issued.subject): \(prefix).pem and \(prefix).key.\n")
        }
        return .done
    }

    /// What the files are called, without their endings.
    private static func prefix(_ arguments: ParsedArguments) throws(CommandFailure) -> String {
        if let prefix = arguments.value("out") { return prefix }
        let name = arguments.arguments[0]
        let isPlain = name.utf8.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || "-_.".utf8.contains($0)
        }
        guard isPlain, !name.hasPrefix("."), name.utf8.count <= 100 else {
            throw .usage(UsageError("the name makes no good name of a file: give one with --out PREFIX"))
        }
        return name
    }

    private static let revoke = CommandSpec(
        name: "revoke", summary: "Take certificates back",
        arguments: [
            ArgumentSpec(
                name: "NAME", summary: "A serial number, or the agent or server whose certificates are meant")
        ],
        options: [folder, AccessCommands.data],
        examples: [
            .init(call: "agenthub certs revoke worker-1 --folder certs", purpose: "All of one agent.")
        ],
        exitCodes: AccessCommands.exitCodes
    ) { (arguments, console) throws(CommandFailure) in
        let folder = opened(arguments)
        let revoked = try AccessCommands.access { () throws(AccessError) in
            try folder.revoke(arguments.arguments[0], now: AccessCommands.now)
        }
        for issued in revoked { try console.write("Revoked \(issued.serial) of \(issued.subject).\n") }
        if revoked.isEmpty { try console.write("Nothing to do: revoked already.\n") }
        console.tell("\(folder.revocationsPath) has been written. \(revocationsHint)")
        return .done
    }

    private static let list = CommandSpec(
        name: "list", summary: "Show what was issued",
        options: [folder, AccessCommands.data, AccessCommands.json], exitCodes: AccessCommands.exitCodes
    ) { (arguments, console) throws(CommandFailure) in
        let folder = opened(arguments)
        let all = try AccessCommands.access { () throws(AccessError) in try folder.list() }
        if arguments.has("json") {
            try AccessCommands.write(["certificates": .array(all.map(object))], console)
        } else {
            var columns = Columns("SERIAL", "FOR", "KIND", "STATE")
            for issued in all {
                columns.row(
                    issued.serial, issued.subject, issued.isServer ? "server" : "agent",
                    AccessCommands.state(issued.validity))
            }
            try console.write(columns.text(console.outputStyle))
        }
        return .done
    }

    private static func object(_ issued: CertificateFolder.Issued) -> JSONValue {
        var object = JSONObject()
        object["serial"] = .string(issued.serial)
        object["fingerprint"] = .string(issued.fingerprint)
        object["subject"] = .string(issued.subject)
        object["server"] = .bool(issued.isServer)
        object.put(issued.validity)
        return .object(object)
    }

    private static let revocations = CommandSpec(
        name: "crl", summary: "Write the revocation list anew",
        details: """
            A list is good for \(CertificateFolder.revocationDays) days; with one that is out of date, a hub lets nobody \
            in by certificate.
            """,
        options: [folder, AccessCommands.data], exitCodes: AccessCommands.exitCodes
    ) { (arguments, console) throws(CommandFailure) in
        let folder = opened(arguments)
        try AccessCommands.access { () throws(AccessError) in
            try folder.renewRevocations(now: AccessCommands.now)
        }
        try console.write("Wrote \(folder.revocationsPath).\n")
        console.tell(revocationsHint)
        return .done
    }
}
