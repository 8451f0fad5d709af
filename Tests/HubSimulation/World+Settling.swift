import HubModel
import HubRouter

/// What agents say of what they were given.
extension World {
    mutating func settle() throws {
        let agent = anyAgent()
        guard agents[agent].connection != nil, !agents[agent].received.isEmpty else { return }
        let place = Int(random.below(UInt64(agents[agent].received.count)))
        let received = agents[agent].received[place]
        // What was said may be said again: the network, or the agent itself, does not know that it arrived.
        if happens(95) {
            agents[agent].received.remove(at: place)
        } else {
            ledger.marks.note(.saidTwice)
        }
        if reference.messages[received.delivery.offset]?.kind == .command {
            try answer(received.delivery.offset, by: agent)
        }
        switch random.below(20) {
        case 0, 1: try say(.refused(delayMilliseconds: nil), received, by: agent)
        case 2, 3: try say(.refused(delayMilliseconds: Int64(random.below(50))), received, by: agent)
        case 4, 5: try say(.working, received, by: agent)
        case 6 where happens(60): try say(.given, received, by: agent)
        case 7, 8: return
        case 9: try acknowledgeAll(through: received, by: agent)
        case 10: try acknowledgeRange(from: received, by: agent)
        case 11: try tryAsStranger(received)
        default: try say(.acknowledged, received, by: agent)
        }
    }

    mutating func say(
        _ verdict: Router.Verdict, _ received: SimulatedAgent.Received, by agent: Int
    ) throws {
        let offset = received.delivery.offset
        try say(verdict, offset...offset, received, by: agent)
        switch verdict {
        case .acknowledged: ledger.marks.note(.acknowledgedAlone)
        case .refused: ledger.marks.note(.refusedDelivery)
        case .working: ledger.marks.note(.working)
        case .given: watches[received.watch]?.giveUp(offset)
        }
    }

    /// Everything up to what it was given, whoever has it.
    private mutating func acknowledgeAll(through received: SimulatedAgent.Received, by agent: Int) throws {
        ledger.marks.note(.acknowledgedAll)
        try say(.acknowledged, .zero...received.delivery.offset, received, by: agent)
    }

    /// From one thing that it was given to another of the same consumer.
    private mutating func acknowledgeRange(from received: SimulatedAgent.Received, by agent: Int) throws {
        let ends = agents[agent].received.filter { $0.watch == received.watch }.map(\.delivery.offset)
        let other = ends.max() ?? received.delivery.offset
        let (from, through) = (min(received.delivery.offset, other), max(received.delivery.offset, other))
        ledger.marks.note(.acknowledgedRange)
        try say(.acknowledged, from...through, received, by: agent)
    }

    private mutating func say(
        _ verdict: Router.Verdict, _ range: ClosedRange<Offset>, _ received: SimulatedAgent.Received,
        by agent: Int
    ) throws {
        guard let connection = agents[agent].connection else { return }
        note { "agent \(agent) says \(verdict) of \(range) to \(received.watch)" }
        try router.settle(
            received.delivery.consumer, verdict, from: range.lowerBound, through: range.upperBound,
            by: connection, now: now, &effects)
        if verdict == .acknowledged { watches[received.watch]?.acknowledge(range) }
        try handle(.nothing)
    }

    /// Whoever is no member of a consumer has nothing to say to it.
    private mutating func tryAsStranger(_ received: SimulatedAgent.Received) throws {
        let stranger = anyAgent()
        guard let connection = agents[stranger].connection,
            !agents[stranger].consumers.values.contains(received.delivery.consumer)
        else { return }
        let offset = received.delivery.offset
        do {
            try router.settle(
                received.delivery.consumer, .acknowledged, from: offset, through: offset, by: connection,
                now: now, &effects)
        } catch {
            return ledger.marks.note(.strangerRefused)
        }
        throw Violation(.refusal, "agent \(stranger) settles \(offset) for \(received.watch)")
    }
}
