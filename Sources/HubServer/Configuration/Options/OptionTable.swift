/// All options of the hub.
package enum OptionTable {
    /// All sections, in the order in which they are shown.
    package static let sections: [OptionSection] = [
        OptionSection(
            name: "", summary: "Where the hub listens, where it keeps its data, and how it runs.",
            options: [.data, .listeners, .loops, .drain]),
        OptionSection(
            name: "access",
            summary:
                "Who may connect, and as whom. No secret stands in this file: tokens are in the access file, hashed.",
            options: [.accessFile, .insecure, .attemptsBurst, .attemptsInterval]),
        OptionSection(
            name: "log", summary: "The log of all messages: how large it may grow, and what is kept.",
            options: Option.logOptions),
        OptionSection(
            name: "router", summary: "Messages, sessions and names: how many and how large.",
            options: Option.routerOptions),
        OptionSection(
            name: "consumer", summary: "What a consumer gets that asks for nothing else.",
            options: Option.consumerOptions),
        OptionSection(
            name: "quota", summary: "How much of the hub one agent or one tenant may use.",
            options: Option.quotaOptions),
        OptionSection(
            name: "connections",
            summary: "How many connections there may be, how long they may take, and what they may hold.",
            options: Option.connectionOptions),
        OptionSection(
            name: "http", summary: "Requests: their sizes and times.", options: Option.httpOptions),
        OptionSection(
            name: "websocket", summary: "WebSockets: their messages, and how long silence is borne.",
            options: Option.webSocketOptions),
        OptionSection(
            name: "logging", summary: "What the hub tells of itself, in lines.",
            options: Option.loggingOptions),
        OptionSection(
            name: "health", summary: "What operators and their programs look at.",
            options: Option.healthOptions),
    ]

    /// All options.
    package static let options: [Option] = sections.flatMap(\.options)

    /// The option with a name.
    package static func option(_ name: String) -> Option? { byName[name] }

    private static let byName: [String: Option] = {
        Dictionary(uniqueKeysWithValues: options.map { ($0.name, $0) })
    }()
}
