import Synchronization

/// A bounded queue from one thread to another for values with one owner: batches and blocks, not single messages.
///
/// The receiver is woken once for a queue that was empty, the sender once for a queue that was full; neither
/// ever wakes itself to try again.
package final class Channel<Element: ~Copyable & Sendable>: Sendable {
    private struct State: ~Copyable {
        var ring: Ring<Element>
        var isClosed = false
        var senderWaits = false
    }

    private let state: Mutex<State>
    /// Signalled when something arrives in an empty queue, and on closing.
    package let arrivals: EventCounter
    /// Signalled when room appears in a queue that had refused something.
    package let departures: EventCounter

    /// A queue for up to `capacity` elements.
    package init(capacity: Int) throws(SystemError) {
        arrivals = try EventCounter()
        departures = try EventCounter()
        state = Mutex(State(ring: Ring(capacity: capacity)))
    }

    /// Puts an element at the end and leaves nil; leaves it where it is if the queue is full or closed.
    package func offer(_ element: inout Element?) {
        // A closure cannot consume what it captures, so the element goes in and out of a cell.
        let cell = Cell(element.take())
        let wake = state.withLock { state in
            guard !state.isClosed else { return false }
            guard !state.ring.isFull else {
                state.senderWaits = true
                return false
            }
            guard let value = cell.take() else { return false }
            let wasEmpty = state.ring.isEmpty
            state.ring.append(value)
            return wasEmpty
        }
        element = cell.take()
        if wake { arrivals.signal() }
    }

    /// Takes the oldest element; nil if there is none.
    package func take() -> Element? {
        let cell = Cell<Element>(nil)
        let wake = state.withLock { state in
            guard !state.ring.isEmpty else { return false }
            cell.put(state.ring.removeFirst())
            defer { state.senderWaits = false }
            return state.senderWaits
        }
        if wake { departures.signal() }
        return cell.take()
    }

    /// Takes the oldest element, waiting for one; nil when the queue is closed and empty or time is up.
    package func take(waitingMilliseconds limit: Int) -> Element? {
        while true {
            if let element = take() { return element }
            // Looked at once more: what came in since, just before the queue was closed, is not lost.
            if isClosed {
                // Several may wait, and the end is signalled once: whoever hears of it tells the next.
                arrivals.signal()
                return take()
            }
            if !arrivals.wait(milliseconds: limit) { return take() }
        }
    }

    /// Puts an element at the end, waiting for room; drops it if the queue is closed.
    package func send(_ element: consuming Element) {
        var element: Element? = element
        while true {
            offer(&element)
            if element == nil || isClosed { return }
            departures.wait()
        }
    }

    /// Refuses whatever comes from now on; what is queued can still be taken.
    package func close() {
        state.withLock { $0.isClosed = true }
        arrivals.signal()
        departures.signal()
    }

    /// Whether the queue was closed.
    package var isClosed: Bool { state.withLock { $0.isClosed } }
}

/// A place for one noncopyable value that closures can share.
private final class Cell<Value: ~Copyable> {
    private var value: Value?
    init(_ value: consuming Value?) { self.value = value }
    func take() -> Value? { value.take() }
    func put(_ value: consuming Value) { self.value = .some(value) }
}

/// A queue in a fixed piece of memory.
@safe private struct Ring<Element: ~Copyable>: ~Copyable {
    private let memory: UnsafeMutablePointer<Element>
    private let capacity: Int
    private var first = 0
    private var count = 0

    init(capacity: Int) {
        precondition(capacity > 0)
        self.capacity = capacity
        // Safety: freed in deinit; only the `count` places from `first` hold values.
        unsafe memory = .allocate(capacity: capacity)
    }

    deinit {
        for index in 0..<count {
            // Safety: these are the places that hold values.
            unsafe memory.advanced(by: (first + index) % capacity).deinitialize(count: 1)
        }
        unsafe memory.deallocate()
    }

    var isEmpty: Bool { count == 0 }
    var isFull: Bool { count == capacity }

    mutating func append(_ element: consuming Element) {
        precondition(!isFull)
        // Safety: the place behind the last value is free.
        unsafe memory.advanced(by: (first + count) % capacity).initialize(to: element)
        count += 1
    }

    mutating func removeFirst() -> Element {
        precondition(!isEmpty)
        // Safety: `first` holds a value, which moves out.
        let element = unsafe memory.advanced(by: first).move()
        first = (first + 1) % capacity
        count -= 1
        return element
    }
}
