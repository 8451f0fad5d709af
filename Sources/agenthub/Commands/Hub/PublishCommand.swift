import HubClient
import HubProtocols

/// `agenthub pub`: messages to a topic or to an agent.
enum PublishCommand {
    static let command = CommandSpec(
        name: "pub", summary: "Publish messages to a topic, or send them to an agent",
        details: """
            DATA that is JSON is sent as it is, anything else as text. Without DATA each line of standard input is a \
            message. The command ends when the hub has said that it has them all; a line tells where each one is.
            """,
        arguments: [
            ArgumentSpec(
                name: "TOPIC", count: .atMostOne, summary: "The topic; with --to the first word is DATA"),
            ArgumentSpec(name: "DATA", count: .atMostOne, summary: "What is sent"),
        ],
        options: [
            OptionSpec(name: "to", value: "AGENT", summary: "Send to this agent and not to a topic"),
            OptionSpec(name: "file", letter: "f", value: "FILE", summary: "Send the content of a file"),
            OptionSpec(name: "text", summary: "Send as text even what is JSON"),
            OptionSpec(name: "count", letter: "n", value: "COUNT", summary: "Send DATA so many times"),
            OptionSpec(name: "session", letter: "s", value: "SESSION", summary: "The session it belongs to"),
            OptionSpec(name: "id", value: "ID", summary: "Its id: the hub takes one id once"),
            OptionSpec(name: "ttl", value: "MS", summary: "Milliseconds until it has no value any more"),
            OptionSpec(name: "retain", summary: "Keep it as the last value of its topic"),
            OptionSpec(
                name: "durability", value: "WORD",
                summary: "fsynced, memory or replicated: when the receipt comes (fsynced)"),
            OptionSpec(name: "cause", value: "ID", summary: "The message that brought it about"),
            OptionSpec(name: "quiet", letter: "q", summary: "Write no receipts"), MessageOptions.json,
        ] + HubPlace.options,
        examples: [
            .init(call: #"agenthub pub builds.done '{"build": 7}'"#, purpose: "One message to a topic."),
            .init(call: "agenthub pub --to planner hello", purpose: "Text to an agent, there or not."),
            .init(call: "tail -F app.log | agenthub pub logs.app -q", purpose: "Each line as it comes."),
        ],
        exitCodes: HubPlace.exitCodes
    ) { (arguments, console) throws(CommandFailure) in
        let job = try Job(arguments)
        return try HubTask.run(arguments) { (client, _, console) async throws(CommandFailure) in
            if let data = job.data, job.count == 1 {
                try await job.send(data, client, console)
            } else {
                try await job.sendMany(client, console)
            }
            return Task.isCancelled && job.data != nil ? .interrupted : .done
        }
    }

    /// What is to be sent, where and how.
    struct Job: Sendable {
        let target: Target
        /// Nil for the lines of standard input.
        let data: Payload?
        let count: Int
        let options: PublishOptions
        let asText: Bool
        let output: ReceiptOutput

        enum Target: Sendable, Equatable {
            case topic(String)
            case agent(String)

            var text: String {
                switch self {
                case .topic(let topic): topic
                case .agent(let agent): "→ \(agent)"
                }
            }
        }

        init(_ arguments: ParsedArguments) throws(CommandFailure) {
            var words = arguments.arguments[...]
            if let agent = arguments.value("to") {
                target = .agent(agent)
            } else if let topic = words.popFirst() {
                target = .topic(topic)
            } else {
                throw .usage(UsageError("TOPIC is missing: the topic, or --to AGENT"))
            }
            guard words.count <= 1 else {
                throw .usage(UsageError("unexpected argument \"\(words.last ?? "")\""))
            }
            asText = arguments.has("text")
            if let path = arguments.value("file") {
                guard words.isEmpty else { throw .usage(UsageError("DATA and --file exclude each other")) }
                data = try MessageInput.payload(try MessageInput.file(path), asText: asText)
            } else if let word = words.first {
                data = try MessageInput.payload(word, asText: asText)
            } else {
                data = nil
            }
            count = Int(clamping: try arguments.number("count", atLeast: 1) ?? 1)
            guard data != nil || count == 1 else {
                throw .usage(UsageError("--count repeats DATA, which is not given"))
            }
            options = try MessageOptions.publishing(arguments)
            guard options.id == nil || (data != nil && count == 1) else {
                throw .usage(UsageError("--id is for one message: the hub takes one id once"))
            }
            output = ReceiptOutput(isQuiet: arguments.has("quiet"), isJSON: arguments.has("json"))
        }

        func send(_ data: Payload, _ client: HubClient, _ console: Console) async throws(CommandFailure) {
            let receipt = try await HubTask.client { () async throws(ClientError) in
                switch target {
                case .topic(let topic): try await client.publish(topic: topic, data, options: options)
                case .agent(let agent): try await client.publish(to: agent, data, options: options)
                }
            }
            try output.write(receipt, target.text, console)
        }

        /// Sends without waiting for each receipt. Those are written as they come, by a task of their own.
        func sendMany(_ client: HubClient, _ console: Console) async throws(CommandFailure) {
            let (outcomes, arrivals) = AsyncStream<[PostOutcome]>.makeStream()
            let lane = PostLane { arrivals.yield($0) }
            let (output, text) = (output, target.text)
            let writing = Task { () -> ReceiptTally in
                let console = Console()
                var tally = ReceiptTally()
                for await batch in outcomes where tally.take(batch, text, output, console) { break }
                return tally
            }
            var failure: CommandFailure?
            var sent = 0
            do throws(CommandFailure) {
                sent = try await post(client, lane)
            } catch {
                failure = error
            }
            // What is on its way has its receipt, or a reason why not, when the client is closed.
            await Task { await client.close(withinMilliseconds: 30_000) }.value
            arrivals.finish()
            let tally = await writing.value
            if let failure = failure ?? tally.failure { throw failure }
            if tally.received < sent {
                throw .absent("\(Quantity.count(sent - tally.received, "message")) got no receipt")
            }
        }

        private func post(_ client: HubClient, _ lane: PostLane) async throws(CommandFailure) -> Int {
            var lines = InputLines()
            var sent = 0
            while !Task.isCancelled {
                let payload: Payload
                if let data {
                    guard sent < count else { break }
                    payload = data
                } else {
                    guard let line = try lines.next() else { break }
                    payload = try MessageInput.payload(line, asText: asText)
                }
                try await post(payload, UInt64(sent), client, lane)
                sent += 1
            }
            return sent
        }

        private func post(
            _ payload: Payload, _ tag: UInt64, _ client: HubClient, _ lane: PostLane
        ) async throws(CommandFailure) {
            try await HubTask.client { () async throws(ClientError) in
                if client.outstanding >= Self.outstandingMax { try await client.waitForRoom() }
                switch target {
                case .topic(let topic):
                    try client.post(topic: topic, payload, options: options, on: lane, tag: tag)
                case .agent(let agent):
                    try client.post(to: agent, payload, options: options, on: lane, tag: tag)
                }
            }
        }

        private static let outstandingMax = 50_000
    }
}
