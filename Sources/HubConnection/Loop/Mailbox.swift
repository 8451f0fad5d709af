import HubSystem
import Synchronization

/// What other threads send a loop: any number of senders, one receiver, a bounded number of messages.
///
/// The loop takes all that is there at once, by swapping two batches, and is woken by the first message of a batch
/// alone. Senders never wait: a full mailbox leaves the message with whoever offers it.
final class Mailbox<Message: ~Copyable & Sendable>: Sendable {
    private struct State: ~Copyable {
        var batch: MessageBatch<Message>
        var isClosed = false
        var hasRefused = false
    }

    private let state: Mutex<State>
    private let capacity: Int
    /// Signalled when something arrives in an empty mailbox.
    let arrivals: EventCounter

    init(capacity: Int) throws(SystemError) {
        precondition(capacity > 0)
        self.capacity = capacity
        arrivals = try EventCounter()
        state = Mutex(State(batch: MessageBatch()))
    }

    /// Puts a message in and leaves nil; leaves it where it is if the mailbox is full or closed. What the loop itself
    /// depends on may go in beyond the bound.
    func offer(_ message: inout Message?, evenIfFull: Bool = false) {
        guard message != nil else { return }
        let cell = MessageCell(message.take())
        let wake = state.withLock { state in
            guard !state.isClosed else { return false }
            guard evenIfFull || state.batch.count < capacity else {
                state.hasRefused = true
                return false
            }
            guard let value = cell.take() else { return false }
            state.batch.append(value)
            return state.batch.count == 1
        }
        message = cell.take()
        if wake { arrivals.signal() }
    }

    /// Takes all messages, in place of `batch`, which must be empty; says whether somebody was turned away since the
    /// last time.
    func swap(_ batch: inout MessageBatch<Message>) -> Bool {
        precondition(batch.count == 0)
        return state.withLock { state in
            Swift.swap(&state.batch, &batch)
            defer { state.hasRefused = false }
            return state.hasRefused
        }
    }

    /// Refuses whatever comes from now on.
    func close() { state.withLock { $0.isClosed = true } }
}

/// A place for one noncopyable value: a closure cannot consume what it captures.
private final class MessageCell<Message: ~Copyable> {
    private var message: Message?
    init(_ message: consuming Message?) { self.message = message }
    func take() -> Message? { message.take() }
}

/// Messages in the order in which they came.
@safe struct MessageBatch<Message: ~Copyable>: ~Copyable {
    private var memory: UnsafeMutablePointer<Message>
    private var capacity: Int
    private var first = 0
    private var end = 0

    init() {
        capacity = 16
        // Safety: given back in deinit; the places from `first` to `end` hold messages.
        unsafe memory = .allocate(capacity: 16)
    }

    deinit {
        // Safety: these are the places that hold messages.
        unsafe memory.advanced(by: first).deinitialize(count: end - first)
        unsafe memory.deallocate()
    }

    var count: Int { end - first }

    mutating func append(_ message: consuming Message) {
        if end == capacity { grow() }
        // Safety: the place behind the last message is free, and inside the allocation after the check.
        unsafe memory.advanced(by: end).initialize(to: message)
        end += 1
    }

    private mutating func grow() {
        // Safety: the messages move over; the old places hold none any more.
        let larger = UnsafeMutablePointer<Message>.allocate(capacity: capacity * 2)
        unsafe larger.moveInitialize(from: memory.advanced(by: first), count: count)
        unsafe memory.deallocate()
        unsafe memory = larger
        capacity *= 2
        end -= first
        first = 0
    }

    /// Takes the oldest message; nil if there is none.
    mutating func next() -> Message? {
        guard first < end else { return nil }
        // Safety: the place holds a message, which moves out.
        let message = unsafe memory.advanced(by: first).move()
        first += 1
        if first == end {
            first = 0
            end = 0
        }
        return message
    }
}

// Safety: a batch has one owner; its messages may be sent, and go with it.
extension MessageBatch: @unchecked Sendable where Message: Sendable & ~Copyable {}
