import HubBytes
import Synchronization

/// What the program wants of its client, besides messages.
enum ClientOrder: Sendable {
    case subscribe(key: Int, Filter, SubscribeOptions, HandOver<Delivery>, Waiter<HubReply>)
    case unsubscribe(key: Int, delete: Bool, Waiter<HubReply>?)
    case settle(key: Int, offset: UInt64, Verdict, delay: Int64?, reason: String?)
    case settleUpTo(key: Int, offset: UInt64)
    case ask(Waiter<HubReply>, @Sendable (UInt64) -> ClientFrame)
    case awaitResponse(UInt64, Waiter<Response>, milliseconds: Int64)
    case replay(key: Int, ReplaySpec, HandOver<Delivery>)
    case cancelReplay(key: Int)
    case close(withinMilliseconds: Int64)
}

/// What the program's tasks and threads hand to the client's thread: messages, written where they will be sent from, and
/// orders. The first thing in an empty inbox wakes the thread; what comes until it looks is taken with it.
final class Inbox: Sendable {
    private struct State: ~Copyable {
        var messages = Submission()
        var orders: [ClientOrder] = []
        /// Messages without a receipt, wherever they are, and their bytes.
        var outstanding = (count: 0, bytes: 0)
        var isSignalled = false
        var end: ClientError?
        var waitingForRoom: [Waiter<Void>] = []
        var nextKey = 1
    }

    private let state = Mutex(State())
    private let messagesMax: Int
    private let bytesMax: Int
    private let wake = Mutex<(@Sendable () -> Void)?>(nil)

    init(messagesMax: Int, bytesMax: Int) {
        self.messagesMax = max(messagesMax, 1)
        self.bytesMax = min(max(bytesMax, 1), Submission.bytesMax)
    }

    /// Says how the client's thread is woken.
    func connect(_ wake: @escaping @Sendable () -> Void) {
        self.wake.withLock { $0 = wake }
        wake()
    }

    /// Nobody is woken any more.
    func disconnect() { wake.withLock { $0 = nil } }

    private func signal() {
        let wake = wake.withLock { $0 }
        wake?()
    }

    /// A key for a subscription or a replay.
    func takeKey() -> Int {
        state.withLock { state in
            defer { state.nextKey += 1 }
            return state.nextKey
        }
    }

    // MARK: Putting in

    /// Puts in a message, and an order that goes with its number; the number.
    @discardableResult
    func submit(
        _ message: MessageWriter, _ completion: Completion, expiry: Int64 = .max,
        order: ((UInt64) -> ClientOrder)? = nil
    ) throws(ClientError) -> UInt64 {
        let (number, wakes) = try state.withLock { (state) throws(ClientError) -> (UInt64, Bool) in
            if let end = state.end { throw end }
            let held = state.outstanding
            guard held.count < messagesMax, held.bytes < bytesMax else {
                throw .outboxFull(messages: held.count, bytes: held.bytes)
            }
            let number = state.messages.end
            let size = state.messages.append(message, completion, expiry: expiry)
            if let id = message.options.id { state.messages.chosenIDs.append((id, number)) }
            if let order { state.orders.append(order(number)) }
            state.outstanding = (held.count + 1, held.bytes + size)
            let total = state.messages.bytes.count
            let isBatch = total >= Self.wakingBytes && total - size < Self.wakingBytes
            defer { state.isSignalled = true }
            return (number, !state.isSignalled || isBatch || order != nil)
        }
        if wakes { signal() }
        return number
    }

    /// Puts in an order; false if the client is over.
    @discardableResult
    func order(_ order: ClientOrder) -> Bool {
        let (isTaken, wakes) = state.withLock { state -> (Bool, Bool) in
            guard state.end == nil else { return (false, false) }
            state.orders.append(order)
            defer { state.isSignalled = true }
            return (true, !state.isSignalled || state.orders.count == 1)
        }
        if wakes { signal() }
        return isTaken
    }

    /// Waits until the outbox is at most half full.
    func waitForRoom() async throws(ClientError) {
        let waiter = Waiter<Void>()
        let isReady = try state.withLock { (state) throws(ClientError) -> Bool in
            if let end = state.end { throw end }
            if hasRoom(state.outstanding) { return true }
            state.waitingForRoom.append(waiter)
            return false
        }
        if !isReady { try await waiter.value() }
    }

    private func hasRoom(_ held: (count: Int, bytes: Int)) -> Bool {
        held.count <= messagesMax / 2 && held.bytes <= bytesMax / 2
    }

    /// Messages without a receipt.
    var outstandingCount: Int { state.withLock { $0.outstanding.count } }

    // MARK: Taking out

    /// Takes the orders.
    func takeOrders(_ orders: inout [ClientOrder]) { state.withLock { swap(&orders, &$0.orders) } }

    /// The thread has done what there was to do. Whether it has to look again at once: for orders, and for messages that
    /// it can send. If it `looksAgain` by itself soon, small things need not wake it.
    func rest(looksAgain: Bool, canSend: Bool) -> Bool {
        state.withLock { state in
            let waits = canSend && state.messages.bytes.count >= (looksAgain ? Self.wakingBytes : 1)
            if waits || !state.orders.isEmpty { return true }
            state.isSignalled = looksAgain
            return false
        }
    }

    /// Bytes of messages that wake a thread which would look by itself a moment later.
    private static let wakingBytes = 32 * 1024

    /// Takes the messages, in the place of an empty submission.
    func takeMessages(_ messages: inout Submission) {
        state.withLock { state in
            guard !state.messages.isEmpty else { return }
            messages.removeAll(next: state.messages.end)
            swap(&messages, &state.messages)
        }
    }

    /// Messages came to be done.
    func release(_ count: Int, bytes: Int) {
        guard count > 0 else { return }
        let ready = state.withLock { state -> [Waiter<Void>] in
            state.outstanding = (state.outstanding.count - count, state.outstanding.bytes - bytes)
            guard !state.waitingForRoom.isEmpty, hasRoom(state.outstanding) else { return [] }
            defer { state.waitingForRoom.removeAll() }
            return state.waitingForRoom
        }
        for waiter in ready { waiter.finish(.success(())) }
    }

    /// The client is over: nothing is taken any more.
    func end(_ error: ClientError) {
        let waiting = state.withLock { state -> [Waiter<Void>] in
            if state.end == nil { state.end = error }
            defer { state.waitingForRoom.removeAll() }
            return state.waitingForRoom
        }
        for waiter in waiting { waiter.finish(.failure(error)) }
    }
}
