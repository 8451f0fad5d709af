import Synchronization

/// A task that waits for one answer, which may come from the client's thread, from a cancelled task, or from the end of the
/// client: the first one counts.
final class Waiter<Value: Sendable>: Sendable {
    private enum State {
        case new
        case waiting(CheckedContinuation<Result<Value, ClientError>, Never>)
        case settled(Result<Value, ClientError>)
        case taken
    }

    private let state = Mutex(State.new)

    /// Settles it, unless it is settled.
    func finish(_ result: Result<Value, ClientError>) {
        let waiting = state.withLock { state -> CheckedContinuation<Result<Value, ClientError>, Never>? in
            switch state {
            case .new:
                state = .settled(result)
                return nil
            case .waiting(let continuation):
                state = .taken
                return continuation
            case .settled, .taken: return nil
            }
        }
        waiting?.resume(returning: result)
    }

    /// Waits; a cancelled task throws `ClientError.cancelled`, and what it waited for goes on without it.
    func value() async throws(ClientError) -> Value {
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let settled = state.withLock { state -> Result<Value, ClientError>? in
                    if case .settled(let result) = state {
                        state = .taken
                        return result
                    }
                    state = .waiting(continuation)
                    return nil
                }
                if let settled { continuation.resume(returning: settled) }
            }
        } onCancel: {
            finish(.failure(.cancelled))
        }
        return try result.get()
    }
}

/// A task that waits for a receipt.
typealias ReceiptWaiter = Waiter<Receipt>
