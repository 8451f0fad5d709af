import HubModel
import HubSystem

/// Where the hub listens and keeps its data, who may come in, what operators see.
extension Option {
    static let data = Option(
        "data", .path, .none, flag: Flag(name: "data", letter: "d", value: "DIRECTORY"),
        "The directory of the log. None means $STATE_DIRECTORY, which systemd sets, or else agenthub in $XDG_STATE_HOME, "
            + "which is ~/.local/state unless it says otherwise. It is made if it is not there.",
        because:
            "A hub that is started to have a look at it needs no rights and leaves nothing in the current directory; "
            + "the hub says where its data is when it starts.")

    static let listeners = Option(
        "listeners", .entries(listenerFields, count: 1...64),
        .entries([entry(listenerFields, ["address": .text("127.0.0.1:8000")])]),
        flag: Flag(name: "listen", letter: "l", value: "ADDRESS"),
        "Where the hub listens. An entry may be an address alone. The flag can be repeated, and takes an object as "
            + "well.",
        because: "Nobody but this machine reaches a hub of which nobody has said who may use it.")

    static let listenerFields: [Option] = [
        Option(
            "address", .text(addressObjection), .none,
            "HOST:PORT with a numeric address, [::1]:8000 for IPv6, or unix:PATH. Port 0 lets the system choose.",
            because: "It must be given."),
        Option(
            "tls.certificate", .path, .none,
            "The file with the certificate, and those between it and its authority behind it, in PEM. Read again on "
                + "SIGHUP.",
            because: "Without a certificate the listener speaks plain."),
        Option(
            "tls.key", .path, .none,
            "The file with the certificate's private key, in PEM. Read again on SIGHUP.",
            because: "It belongs to the certificate."),
        Option(
            "tls.client_ca", .path, .none,
            "The file with the authorities whose clients are known by their certificates, in PEM. Read again on SIGHUP.",
            because: "Without it clients are asked for no certificate."),
        Option(
            "tls.client_crl", .path, .none,
            "The file with the lists of revoked client certificates, in PEM. If there is one, each authority in a "
                + "client's chain needs a list in date. Read again on SIGHUP.",
            because: "Not every authority revokes."),
        Option(
            "tls.clients", .choice(["optional", "required"]), .text("optional"),
            "Whether a client must show a certificate, where there is a client_ca.",
            because: "Agents with tokens and those with certificates can share a port."),
        Option(
            "tls.minimum", .choice(["1.2", "1.3"]), .text("1.2"), "The lowest version of TLS that is spoken.",
            because:
                "Version 1.2 with the ciphers that are allowed here is sound, and some clients know no other."
        ),
    ]

    static func addressObjection(_ text: String) -> String? {
        guard SocketAddress(text) == nil else { return nil }
        if text.hasPrefix("localhost:") { return "\"\(text)\" has a name; write 127.0.0.1:8000" }
        return "\"\(text)\" is no address; write 127.0.0.1:8000, [::1]:8000 or unix:/run/agenthub.socket"
    }

    /// An entry in which what is not given is as usual.
    static func entry(_ fields: [Option], _ values: [String: OptionValue]) -> OptionEntry {
        var entry = OptionEntry()
        for field in fields { entry[field.name] = values[field.name] ?? field.standard }
        return entry
    }

    static let loops = Option(
        "loops", .number(1...256), .none,
        "Threads that serve connections. None means one for each two processors, and at least one.",
        because: "The router and storage have threads of their own, which need about as much.")

    static let drain = Option(
        "drain", .duration(0...3_600_000), .number(10_000), reloads: true,
        "Over how long connections are closed when the hub is told to end.",
        because:
            "Clients that come back all at once are a burst for whoever takes over; service managers wait longer than "
            + "this.")

    // MARK: Access

    static let accessFile = Option(
        "access.file", .path, .none, reloads: true,
        "The file with agents, tokens, keys, roles and issuers; agenthub tokens and its like write it. None means "
            + "access.json in the data directory.",
        because: "What the commands write is found without being told where.")

    static let insecure = Option(
        "access.insecure", .flag, .flag(false), flag: Flag(name: "insecure", value: nil),
        "Let everyone in as whoever he says he is, on every address.",
        because: "Without credentials the hub listens to this machine alone.")

    static let attemptsBurst = Option(
        "access.attempts.burst", .number(1...1_000_000), .number(10),
        "Failed attempts that an address has at once.",
        because: "A client that restarts with a wrong token a few times is not shut out.")

    static let attemptsInterval = Option(
        "access.attempts.interval", .duration(1...3_600_000), .number(6000),
        "How long it takes for one more failed attempt.",
        because:
            "Checking a signature costs time, and each refusal is a line in the log: ten a minute harm nobody."
    )

    // MARK: Logging and health

    static let logLevel = Option(
        "logging.level", .choice(LogLevel.allCases.map(\.description)), .text("info"),
        reloads: true,
        flag: Flag(name: "log-level", value: "LEVEL"), "The least important lines that are written.",
        because:
            "Connections and consumers that come and go are in info; what happens with each message is in none."
    )

    static let loggingOptions: [Option] = [
        logLevel,
        Option(
            "logging.format", .choice(["text", "json"]), .text("text"),
            flag: Flag(name: "log-format", value: "FORMAT"), "Lines for people, or one JSON object on each.",
            because: "Whoever starts a hub by hand reads the lines; a collector can be told."),
        Option(
            "logging.file", .path, .none,
            "The file that lines are added to, opened anew on SIGHUP. None means standard error.",
            because: "Service managers and containers collect standard error."),
        Option(
            "logging.repeats", .number(1...1_000_000), .number(20),
            "Lines of one kind in ten seconds; more are counted and told of in one line.",
            because: "A thousand clients that fail alike fill no disk, and the number is there."),
        Option(
            "logging.waiting", .number(16...1_000_000), .number(4096),
            "Lines that may wait for the disk; more are dropped and counted.",
            because:
                "A disk that does not take lines holds up no message. At 4,096 lines that is a few megabytes."
        ),
    ]

    static let healthOptions: [Option] = [
        Option(
            "health.anonymous_metrics", .flag, .flag(false),
            "Whether /metrics is shown to those without credentials on addresses that ask for them.",
            because:
                "Metrics name topics and tenants. /health and /ready say nothing of the kind, and are always open."
        ),
        Option(
            "health.disk_low", .bytes(0...(1 << 50)), .number(1 << 30),
            "Room on the disk below which the hub warns.",
            because: "At a thousand messages a second of 1 KiB there is a quarter of an hour left."),
        Option(
            "health.disk_refuse", .bytes(0...(1 << 50)), .number(256 << 20),
            "Room on the disk below which the hub takes no more messages.",
            because: "Checkpoints and retention need room of their own to make room."),
        Option(
            "health.sync_probe", .flag, .flag(true),
            "Whether the disk's syncs are measured at the start, with a warning if they are too fast to be true, or slow.",
            because: "Receipts promise what the disk promises; it takes 0.3 s at most."),
    ]
}
