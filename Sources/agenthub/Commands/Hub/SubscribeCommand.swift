import HubClient

/// `agenthub sub`: messages as they come.
enum SubscribeCommand {
    static let command = CommandSpec(
        name: "sub", summary: "Show messages of topics, or those sent to an agent, as they come",
        details: """
            TOPIC may be a pattern: * stands for one part of a name, > for all that follow. With --consumer the hub keeps \
            the place: the next call with the same name goes on where this one ended, however it ended.
            With --ack auto a message is settled once it is written; with --ack explicit the keys y, n and t on a terminal \
            settle it, ask for it again, or give it up. Ctrl-C ends the command.
            """,
        arguments: [ArgumentSpec(name: "TOPIC", count: .any, summary: "A topic or a pattern of topics")],
        options: [
            OptionSpec(
                name: "inbox", letter: "i", summary: "What is sent to the agent of --as, not topics"),
            OptionSpec(
                name: "consumer", letter: "c", value: "NAME",
                summary: "A consumer that keeps its place in the hub"),
            OptionSpec(name: "group", letter: "g", summary: "Share the consumer, each message goes to one"),
            OptionSpec(name: "sticky", summary: "In a group: all of a session to the same one"),
            OptionSpec(
                name: "from", value: "PLACE",
                summary: "Where a new consumer begins: new, all, last, an offset or a time (new)"),
            OptionSpec(name: "ack", value: "WORD", summary: "auto or explicit (auto)"),
            OptionSpec(
                name: "in-flight", value: "COUNT", summary: "Unsettled at a time (256; explicit: 1)"),
            OptionSpec(name: "count", letter: "n", value: "COUNT", summary: "End after so many messages"),
            OptionSpec(name: "wait", summary: "Wait for a hub that is not there yet"), MessageOptions.json,
        ] + HubPlace.options,
        examples: [
            .init(call: "agenthub sub 'builds.>'", purpose: "Everything below builds, from now on."),
            .init(
                call: "agenthub sub 'builds.>' --consumer audit --from all --json",
                purpose: "All that the hub has, and what comes; goes on where it was, if it is called again."),
            .init(call: "agenthub sub --inbox --as planner", purpose: "What is sent to planner."),
        ],
        exitCodes: HubPlace.exitCodes
    ) { (arguments, console) throws(CommandFailure) in
        let topics = arguments.arguments
        let isInbox = arguments.has("inbox")
        guard isInbox != !topics.isEmpty else {
            throw .usage(UsageError("what to subscribe to: TOPIC, or --inbox, and not both"))
        }
        let options = try options(arguments)
        let count = try arguments.number("count", atLeast: 1).map { Int(clamping: $0) }
        let isExplicit = options.acknowledgement == .manual
        let naming: HubPlace.Naming =
            if isInbox {
                .lasting
            } else if let consumer = options.consumer, !options.isShared {
                .consumer(consumer)
            } else {
                .unique
            }
        return try HubTask.run(arguments, as: naming, waitsForHub: arguments.has("wait")) {
            (client, arguments, console) async throws(CommandFailure) in
            let subscription = try await HubTask.client { () async throws(ClientError) in
                isInbox
                    ? try await client.inbox(options: options)
                    : try await client.subscribe(topics, options: options)
            }
            let what = isInbox ? "what is sent to \(client.hub.agent)" : topics.joined(separator: ", ")
            console.tell("Listening to \(what); Ctrl-C ends it.\n")
            let show = Show(asJSON: arguments.has("json"), count: count, isExplicit: isExplicit)
            do throws(CommandFailure) { try await show.run(subscription, console) } catch {
                await HubTask.leave(subscription)
                throw error
            }
            await HubTask.leave(subscription)
            return .done
        }
    }

    static func options(_ arguments: ParsedArguments) throws(CommandFailure) -> SubscribeOptions {
        var options = SubscribeOptions()
        options.consumer = arguments.value("consumer")
        options.isShared = arguments.has("group")
        options.isSticky = arguments.has("sticky")
        guard !options.isShared || options.consumer != nil else {
            throw .usage(UsageError("--group needs a consumer to share: --consumer NAME"))
        }
        guard !options.isSticky || options.isShared else {
            throw .usage(UsageError("--sticky is for groups: --group"))
        }
        if let text = arguments.value("from") { options.from = try start(text) }
        if let count = try arguments.number("in-flight", atLeast: 1) {
            options.inFlightMax = Int(clamping: count)
        }
        switch arguments.value("ack") ?? "auto" {
        case "auto": options.acknowledgement = .automatic
        case "explicit":
            options.acknowledgement = .manual
            // What waits for a person to come to it would be taken for lost, and come again.
            if !arguments.has("in-flight") { options.inFlightMax = 1 }
        case let word: throw .usage(UsageError("--ack takes auto or explicit, not \"\(word)\""))
        }
        return options
    }

    static func start(_ text: String) throws(CommandFailure) -> StartPosition {
        switch text {
        case "new": return .new
        case "all": return .all
        case "last": return .last
        default:
            switch try LogPlace(text, option: "from") {
            case .offset(let offset): return .offset(offset)
            case .time(let time): return .time(time)
            }
        }
    }

    /// How what comes is shown.
    private struct Show {
        let asJSON: Bool
        let count: Int?
        let isExplicit: Bool

        func run(_ subscription: Subscription, _ console: Console) async throws(CommandFailure) {
            let keys = isExplicit ? try KeyPrompt() : nil
            var seen = 0
            var failure: CommandFailure?
            do throws(ClientError) {
                for try await delivery in subscription {
                    do throws(CommandFailure) {
                        try console.write(delivery, asJSON: asJSON)
                        try console.flush()
                    } catch {
                        failure = error
                        break
                    }
                    seen += 1
                    if let keys {
                        guard settle(delivery, keys, console) else { break }
                    } else {
                        // It is written: whatever ends the loop now, it is done with.
                        delivery.ack()
                    }
                    if let count, seen >= count { break }
                }
            } catch {
                throw .client(error)
            }
            if let failure { throw failure }
        }

        /// Asks a person what is to become of a message; false if the command is to end.
        private func settle(_ delivery: Delivery, _ keys: KeyPrompt, _ console: Console) -> Bool {
            switch keys.ask("settled? y yes, n again, t give up, q quit ", among: "yntq", console) {
            case "y": delivery.ack()
            case "n": delivery.nak()
            case "t": delivery.term(reason: "given up by hand")
            default: return false
            }
            return true
        }
    }
}
