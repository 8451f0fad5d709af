import HubClient

/// `agenthub replay`: what was, again.
enum ReplayCommand {
    static let command = CommandSpec(
        name: "replay", summary: "Show a session or topics again, at once or at the pace at which it was",
        details: """
            Without --to it ends with what was there when it was asked for. In a session, places are the numbers of its \
            messages; in topics they are offsets. Both can be times. The log is not changed by it, and no consumer moves.
            """,
        arguments: [
            ArgumentSpec(
                name: "SESSION", count: .atMostOne, summary: "The session; or topics, with --topic")
        ],
        options: [
            OptionSpec(
                name: "topic", letter: "t", value: "TOPIC", isRepeatable: true,
                summary: "A topic or a pattern of topics, and no session"),
            OptionSpec(name: "from", value: "PLACE", summary: "Where it begins (the first that is kept)"),
            OptionSpec(name: "to", value: "PLACE", summary: "Where it ends, this one included"),
            OptionSpec(
                name: "speed", value: "SPEED",
                summary: "instant, original, or how many times as fast as it was (instant)"),
            OptionSpec(name: "step", summary: "Wait for a key before each message; q ends it"),
            OptionSpec(name: "limit", letter: "n", value: "COUNT", summary: "So many messages at the most"),
            MessageOptions.json,
        ] + HubPlace.options,
        examples: [
            .init(call: "agenthub replay topic:builds.done", purpose: "The session of a topic."),
            .init(
                call: "agenthub replay --topic 'builds.>' --speed 10 --from 2026-11-20T10:00",
                purpose: "Ten times as fast as it was."),
            .init(call: "agenthub replay dm:anna:bob --step", purpose: "What two agents said, one by one."),
        ],
        exitCodes: HubPlace.exitCodes
    ) { (arguments, _) throws(CommandFailure) in
        let wish = try ReplayWish(arguments)
        return try HubTask.run(arguments) { (client, arguments, console) async throws(CommandFailure) in
            let replay = try await HubTask.client { () async throws(ClientError) in
                try wish.begin(client)
            }
            let keys = arguments.has("step") ? try KeyPrompt() : nil
            var shown = 0
            var failure: CommandFailure?
            do throws(ClientError) {
                for try await delivery in replay {
                    if let keys, shown > 0 {
                        let key = keys.ask("next? any key; q ends it ", among: "", console)
                        if key == nil || key == "q" { break }
                    }
                    shown += 1
                    do throws(CommandFailure) {
                        try console.write(delivery, asJSON: arguments.has("json"))
                        try console.flush()
                    } catch {
                        failure = error
                        break
                    }
                }
            } catch {
                throw .client(error)
            }
            if let failure { throw failure }
            if shown == 0 { console.tell("There is nothing to show.\n") }
            return .done
        }
    }
}

/// What is to be shown again, and how.
struct ReplayWish: Sendable, Equatable {
    let session: String?
    let topics: [String]
    let from: ReplayPoint?
    let to: ReplayPoint?
    let speed: ReplaySpeed
    let limit: Int?

    init(_ arguments: ParsedArguments) throws(CommandFailure) {
        session = arguments.arguments.first
        topics = arguments.values("topic")
        guard (session == nil) != topics.isEmpty else {
            throw .usage(UsageError("what to replay: SESSION, or --topic TOPIC, and not both"))
        }
        from = try Self.point(arguments, "from", isSession: session != nil)
        to = try Self.point(arguments, "to", isSession: session != nil)
        speed = try Self.speed(arguments.value("speed") ?? "instant")
        limit = try arguments.number("limit", atLeast: 1).map { Int(clamping: $0) }
    }

    private static func point(
        _ arguments: ParsedArguments, _ option: String, isSession: Bool
    ) throws(CommandFailure) -> ReplayPoint? {
        guard let text = arguments.value(option) else { return nil }
        return switch try LogPlace(text, option: option) {
        case .offset(let number): isSession ? .sequence(number) : .offset(number)
        case .time(let time): .time(time)
        }
    }

    static func speed(_ text: String) throws(CommandFailure) -> ReplaySpeed {
        switch text {
        case "instant": return .instant
        case "original": return .original
        default:
            let number = text.hasSuffix("x") ? String(text.dropLast()) : text
            guard let times = Double(number), times > 0, times <= 1e6 else {
                throw .usage(
                    UsageError("--speed takes instant, original, or a number such as 10, not \"\(text)\""))
            }
            return .times(times)
        }
    }

    func begin(_ client: HubClient) throws(ClientError) -> Replay {
        if let session {
            return try client.replay(session: session, from: from, to: to, speed: speed, limit: limit)
        }
        return try client.replay(topics: topics, from: from, to: to, speed: speed, limit: limit)
    }
}
