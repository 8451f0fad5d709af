import HubModel
import HubRouter
import HubStorage

/// Operators meddle: they move, pause and delete consumers, and bring dead messages back.
extension World {
    mutating func meddle() throws {
        guard happens(plan.operatorChance),
            let name = random.pick(Array(reference.consumers.keys).sorted(), or: nil),
            let id = reference.id(ofConsumer: name), router.handle(of: id) != nil
        else { return }
        let request = OperatorRequest(nil)
        switch random.below(8) {
        case 0, 1:
            let target = Offset(random.below(log.reader.bounds.head.rawValue + 3))
            note { "an operator moves \(name) to \(target)" }
            ledger.marks.note(.moved)
            try router.move(consumer: id, to: target, request, now: now, &open)
        case 2, 3:
            note { "an operator pauses \(name)" }
            ledger.marks.note(.paused)
            try router.pause(consumer: id, request, now: now, &open)
        case 4:
            note { "an operator deletes \(name)" }
            ledger.marks.note(.deleted)
            try router.delete(consumer: id, request, now: now, &open)
        case 5: try bringBack(name, id, request)
        default: try letGoOn(name, id)
        }
    }

    /// A consumer that was held back goes on.
    mutating func letGoOn(_ name: String, _ id: NameID) throws {
        note { "an operator lets \(name) go on" }
        try router.resume(consumer: id, OperatorRequest(nil), now: now, &open)
    }

    private mutating func bringBack(_ name: String, _ id: NameID, _ request: OperatorRequest) throws {
        guard let letter = random.pick(router.deadLetters(of: id), or: nil) else { return }
        let page = try log.reader.page(.log(from: letter, to: letter.next), PageLimit(records: 1))
        guard page.count == 1 else { throw Violation(.log, "the letter at \(letter) is not there") }
        if happens(80) {
            note { "an operator brings back what \(name) buried at \(letter)" }
            ledger.marks.note(.broughtBack)
            try router.redrive(letter: page[0], isKept: true, request, now: now, &open)
        } else {
            try router.drop(letter: page[0], request, now: now, &open)
        }
    }

    /// A consumer is no more: whoever was served will subscribe anew.
    mutating func take(deleted name: String) {
        deleted.formUnion(watchOfConsumer.filter { $0.value == name }.keys)
        watchOfConsumer = watchOfConsumer.filter { $0.value != name }
        guard let watch = watches.removeValue(forKey: name) else { return }
        let index = plan.consumers.firstIndex { $0.label == watch.plan.label }
        for agent in agents.indices {
            agents[agent].received.removeAll { $0.watch == name }
            guard let index, agents[agent].consumers.removeValue(forKey: index) != nil else { continue }
            if !lost.contains(agent) { lost.append(agent) }
        }
    }

    /// A consumer stands somewhere else: what its members had is not theirs any more.
    mutating func take(moved name: String, to target: Offset) {
        watches[name]?.restart(at: target)
        for agent in agents.indices { agents[agent].received.removeAll { $0.watch == name } }
    }
}

extension DeterministicRandom {
    /// One of some values, if there are any.
    mutating func pick<Value>(_ values: [Value], or none: Value?) -> Value? {
        values.isEmpty ? none : pick(values)
    }
}
