import HubBytes
import HubModel
import HubRouter
import Testing

/// What specifications look at.
extension Hub {
    /// What an agent was given since it was last asked.
    func take(_ agent: String) throws -> [Given] {
        given.removeValue(forKey: try connection(of: agent)) ?? []
    }

    /// The texts of what it was given since it was last asked.
    func texts(_ agent: String) throws -> [String] { try take(agent).map(\.text) }

    /// The one thing that it was given.
    func takeOne(_ agent: String) throws -> Given {
        let all = try take(agent)
        try #require(all.count == 1, "\(agent) was given \(all.map(\.text))")
        return all[0]
    }

    /// What an agent was told since it was last asked.
    func told(_ agent: String) throws -> [Effects.Event] {
        notices.removeValue(forKey: try connection(of: agent)) ?? []
    }

    func receipt(_ tag: UInt64) -> Effects.Receipt? { receipts.first { $0.tag == tag } }

    func rejection(_ tag: UInt64) -> Refusal? { rejections.first { $0.tag == tag }?.reason }

    /// Where a subscription began, once it did.
    func position(_ tag: UInt64) -> Offset? {
        for case .subscribed(_, tag, _, let position) in answers { return position }
        return nil
    }

    /// Why something is refused; nil if it is not.
    func refusal(_ body: (Hub) throws -> Void) throws -> Refusal? {
        do {
            try body(self)
            return nil
        } catch let refusal as Refusal {
            return refusal
        }
    }

    // MARK: Names

    func tenant(_ name: String = "acme") throws -> NameID { try find(.tenant, name, tenant: .none) }

    func id(_ kind: NameKind, _ name: String, tenant: String = "acme") throws -> NameID {
        try find(kind, name, tenant: self.tenant(tenant))
    }

    func knows(_ kind: NameKind, _ name: String) throws -> Bool {
        let tenant = try tenant()
        return name.withBytes { router.find(kind, tenant: tenant, $0) } != nil
    }

    private func find(_ kind: NameKind, _ name: String, tenant: NameID) throws -> NameID {
        try #require(name.withBytes { router.find(kind, tenant: tenant, $0) }, "nobody knows \(name)")
    }

    func presence(_ agent: String) throws -> Presence { router.presence(of: try id(.agent, agent)).presence }

    func phase(_ session: String) throws -> SessionPhase? { router.phase(of: try id(.session, session)) }

    // MARK: Operators

    enum Intervention: Sendable {
        case move(Offset)
        case pause
        case resume
        case delete
    }

    func intervene(_ intervention: Intervention, _ consumer: String, by agent: String? = nil) throws {
        let name = try id(.consumer, consumer)
        let request = OperatorRequest(try agent.map { try connection(of: $0) }, tag: tag())
        switch intervention {
        case .move(let offset): try router.move(consumer: name, to: offset, request, now: now, &open)
        case .pause: try router.pause(consumer: name, request, now: now, &open)
        case .resume: try router.resume(consumer: name, request, now: now, &open)
        case .delete: try router.delete(consumer: name, request, now: now, &open)
        }
    }

    /// Where the dead letters of a consumer are.
    func letters(_ consumer: String) throws -> [Offset] {
        router.deadLetters(of: try id(.consumer, consumer))
    }

    /// What a dead letter says.
    func facts(_ letter: Offset) throws -> Router.DeadLetterFacts? {
        var facts: Router.DeadLetterFacts?
        try withRecord(letter) { facts = Router.facts(ofLetter: $0) }
        return facts
    }

    func redrive(_ letter: Offset, isKept: Bool = true) throws {
        try withRecord(letter) { record in
            try router.redrive(letter: record, isKept: isKept, OperatorRequest(nil), now: now, &open)
        }
    }

    func drop(_ letter: Offset) throws {
        try withRecord(letter) { try router.drop(letter: $0, OperatorRequest(nil), now: now, &open) }
    }
}
