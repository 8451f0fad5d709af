import HubBytes
import HubModel
import HubRouter
import HubStorage

/// How a story ends: the chaos stops, everyone is there and does his work, and in the end nothing is left to do.
extension World {
    mutating func quiesce() throws {
        plan.isCalm = true
        note { "calm" }
        var rounds = 0
        var quiet = 0
        // Bookkeeping waits a moment before it travels alone: only what stays as it is is at rest.
        while quiet < 3 {
            let head = log.reader.bounds.head
            // Once nothing seems left, every lease may end, those too that began before the clock went back: what is
            // due only then shows itself.
            let behind = (latest.microseconds - now.microseconds) / 1000
            let unrest = try workThrough(milliseconds: quiet > 0 || rounds >= 200 ? 2000 + behind : 50)
            quiet = unrest == nil && head == log.reader.bounds.head ? quiet + 1 : 0
            rounds += 1
            guard rounds < 1000 else {
                throw Violation(.rest, "it never comes to rest: \(unrest ?? "the log grows")")
            }
        }
        try audit()
        try doubt()
        try checkNameless()
        try stayQuiet()
    }

    /// Everything that can be done is done; says what is left.
    private mutating func workThrough(milliseconds: Int64) throws -> String? {
        try finishTurn()
        for agent in agents.indices {
            if agents[agent].connection == nil { try connect(agent) }
            guard let connection = agents[agent].connection else { continue }
            try goOn(agent)
            if agents[agent].pause != nil {
                agents[agent].pause = nil
                router.setPause(connection, nil, now: now, &effects)
                try handle(.nothing)
            }
            guard agents[agent].isFull else { continue }
            agents[agent].isFull = false
            router.setFull(connection, false, now: now, &effects)
            try handle(.nothing)
        }
        for (name, consumer) in reference.consumers.sorted(by: { $0.key < $1.key }) where consumer.isPaused {
            if let id = reference.id(ofConsumer: name), router.handle(of: id) != nil { try letGoOn(name, id) }
        }
        while !sealed.isEmpty { try commit() }
        while !committed.isEmpty { try apply() }
        while !reads.isEmpty { try read() }
        for agent in agents.indices {
            while let received = agents[agent].received.popLast() {
                try say(.acknowledged, received, by: agent)
            }
        }
        try advance(milliseconds: milliseconds)
        return unrest
    }

    /// What is left to do; nil if nothing is.
    private var unrest: String? {
        if let unrest = reference.unrest(latest: latest) { return unrest }
        if let tag = ledger.proposed.keys.min() { return "proposal \(tag) has no answer" }
        for (name, watch) in watches.sorted(by: { $0.key < $1.key }) {
            if let offset = watch.outstanding.min() {
                return "\(name) has \(offset) in hand"
            }
            if !watch.plan.isDurable, let offset = missing(watch) { return "\(name) never got \(offset)" }
        }
        if !reads.isEmpty { return "a read is not done" }
        if open.count > 0 || !sealed.isEmpty || !committed.isEmpty { return "a block is on its way" }
        return nil
    }

    /// A message that a nameless consumer should have had by now.
    private func missing(_ watch: Watch) -> Offset? {
        reference.order.first { offset in
            guard offset >= watch.start, watch.attempts[offset] == nil,
                let message = reference.messages[offset]
            else { return false }
            return watch.plan.wants(message) && (message.expiry == .none || message.expiry > latest)
        }
    }

    /// A nameless consumer lives with its connection, and as long as that lasts misses nothing.
    private func checkNameless() throws {
        for (name, watch) in watches.sorted(by: { $0.key < $1.key }) where !watch.plan.isDurable {
            if let offset = missing(watch) { throw Violation(.fate, "\(name) never got \(offset)") }
        }
    }

    /// Time goes by, and nothing happens.
    private mutating func stayQuiet() throws {
        let before = (log.reader.bounds.head, ledger.deliveries)
        for _ in 0..<5 { _ = try workThrough(milliseconds: 3_600_000) }
        let after = (log.reader.bounds.head, ledger.deliveries)
        guard before == after else {
            throw Violation(.rest, "at rest the log ended at \(before.0), and now at \(after.0)")
        }
    }
}
