import HubBytes
import HubModel

/// The hub's answers that are rarer than messages.
extension NativeReader {
    func welcome() throws(Refusal) -> NativeWelcome {
        guard let agent = try string(.agent) else { throw missing(.agent) }
        guard let epoch = Epoch(text: try string(.epoch) ?? "") else {
            throw mistyped(.epoch, "sixteen hexadecimal digits")
        }
        var welcome = NativeWelcome(
            agent: agent, hub: try string(.hub) ?? "", version: try string(.version) ?? "", epoch: epoch,
            head: try offset(.head), heartbeatSeconds: try count(.heartbeatS), messageBytesMax: 0,
            batchFramesMax: 0)
        if let limits = try inside(.limits) {
            if let value = limits[.messageBytes] {
                welcome.messageBytesMax = Int(try integer(value, .messageBytes, 0...Int64.max))
            }
            if let value = limits[.batchFrames] {
                welcome.batchFramesMax = Int(try integer(value, .batchFrames, 0...Int64.max))
            }
        }
        welcome.consumers = try consumers()
        return welcome
    }

    private func consumers() throws(Refusal) -> [NativeWelcome.Consumer] {
        guard let list = scanner[.consumers] else { return [] }
        var found: [NativeWelcome.Consumer] = []
        var elements = NativeElements(text, list)
        while let element = elements.next() {
            let inner = try object(element, .consumers)
            guard let name = inner[.name], name.isText else { throw missing(.name) }
            var consumer = NativeWelcome.Consumer(name: string(name), pending: 0, inFlight: 0)
            if let value = inner[.pending] {
                consumer.pending = Int(try integer(value, .pending, 0...Int64.max))
            }
            if let value = inner[.inFlight] {
                consumer.inFlight = Int(try integer(value, .inFlight, 0...Int64.max))
            }
            found.append(consumer)
        }
        return found
    }

    func agents(_ batch: inout ByteBuffer) throws(Refusal) -> [NativeAgent] {
        guard let list = scanner[.agents] else { return [] }
        var found: [NativeAgent] = []
        var elements = NativeElements(text, list)
        while let element = elements.next() {
            let inner = try object(element, .agents)
            guard let name = inner[.agent], name.isText else { throw missing(.agent) }
            let state = inner[.state].map { $0.isText ? string($0) : "" }
            var since = Timestamp.none
            if let value = inner[.since] { since = try moment(value, .since) }
            var status = Slice.empty
            if let value = inner[.status] { status = verbatim(value) }
            found.append(
                NativeAgent(agent: string(name), state: try presence(state), since: since, status: status))
        }
        return found
    }

    func presence(_ word: String?) throws(Refusal) -> NativePresence {
        guard let word else { throw missing(.state) }
        return NativePresence(rawValue: word) ?? .unknown
    }

    func gap(_ batch: inout ByteBuffer) throws(Refusal) -> NativeHubFrame {
        let (subject, key): (NativeGap.Subject, NativeKey?) =
            if scanner[has: .consumer] {
                (.consumer, .consumer)
            } else if scanner[has: .session] {
                (.session, .session)
            } else if scanner[has: .replay] {
                (.replay, .replay)
            } else {
                (.connection, nil)
            }
        let name = if let key { try text(key, &batch) } else { Slice.empty }
        guard let reason = NativeGap.Reason(rawValue: try string(.reason) ?? "") else {
            throw mistyped(.reason, "why messages are missing")
        }
        let gap = NativeGap(
            subject, from: try offset(.from).rawValue, to: try offset(.to).rawValue, reason)
        return .gap(gap, name: name)
    }

    func consumerEvent() throws(Refusal) -> NativeConsumerEvent {
        switch try string(.event) {
        case "deleted": .deleted
        case "moved": .moved(try offset(.position))
        case "paused": .paused
        case "resumed": .resumed
        default: throw mistyped(.event, "\"deleted\", \"moved\", \"paused\" or \"resumed\"")
        }
    }

    func errorFrame(_ batch: inout ByteBuffer) throws(Refusal) -> NativeErrorFrame {
        var frame = NativeErrorFrame(code: try string(.code) ?? "", message: try string(.message) ?? "")
        frame.re = try text(.re, &batch)
        if let details = scanner[.details] { frame.details = verbatim(details) }
        frame.retryAfterMilliseconds = try integer(.retryAfterMs, 0...Int64.max).map { Int($0) }
        return frame
    }
}
