import HubConnection
import HubSystem
import Synchronization

/// A connection to a hub that mends itself.
///
/// A client has a thread of its own, on which it reads, writes and keeps time; its methods may be called from any task or
/// thread. When the connection is lost it comes back by itself, takes up its subscriptions where they were, and sends again
/// what has no receipt, under the same ids, so that the hub takes it once. What is published meanwhile waits in the outbox,
/// which is bounded.
///
/// ```swift
/// let client = try await HubClient.connect(to: "ws://127.0.0.1:8000", as: "worker-1")
/// let receipt = try await client.publish(topic: "builds.done", .json(#"{"build":7}"#))
/// for try await delivery in try await client.subscribe(["builds.>"]) {
///     print(delivery.json)
/// }
/// ```
public final class HubClient: Sendable {
    let link: ClientLink
    private let thread: LoopThread<ClientMessage>

    /// Who the client is.
    public var agent: String { link.agent }

    private init(_ link: ClientLink) throws(ClientError) {
        self.link = link
        var settings = ConnectionSettings()
        settings.outboundMax = 4 * 1024 * 1024 + 2 * link.options.messageBytesMax
        settings.inputMax = 1 << 20
        // The hub may take its time: it is asked by pings whether it is there.
        settings.idleMilliseconds = 3_600_000
        settings.writeMilliseconds = 60_000
        settings.handshakeMilliseconds = link.options.connectMilliseconds
        settings.connectMilliseconds = link.options.connectMilliseconds
        do throws(SystemError) {
            thread = try LoopThread(
                name: "hub-client", settings: settings,
                admission: AdmissionLimits(totalMax: 1, perAddressMax: 1)
            ) { ClientHandler(link) }
        } catch {
            throw .notConnected(error.reason)
        }
        let thread = thread
        link.connect(
            { message in
                var offered: ClientMessage? = message
                thread.send(&offered)
            }, stop: { thread.stop(graceMilliseconds: 2000) })
    }

    deinit { link.inbox.order(.close(withinMilliseconds: 0)) }

    /// Connects to a hub at `ws://host:port`, `wss://host:port` or `unix:/path/to/socket`, as an agent; the path is `/hub` if
    /// the URL has none. An empty `agent` is the one of the credentials. Throws if the hub is not there or does not want this
    /// agent, unless the options say to wait for it.
    public static func connect(
        to url: String, as agent: String, credentials: Credentials = .none,
        options: ClientOptions = ClientOptions()
    ) async throws(ClientError) -> HubClient {
        var options = options
        if case .none = credentials {} else { options.credentials = credentials }
        let link = try ClientLink(agent: agent, address: HubAddress(url), options: options)
        let client = try HubClient(link)
        do throws(ClientError) {
            _ = try await link.ready.value()
        } catch {
            link.inbox.order(.close(withinMilliseconds: 0))
            throw error
        }
        return client
    }

    /// What the hub said of itself when it welcomed this client last.
    public var hub: HubInfo { link.info.withLock { $0 } ?? HubInfo() }

    /// What happens beside messages: connections lost and made, gaps, refusals that nobody waited for.
    public var events: ClientEvents { ClientEvents(link: link) }

    /// Messages that have no receipt yet.
    public var outstanding: Int { link.inbox.outstandingCount }

    /// Takes nothing more, waits for the receipts that are due, but not longer than this, and closes the connection. What has
    /// no receipt by then fails with `ClientError.closed`.
    public func close(withinMilliseconds span: Int64 = 5000) async {
        guard link.inbox.order(.close(withinMilliseconds: span)) else { return }
        _ = try? await link.over.value()
    }

    /// Waits until the client is over; throws why, if it was not closed.
    public func waitUntilOver() async throws(ClientError) { try await link.over.value() }

    /// Asks the hub something.
    func ask(_ frame: @escaping @Sendable (UInt64) -> ClientFrame) async throws(ClientError) -> HubReply {
        let waiter = Waiter<HubReply>()
        guard link.inbox.order(.ask(waiter, frame)) else { throw .closed }
        return try await waiter.value()
    }
}
