import HubBytes
import HubClient
import HubProtocols
import HubSystem

/// `agenthub respond`: answers commands with what a shell makes of them.
enum RespondCommand {
    static let command = CommandSpec(
        name: "respond", summary: "Answer the commands sent to an agent with a line for the shell",
        details: """
            SHELL runs once for each command. It reads the command's arguments as JSON on standard input, and finds \
            AGENTHUB_COMMAND, AGENTHUB_COMMAND_ID, AGENTHUB_FROM, AGENTHUB_SESSION and AGENTHUB_OFFSET in its environment. What it \
            writes is the result: JSON as it is, anything else as text. A code other than 0 means that it failed. A \
            command whose time is over is ended. Commands come one after the other.
            What is sent to the agent and is no command is shown and settled.
            """,
        arguments: [ArgumentSpec(name: "SHELL", summary: "A line for /bin/sh")],
        options: [
            OptionSpec(
                name: "consumer", letter: "c", value: "NAME",
                summary: "A consumer that keeps commands while nobody answers"),
            OptionSpec(
                name: "only", value: "COMMAND", isRepeatable: true,
                summary: "Answer these and refuse all others"),
            OptionSpec(
                name: "timeout", letter: "t", value: "SECONDS",
                summary: "The longest that SHELL may take (as long as the command has)"),
            OptionSpec(name: "count", letter: "n", value: "COUNT", summary: "End after so many commands"),
            OptionSpec(name: "wait", summary: "Wait for a hub that is not there yet"), MessageOptions.json,
        ] + HubPlace.options,
        examples: [
            .init(call: "agenthub respond --as clock 'date -u'", purpose: "Tells the time to who asks."),
            .init(
                call: "agenthub respond --as adder 'jq .a+.b' --only add",
                purpose: "Adds two numbers, and does nothing else."),
        ],
        exitCodes: HubPlace.exitCodes
    ) { (arguments, _) throws(CommandFailure) in
        var options = SubscribeOptions()
        options.consumer = arguments.value("consumer")
        options.acknowledgement = .manual
        // What is not begun yet is settled by whoever answers next, if this one ends.
        options.inFlightMax = 1
        let subscription = options
        let responder = Responder(
            line: arguments.arguments[0], only: Set(arguments.values("only")),
            timeoutMilliseconds: try MessageOptions.milliseconds(arguments, "timeout"))
        let count = try arguments.number("count", atLeast: 1).map { Int(clamping: $0) }
        return try HubTask.run(arguments, as: .lasting, waitsForHub: arguments.has("wait")) {
            (client, arguments, console) async throws(CommandFailure) in
            let inbox = try await HubTask.client { () async throws(ClientError) in
                try await client.inbox(options: subscription)
            }
            console.tell("Answering commands to \(client.hub.agent); Ctrl-C ends it.\n")
            try await serve(
                inbox, responder, client, count: count, asJSON: arguments.has("json"), console)
            await HubTask.leave(inbox)
            return .done
        }
    }

    private static func serve(
        _ inbox: Subscription, _ responder: Responder, _ client: HubClient, count: Int?, asJSON: Bool,
        _ console: Console
    ) async throws(CommandFailure) {
        var answered = 0
        var iterator = inbox.makeAsyncIterator()
        while count.map({ answered < $0 }) ?? true {
            let next: Delivery?
            do throws(ClientError) {
                next = try await iterator.next(isolation: nil)
            } catch {
                throw .client(error)
            }
            guard let delivery = next else { return }
            try console.write(delivery, asJSON: asJSON)
            try console.flush()
            if delivery.kind == .command {
                guard try await responder.answer(delivery, client, console) else { return }
                answered += 1
            }
            delivery.ack()
        }
    }
}

/// Runs the shell for commands.
struct Responder: Sendable {
    let line: String
    let only: Set<String>
    let timeoutMilliseconds: Int64?

    /// What came of a run.
    enum Verdict: Equatable {
        case result([UInt8])
        case failure(String)
        /// The command is to end, and the message is left for the next one.
        case interrupted
    }

