import HubModel
import HubRouter

/// What the router had of what, with the names of consumers.
struct FigureSource: MetricSource {
    private let figures: RouterFigures
    /// Tenant and name of each consumer that is told of by itself, in the order of the figures.
    private let labels: [[String]]

    init(_ figures: RouterFigures, _ text: (NameID) -> String) {
        self.figures = figures
        // The oldest ones: which of them are told of does not change from scrape to scrape.
        labels = figures.consumers.prefix(MetricFamily.consumerPending.seriesMax).map {
            [text($0.tenant), text($0.name)]
        }
    }

    func contribute(to reading: inout MetricReading) {
        reading.add(.agentConnections, figures.connections)
        reading.add(.agentConnectionsPaused, figures.pausedConnections)
        reading.add(.sessionsOpen, figures.openSessions)
        reading.add(.commandsOpen, figures.openCommands)
        reading.add(.namesKnown, figures.names)
        reading.add(.dedupEntries, figures.dedupEntries)
        reading.add(.dedupBytes, figures.dedupBytes)
        addStates(to: &reading)
        let consumers = figures.consumers
        reading.add(.messagesInFlight, consumers.reduce(figures.temporaryInFlight) { $0 + $1.inFlight })
        reading.add(.deadLettersWaiting, consumers.reduce(0) { $0 + $1.deadLetters })
        reading.add(.consumerPendingMax, consumers.map(\.pending).max() ?? 0)
        for (index, consumer) in consumers.enumerated() {
            let labels = index < labels.count ? labels[index] : [MetricFamily.other, MetricFamily.other]
            reading.add(.consumerPending, labels, consumer.pending)
            reading.add(.consumerInFlight, labels, consumer.inFlight)
            reading.add(.consumerDeadLetters, labels, consumer.deadLetters)
            reading.add(.consumerMembers, labels, consumer.members)
        }
    }

    private func addStates(to reading: inout MetricReading) {
        var live = 0
        var behind = 0
        var paused = 0
        var unattended = 0
        for consumer in figures.consumers {
            if consumer.isPaused {
                paused += 1
            } else if consumer.members == 0 {
                unattended += 1
            } else if consumer.isBehind {
                behind += 1
            } else {
                live += 1
            }
        }
        for (state, count) in [
            ("live", live), ("catching_up", behind), ("paused", paused), ("unattended", unattended),
            ("temporary", figures.temporaryConsumers),
        ] {
            reading.add(.consumersKnown, [state], count)
        }
    }
}
