package import HubBytes
import HubModel

/// Reads the frames of one text that the hub sent: an object, or an array of objects.
package struct NativeClientReader: ~Copyable, ~Escapable {
    private var reader: NativeReader

    /// Reads from a text.
    @_lifetime(copy text)
    package init(_ text: RawSpan, limits: NativeLimits = NativeLimits()) {
        reader = NativeReader(text, limits: limits)
    }

    /// The next frame; nil behind the last one. Its texts are in the batch, which has to be the same for all frames of a
    /// text and may grow in between.
    @_lifetime(self: copy self)
    package mutating func next(_ batch: inout ByteBuffer) throws(NativeFault) -> NativeHubFrame? {
        try reader.nextOfHub(&batch)
    }
}

extension NativeReader {
    /// The next frame as one of the hub's.
    @_lifetime(self: copy self)
    mutating func nextOfHub(_ batch: inout ByteBuffer) throws(NativeFault) -> NativeHubFrame? {
        guard try advance(&batch) else { return nil }
        do throws(Refusal) {
            return try hubFrame(&batch)
        } catch {
            throw fault(error, &batch)
        }
    }

    private func hubFrame(_ batch: inout ByteBuffer) throws(Refusal) -> NativeHubFrame {
        guard scanner.repeated == nil else { throw Refusal(.badField, "a field is there twice") }
        guard let value = scanner[.type] else { throw missing(.type) }
        guard value.isText else { throw mistyped(.type, "a string") }
        let number = NativeHubType.table.number(of: text, value.start, value.end)
        guard let type = NativeHubType(rawValue: number) else { return .other(type: place(value, &batch)) }
        switch type {
        case .message: return .delivery(try delivery(.message, &batch))
        case .command: return .delivery(try delivery(.command, &batch))
        case .response: return .delivery(try delivery(.response, &batch))
        case .status: return .delivery(try delivery(.status, &batch))
        case .sessionOpen: return .delivery(try delivery(.sessionOpen, &batch))
        case .sessionAccept: return .delivery(try delivery(.sessionAccept, &batch))
        case .sessionReject: return .delivery(try delivery(.sessionReject, &batch))
        case .sessionClose: return .delivery(try delivery(.sessionClose, &batch))
        case .sessionPause: return .delivery(try delivery(.pause, &batch))
        case .sessionResume: return .delivery(try delivery(.resume, &batch))
        case .deadLetter: return .delivery(try delivery(.deadLetter, &batch))
        case .note: return .delivery(try delivery(.system, &batch))
        case .receipt: return try receipt(&batch)
        case .error: return .error(try errorFrame(&batch))
        default: return try answer(type, &batch)
        }
    }

    private func answer(_ type: NativeHubType, _ batch: inout ByteBuffer) throws(Refusal) -> NativeHubFrame {
        let re = try text(.re, &batch)
        switch type {
        case .welcome: return .welcome(try welcome(), re: re)
        case .challenge: return .challenge(nonce: try required(.nonce, &batch), re: re)
        case .subscribed:
            return .subscribed(
                re: re, consumer: try text(.consumer, &batch), position: try offset(.position),
                pending: try integer(.pending, 0...Int64.max).map { Int($0) })
        case .unsubscribed: return .unsubscribed(re: re, consumer: try text(.consumer, &batch))
        case .heartbeatAck: return .heartbeatAck(re: re)
        case .pong: return .pong(re: re)
        case .cancelled: return .cancelled(re: re)
        case .replayEnd:
            let reason = NativeReplayEnd(rawValue: try string(.reason) ?? "") ?? .complete
            return .replayEnd(re: re, sent: try count(.sent), reason, next: try offset(.next))
        case .paused: return .paused(re: re, try scope(&batch))
        case .resumed: return .resumed(re: re, try scope(&batch))
        case .gap: return try gap(&batch)
        case .stalled:
            return .stalled(
                consumer: try required(.consumer, &batch), inFlight: try count(.inFlight),
                limit: try count(.limit))
        case .presence:
            return .presence(
                agent: try required(.agent, &batch), try presence(try string(.state)),
                since: try moment(.since))
        case .consumer: return .consumer(name: try required(.consumer, &batch), try consumerEvent())
        case .agents: return .agents(re: re, try agents(&batch))
        default: return .other(type: try text(.type, &batch))
        }
    }
}
