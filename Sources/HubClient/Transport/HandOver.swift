import Synchronization

/// Elements from the client's thread to the tasks that loop over them: what came in one turn goes in together, and tasks are
/// woken then, not for each element.
final class HandOver<Element: Sendable>: Sendable {
    /// What a reader gets.
    enum Taken: Sendable {
        case elements([Element])
        /// There are no more; with the reason, if it is an error.
        case end(ClientError?)
        /// The task was cancelled.
        case cancelled
    }

    private struct Reader {
        let number: UInt64
        let limit: Int
        let continuation: CheckedContinuation<Taken, Never>
    }

    private struct State {
        var elements: [Element] = []
        /// Places at the front that are taken.
        var start = 0
        /// Bytes that wait.
        var bytes = 0
        var readers: [Reader] = []
        var nextNumber: UInt64 = 0
        /// Tasks that were cancelled before they waited.
        var cancelled: Set<UInt64> = []
        var end: Result<Void, ClientError>?

        var count: Int { elements.count - start }
    }

    private let state = Mutex(State())
    /// Elements that may wait; the oldest go first.
    private let capacity: Int
    /// What counts the bytes that wait.
    private let meter: Meter?

    init(capacity: Int = .max, meter: Meter? = nil) {
        self.capacity = capacity
        self.meter = meter
    }

    /// Puts elements in; how many had to go for it.
    @discardableResult
    func put(_ elements: [Element], bytes: Int = 0) -> Int {
        guard !elements.isEmpty else { return 0 }
        let (woken, lost) = state.withLock { state -> ([(Reader, Taken)], Int) in
            guard state.end == nil else { return ([], 0) }
            if state.count == 0 {
                state.elements = elements
                state.start = 0
            } else {
                state.elements += elements
            }
            state.bytes += bytes
            meter?.add(bytes)
            let surplus = max(0, state.count - capacity)
            state.start += surplus
            var woken: [(Reader, Taken)] = []
            while let reader = state.readers.first, let taken = takeNow(reader.limit, &state) {
                woken.append((reader, taken))
                state.readers.removeFirst()
            }
            return (woken, surplus)
        }
        for (reader, taken) in woken { reader.continuation.resume(returning: taken) }
        return lost
    }

    /// No more will come; what is there is still taken first.
    func finish(_ error: ClientError? = nil) {
        let readers = state.withLock { state -> [Reader] in
            guard state.end == nil else { return [] }
            state.end = error.map { .failure($0) } ?? .success(())
            defer { state.readers.removeAll() }
            return state.readers
        }
        for reader in readers { reader.continuation.resume(returning: .end(error)) }
    }

    /// No more will come, and what waits is forgotten.
    func abandon() {
        state.withLock { state in
            meter?.remove(state.bytes)
            state.bytes = 0
            state.start = 0
            state.elements.removeAll()
        }
        finish()
    }

    /// What is there, if something is.
    private func takeNow(_ limit: Int, _ state: inout State) -> Taken? {
        guard state.count > 0 else {
            switch state.end {
            case nil: return nil
            case .success: return .end(nil)
            case .failure(let error): return .end(error)
            }
        }
        var taken: [Element] = []
        if state.start == 0, state.elements.count <= limit {
            swap(&taken, &state.elements)
        } else {
            let end = min(state.start + limit, state.elements.count)
            taken = Array(state.elements[state.start..<end])
            state.start = end
            if state.start >= 64, state.start * 2 >= state.elements.count {
                state.elements.removeFirst(state.start)
                state.start = 0
            }
        }
        if state.count == 0 {
            meter?.remove(state.bytes)
            state.bytes = 0
            state.start = 0
            state.elements.removeAll(keepingCapacity: true)
        }
        return .elements(taken)
    }

    /// Takes what is there, up to a number; waits for something if there is nothing.
    func take(upTo limit: Int = .max) async -> Taken {
        let (ready, number) = state.withLock { state -> (Taken?, UInt64) in
            state.nextNumber += 1
            return (takeNow(limit, &state), state.nextNumber)
        }
        if let ready { return ready }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let taken = state.withLock { state -> Taken? in
                    if state.cancelled.remove(number) != nil { return .cancelled }
                    if let taken = takeNow(limit, &state) { return taken }
                    state.readers.append(Reader(number: number, limit: limit, continuation: continuation))
                    return nil
                }
                if let taken { continuation.resume(returning: taken) }
            }
        } onCancel: {
            let reader = state.withLock { state -> Reader? in
                guard let index = state.readers.firstIndex(where: { $0.number == number }) else {
                    state.cancelled.insert(number)
                    return nil
                }
                return state.readers.remove(at: index)
            }
            reader?.continuation.resume(returning: .cancelled)
        }
    }
}
