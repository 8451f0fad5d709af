/// Why a connection is no more.
package enum CloseReason: Hashable, Sendable {
    /// The other side finished, and so did we.
    case finished
    /// The handler closed it, and everything was sent.
    case closed
    /// The handler cut it off.
    case cut
    /// The other side or the network broke it off.
    case failed(code: Int32)
    /// Connecting did not succeed.
    case connectFailed(code: Int32)
    /// Connecting took too long.
    case connectTimeout
    /// The handler's deadline passed, at first the one for the handshake.
    case deadline
    /// Nothing went over for too long.
    case idle
    /// Something was begun and came too slowly to be waited for.
    case slowSender
    /// The other side took no byte for too long.
    case writeStalled
    /// What was to be sent before closing, or the other side's end, did not come in time.
    case lingerTimeout
    /// The handler wanted more bytes at once than a connection may hold.
    case inputTooLong
    /// The transport transform refused what came.
    case transformFailed
    /// The other side had the transport transform answer more than may wait to be sent, and took none of it.
    case outputTooLong
    /// The loop came to its end.
    case stopped

    /// What counts closes for this reason.
    package var counter: LoopCounter {
        switch self {
        case .finished: .closedFinished
        case .closed: .closedByHandler
        case .cut: .closedCut
        case .failed: .closedFailed
        case .connectFailed: .closedConnectFailed
        case .connectTimeout: .timeoutConnect
        case .deadline: .timeoutDeadline
        case .idle: .timeoutIdle
        case .slowSender: .timeoutSlowSender
        case .writeStalled: .timeoutWrite
        case .lingerTimeout: .timeoutLinger
        case .inputTooLong: .closedInputTooLong
        case .transformFailed: .closedTransformFailed
        case .outputTooLong: .closedOutputTooLong
        case .stopped: .closedStopped
        }
    }
}
