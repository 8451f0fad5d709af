import HubBytes
import HubClient
import HubProtocols

/// `agenthub command`: asks an agent to do something, and waits for what comes of it.
enum CommandCommand {
    static let command = CommandSpec(
        name: "command", summary: "Send a command to an agent and wait for its answer",
        details: """
            ARGUMENTS that are JSON are sent as they are, anything else as text. The result goes to standard output. \
            An agent that is not there gets the command when it comes, if the time is not over by then.
            """,
        arguments: [
            ArgumentSpec(name: "AGENT", summary: "Who is to do it"),
            ArgumentSpec(name: "COMMAND", summary: "What is to be done"),
            ArgumentSpec(name: "ARGUMENTS", count: .atMostOne, summary: "What it needs to know"),
        ],
        options: [
            OptionSpec(
                name: "timeout", letter: "t", value: "SECONDS",
                summary: "How long to wait, fractions too (30)"),
            OptionSpec(name: "session", letter: "s", value: "SESSION", summary: "The session it belongs to"),
            OptionSpec(name: "id", value: "ID", summary: "Its id: the hub takes one id once"),
            OptionSpec(name: "cause", value: "ID", summary: "The message that brought it about"),
            OptionSpec(name: "text", summary: "Send ARGUMENTS as text even if they are JSON"),
            MessageOptions.json,
        ] + HubPlace.options,
        examples: [
            .init(
                call: #"agenthub command worker-1 resize '{"width": 640}'"#,
                purpose: "What worker-1 makes of it."),
            .init(call: "agenthub command worker-1 ping -t 2", purpose: "Code 6 if it does not answer."),
        ],
        exitCodes: [
            (.failed, "The agent says that it failed, or the connection was lost"),
            (.timeout, "No answer came in time"),
        ] + HubPlace.exitCodes.filter { $0.code != .failed }
    ) { (arguments, _) throws(CommandFailure) in
        let words = arguments.arguments
        let payload =
            words.count > 2 ? try MessageInput.payload(words[2], asText: arguments.has("text")) : .empty
        let options = try MessageOptions.publishing(arguments)
        let milliseconds = try MessageOptions.milliseconds(arguments, "timeout") ?? 30_000
        return try HubTask.run(arguments) { (client, arguments, console) async throws(CommandFailure) in
            let response = try await HubTask.client { () async throws(ClientError) in
                try await client.command(
                    to: words[0], words[1], arguments: payload, timeoutMilliseconds: milliseconds,
                    options: options)
            }
            try write(response, asJSON: arguments.has("json"), console)
            if response.isFromHub { return response.error == "timeout" ? .timeout : .failed }
            return response.isCompleted || response.status == "ok" ? .done : .failed
        }
    }

    private static func write(
        _ response: Response, asJSON: Bool, _ console: Console
    ) throws(CommandFailure) {
        guard asJSON else {
            if !response.json.isEmpty { try console.write(response.json + "\n") }
            if let error = response.error {
                let who = response.isFromHub ? "the hub" : response.from
                console.complain("\(who) says \(response.status): \(error)")
            }
            return
        }
        var json = JSONWriter()
        json.beginObject()
        json.member("status", text: response.status)
        if !response.json.isEmpty {
            json.key("result")
            response.json.withBytes { json.embed($0) }
        }
        if let error = response.error { json.member("error", text: error) }
        json.member("from", text: response.isFromHub ? nil : response.from)
        json.endObject()
        json.newline()
        try console.write(json.bytes)
    }
}
