import HubClient
import HubSystem

/// Work with a hub that a command waits for: a connection, a body that uses it, and an end that SIGINT and SIGTERM ask for.
enum HubTask {
    typealias Body =
        @Sendable (HubClient, ParsedArguments, Console) async throws(CommandFailure) -> ExitCode

    /// Connects, runs the body, and lets the connection go when all that was sent has its receipt.
    static func run(
        _ arguments: ParsedArguments, as naming: HubPlace.Naming = .unique, waitsForHub: Bool = false,
        _ body: @escaping Body
    ) throws(CommandFailure) -> ExitCode {
        let place = try HubPlace(arguments, naming)
        return try wait {
            // A console of its own: the one of the thread that waits belongs to that thread.
            let console = Console()
            return await outcome(console) { () async throws(CommandFailure) in
                let client = try await connect(place, waitsForHub: waitsForHub)
                let troubles = Task { await tellTroubles(of: client) }
                defer { troubles.cancel() }
                do throws(CommandFailure) {
                    let code = try await body(client, arguments, console)
                    await close(client)
                    return code
                } catch {
                    await close(client)
                    throw error
                }
            }
        }
    }

    private static func outcome(
        _ console: Console, _ body: () async throws(CommandFailure) -> ExitCode
    ) async -> Result<ExitCode, CommandFailure> {
        do throws(CommandFailure) {
            let code = try await body()
            try console.flush()
            return .success(code)
        } catch {
            try? console.flush()
            return .failure(error)
        }
    }

    static func connect(
        _ place: HubPlace, waitsForHub: Bool = false
    ) async throws(CommandFailure) -> HubClient {
        var options = ClientOptions()
        options.program = "agenthub/\(Version.program)"
        options.waitsForHub = waitsForHub
        options.authorityFile = place.authorityFile
        // Somebody waits in front of it.
        options.reconnect.maxMilliseconds = 10_000
        return try await client { () async throws(ClientError) in
            try await HubClient.connect(
                to: place.url, as: place.agent ?? "", credentials: place.token.map { .token($0) } ?? .none,
                options: options)
        }
    }

    /// Closes it even in a task that was cancelled: verdicts and messages on their way are waited for.
    private static func close(_ client: HubClient) async {
        await Task { await client.close(withinMilliseconds: closeMilliseconds) }.value
    }

    private static let closeMilliseconds: Int64 = 3000

    /// Ends a subscription, even in a task that was cancelled. The hub answers that behind all verdicts that were sent before
    /// it, so these are known to have arrived.
    static func leave(_ subscription: Subscription) async {
        let leaving = Task { _ = try? await subscription.cancel() }
        let limit = Task {
            try? await Task.sleep(for: .milliseconds(closeMilliseconds))
            leaving.cancel()
        }
        await leaving.value
        limit.cancel()
    }

    /// Runs something of the client's, and ends the command if it fails.
    static func client<Result>(
        _ body: () async throws(ClientError) -> Result
    ) async throws(CommandFailure) -> Result {
        do throws(ClientError) { return try await body() } catch { throw .client(error) }
    }

    /// Says what happens to the connection meanwhile. That the hub waits for a slow reader is no trouble.
    private static func tellTroubles(of client: HubClient) async {
        let console = Console()
        var wasLost = false
        for await event in client.events {
            switch event {
            case .disconnected(let reason, let milliseconds):
                wasLost = true
                console.complain(
                    "the connection is lost (\(reason)); the next attempt is in "
                        + Quantity.duration(seconds: Double(milliseconds) / 1000))
            case .connected where wasLost:
                wasLost = false
                console.tell("Connected again.\n")
            case .epochChanged(let from, let to):
                console.complain("the hub's log is another one now: its epoch was \(from) and is \(to)")
            case .gap(let gap):
                console.complain("messages \(gap.from) to \(gap.to) are missing (\(gap.reason))")
            case .refused(let refusal): console.complain("the hub refused: \(refusal)")
            default: continue
            }
        }
    }

    // MARK: Waiting

    /// Waits for a task; the first SIGINT, SIGTERM or SIGHUP cancels it, the second ends the program.
    private static func wait(
        _ body: @escaping @Sendable () async -> Result<ExitCode, CommandFailure>
    ) throws(CommandFailure) -> ExitCode {
        // Before there are other threads: what this one blocks, those block that it starts.
        _ = SignalWatch()
        let results: Channel<Result<ExitCode, CommandFailure>>
        do throws(SystemError) { results = try Channel(capacity: 1) } catch { throw .system(error) }
        let task = Task { results.send(await body()) }
        do throws(SystemError) {
            _ = try SystemThread(name: "signals") {
                let signals = SignalWatch()
                _ = signals.next()
                task.cancel()
                _ = signals.next()
                CurrentProcess.exit(ExitCode.interrupted.rawValue)
            }
        } catch {
            throw .system(error)
        }
        guard let result = results.take(waitingMilliseconds: -1) else {
            preconditionFailure("the task always tells how it ended")
        }
        return try result.get()
    }
}
