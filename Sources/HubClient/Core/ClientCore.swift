import HubBytes

/// A client without its socket, its threads and its clock: what it decides, from what happens and when. Times are
/// milliseconds of a clock that never goes back.
///
/// Whoever owns it tells it what happened, carries out the effects, and then takes runs of messages from the outbox as long
/// as the connection has room.
struct ClientCore: ~Copyable {
    /// How far the client is.
    enum Phase: Equatable {
        /// Nothing has begun.
        case idle
        /// A connection is being made, until then.
        case connecting(until: Int64)
        /// The hub was told who this is; its welcome is due until then.
        case greeting(until: Int64)
        /// Frames go both ways.
        case online(since: Int64)
        /// The next attempt is at a time.
        case waiting(until: Int64)
        /// It is over.
        case ended
    }

    /// A question that the hub has not answered.
    struct PendingRequest {
        enum Kind {
            case subscribe(key: Int)
            case replay(key: Int)
            /// Asked again on another connection.
            case repeatable
        }
        let kind: Kind
        let frame: ClientFrame
        let waiter: Waiter<HubReply>?
    }

    /// A command whose answer is awaited.
    struct PendingCommand {
        let waiter: Waiter<Response>
        let deadline: Int64
    }

    let options: ClientOptions
    var phase = Phase.idle
    var backoff: Backoff
    var outbox = Outbox()
    var subscriptions: [Int: SubscriptionState] = [:]
    var replays: [Int: ReplayState] = [:]
    var requests: [UInt64: PendingRequest] = [:]
    var commands: [UInt64: PendingCommand] = [:]
    /// Whether a subscription has deliveries of a lost connection.
    var hasEchoes = false
    var nextRequest: UInt64 = 1
    /// What the hub said when it welcomed this client for the last time.
    var hub: HubInfo?
    var nextBeat = Int64.max
    /// What is set up anew on each connection.
    var watched: [String]?
    var pausedConnection: Bool?
    /// When a refusal came that says when to come back, and for how long to stay away.
    var askedPause: Int64?
    /// Why the hub is about to close the connection, if it said so.
    var farewell: HubRefusal?
    /// Whether the client was welcomed once.
    var wasOnline = false
    /// The client is to end once its outbox is empty, or then.
    var closeBy: Int64?

    init(_ options: ClientOptions, seed: UInt64) {
        self.options = options
        backoff = Backoff(options.reconnect, seed: seed)
    }

    /// Whether frames may be sent.
    var isOnline: Bool {
        if case .online = phase { return true }
        return false
    }

    /// Whether it is over.
    var isEnded: Bool { phase == .ended }

    /// When `tick` has something to do; nil for never.
    func deadline(now: Int64) -> Int64? {
        var next = Int64.max
        switch phase {
        case .idle, .ended: return nil
        case .connecting(let until), .greeting(let until), .waiting(let until): next = until
        case .online: next = nextBeat
        }
        if let closeBy { next = min(next, closeBy) }
        // What is due for single commands and subscriptions is looked for now and then.
        if !commands.isEmpty || hasEchoes { next = min(next, now + Self.sweepMilliseconds) }
        return next == .max ? nil : next
    }

    private static let sweepMilliseconds: Int64 = 100

    // MARK: Questions

    /// Asks something that is asked again if the connection is lost before the answer.
    mutating func ask(
        _ waiter: Waiter<HubReply>, _ effects: inout Effects, _ frame: (UInt64) -> ClientFrame
    ) {
        guard !isEnded else { return effects.replies.append((waiter, .failure(.closed))) }
        let id = takeRequestNumber()
        let made = frame(id)
        requests[id] = PendingRequest(kind: .repeatable, frame: made, waiter: waiter)
        note(made)
        if isOnline { effects.frames.append(made) }
    }

    /// What is asked once and holds for as long as the client lives.
    private mutating func note(_ frame: ClientFrame) {
        switch frame {
        case .watchPresence(_, let agents): watched = agents
        case .pause(_, .connection, let isOnlyWork): pausedConnection = isOnlyWork
        case .resume(_, .connection): pausedConnection = nil
        default: break
        }
    }

    mutating func takeRequestNumber() -> UInt64 {
        defer { nextRequest += 1 }
        return nextRequest
    }

    /// The hub answered a question.
    mutating func answered(_ id: UInt64, _ reply: HubReply, _ effects: inout Effects) {
        guard let request = requests.removeValue(forKey: id) else { return }
        if let waiter = request.waiter { effects.replies.append((waiter, .success(reply))) }
    }

    // MARK: Commands

    /// Waits for the answer to a command that was submitted under this number.
    mutating func await(
        _ number: UInt64, _ waiter: Waiter<Response>, until deadline: Int64, _ effects: inout Effects
    ) {
        guard !isEnded else { return waiter.finish(.failure(.closed)) }
        if subscriptions[Self.answersKey] == nil { subscribeToAnswers(&effects) }
        commands[number] = PendingCommand(waiter: waiter, deadline: deadline)
    }

    /// The answer to a command came; false if nobody waits for it.
    mutating func responded(_ number: UInt64, _ response: Response) -> Bool {
        guard let command = commands.removeValue(forKey: number) else { return false }
        command.waiter.finish(.success(response))
        return true
    }
}
