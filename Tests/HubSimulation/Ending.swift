import HubBytes
import HubModel
import HubRouter
import HubStorage

/// How a story ends: the chaos stops, everyone is there and does his work, and in the end nothing is left to do.
extension World {
    mutating func quiesce() throws {
        plan.isCalm = true
        for agent in agents.indices where agents[agent].connection == nil { try connect(agent) }
        for agent in agents.indices where agents[agent].isFull {
            agents[agent].isFull = false
            if let connection = agents[agent].connection {
                router.setFull(connection, false, now: now, &effects)
                try handle(.page)
            }
        }
        var quiet = 0
        var rounds = 0
        while quiet < 40 {
            let before = (log.reader.bounds.head, ledger.deliveries)
            try workThrough()
            quiet = before == (log.reader.bounds.head, ledger.deliveries) && reads.isEmpty ? quiet + 1 : 0
            rounds += 1
            guard rounds < 20_000 else { throw Violation(.rest, "it never comes to rest") }
        }
        try checkEnd()
    }

    private mutating func workThrough() throws {
        try finishTurn()
        try commit()
        try apply()
        while !reads.isEmpty { try read() }
        for agent in agents.indices {
            guard let connection = agents[agent].connection, let consumer = agents[agent].consumer else {
                continue
            }
            let received = agents[agent].received
            agents[agent].received = []
            for delivery in received {
                try router.settle(
                    consumer, .acknowledged, from: delivery.offset, through: delivery.offset, by: connection,
                    now: now,
                    &effects)
                ledger.settled[agents[agent].consumerName, default: []].insert(delivery.offset)
                try handle(.page)
            }
        }
        try advance(milliseconds: 100)
    }

    /// Which messages lie among a consumer's dead.
    private func deadLetters(of consumer: String, _ tenant: NameID) throws -> Set<Offset> {
        var found: Set<Offset> = []
        var next: LogQuery? = .topics(TopicPattern(unchecked: "$dead.\(consumer)"), tenant: tenant)
        while let query = next {
            let page = try log.reader.page(query, PageLimit())
            var index = 0
            while index < page.count {
                let record = page[index]
                if let offset = UInt64(record.cause.text), !found.insert(Offset(offset)).inserted {
                    throw Violation(.burial, "\(consumer) buried \(offset) twice")
                }
                index += 1
            }
            next = page.next
        }
        return found
    }

    /// Every message that a consumer wanted was acknowledged by it or is a dead letter.
    private func checkEnd() throws {
        let names = Set(agents.map(\.consumerName)).sorted()
        guard let tenant = try log.reader.find(NameKey(.tenant, tenant: .none), "default") else { return }
        for name in names {
            let dead = try deadLetters(of: name, tenant)
            guard let pattern = agents.first(where: { $0.consumerName == name })?.pattern else { continue }
            var next: LogQuery? = .topics(pattern, tenant: tenant)
            while let query = next {
                let page = try log.reader.page(query, PageLimit())
                var index = 0
                while index < page.count {
                    let record = page[index]
                    let isDone =
                        ledger.settled[name]?.contains(record.offset) == true || dead.contains(record.offset)
                    guard isDone else {
                        throw Violation(.fate, "\(name) never finished \(record.offset), a \(record.kind)")
                    }
                    index += 1
                }
                next = page.next
            }
        }
    }
}