    private static let outputBytesMax = 8 << 20
    private static let workingNanoseconds: UInt64 = 5_000_000_000

    /// Answers a command; false if the task was cancelled meanwhile.
    func answer(
        _ command: Delivery, _ client: HubClient, _ console: Console
    ) async throws(CommandFailure) -> Bool {
        let verdict = try verdict(on: command)
        do throws(ClientError) {
            switch verdict {
            case .result(let output):
                try await client.respond(to: command, result: try result(output))
            case .failure(let reason):
                console.complain(reason)
                try await client.respond(to: command, error: reason)
            case .interrupted: return false
            }
        } catch .refused(let refusal) {
            // Too late, for one: the next command may fare better.
            console.complain("the hub refused the answer: \(refusal)")
        } catch {
            throw .client(error)
        }
        return true
    }

    private func result(_ output: [UInt8]) throws(ClientError) -> Payload {
        guard !output.isEmpty else { return .empty }
        do throws(CommandFailure) { return try MessageInput.payload(output, asText: false) } catch {
            throw .badArgument("the shell wrote neither JSON nor text in UTF-8")
        }
    }

    private func verdict(on command: Delivery) throws(CommandFailure) -> Verdict {
        let (name, arguments) = Self.parts(of: command.bytes)
        guard only.isEmpty || only.contains(name) else { return .failure("there is no command \(name) here") }
        let shell = ShellProcess(
            line,
            environment: [
                ("AGENTHUB_COMMAND", name), ("AGENTHUB_COMMAND_ID", command.id),
                ("AGENTHUB_FROM", command.from), ("AGENTHUB_SESSION", command.session),
                ("AGENTHUB_OFFSET", "\(command.offset)"),
            ])
        let deadline = deadline(of: command)
        var told = SystemClock.monotonicNanoseconds()
        let run: (end: ShellProcess.End, output: [UInt8])
        do throws(SystemError) {
            run = try shell.run(input: arguments, outputBytesMax: Self.outputBytesMax) {
                let now = SystemClock.monotonicNanoseconds()
                if now - told >= Self.workingNanoseconds {
                    told = now
                    command.working()
                }
                return !Task.isCancelled && now < deadline
            }
        } catch {
            throw .system(error)
        }
        switch run.end {
        case .code(0): return .result(Self.trimmed(run.output))
        case .code(let code): return .failure(Self.reason(code, run.output))
        case .tooMuch: return .failure("the shell wrote more than \(Quantity.bytes(Self.outputBytesMax))")
        case .stopped: return Task.isCancelled ? .interrupted : .failure("the shell took too long")
        }
    }

    /// The moment after which nobody waits for the answer, by the clock that does not jump.
    private func deadline(of command: Delivery) -> UInt64 {
        var microseconds = timeoutMilliseconds.map { $0.multipliedReportingOverflow(by: 1000).partialValue }
        if let expiry = command.expiry {
            let rest = max(0, expiry - SystemClock.wallMicroseconds())
            microseconds = min(microseconds ?? rest, rest)
        }
        guard let microseconds else { return .max }
        return SystemClock.monotonicNanoseconds() + UInt64(clamping: microseconds) * 1000
    }

    /// The name and the arguments of a command, as its sender wrote them; a command of another form is its own arguments.
    static func parts(of data: [UInt8]) -> (name: String, arguments: [UInt8]) {
        let value = try? data.withBytes { try JSONReader.value($0, JSONRules.strict) }
        guard let value, let name = value["command"]?.text else { return ("", data) }
        var writer = JSONWriter()
        writer.value(value["args"] ?? .null)
        return (name, writer.bytes.array)
    }

    /// What the shell wrote, without the line ends behind it.
    static func trimmed(_ output: [UInt8]) -> [UInt8] {
        let end = output.lastIndex { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        return Array(output[..<(end.map { $0 + 1 } ?? 0)])
    }

    private static func reason(_ code: Int32, _ output: [UInt8]) -> String {
        let text = String(decoding: trimmed(output).prefix(1000), as: UTF8.self)
        return "the shell ended with code \(code)" + (text.isEmpty ? "" : ": \(text)")
    }
}
