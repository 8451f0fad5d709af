package import HubModel

/// What people look at while the hub runs: a page at a time, so that a hub with a million of something is not held up.
extension Router {
    /// A page of what there is of a kind.
    package struct Listing<Item: Sendable>: Sendable {
        /// What was found, in the order in which it first came.
        package var items: [Item] = []
        /// Behind which number the next page begins; nil at the end.
        package var next: NameID?
    }

    /// A consumer with a name, as it is now.
    package struct ConsumerStatus: Sendable, Equatable {
        /// What it is doing.
        package enum Mode: String, Sendable {
            /// It gets what comes.
            case live
            /// It reads what it has missed.
            case behind = "catching_up"
            /// Nobody serves it.
            case idle
            /// It is held back.
            case paused
        }

        /// What the log says of it, its unsettled deliveries left out.
        package let facts: Picture.Consumer
        /// What it is doing.
        package let mode: Mode
        /// Up to where it has been given what is its.
        package let position: Offset
        /// Deliveries that are not settled.
        package let inFlight: Int
        /// The agents that it serves.
        package let members: [String]
    }

    /// Names that are looked at for one page: those of other kinds and tenants lie in between.
    private static let lookedAtMax = 20_000

    /// Goes through the names of a kind behind a number, and shows those that `show` makes something of.
    private func list<Item: Sendable>(
        _ kind: NameKind, of tenant: NameID, after: NameID, limit: Int, _ show: (NameID) -> Item?
    ) -> Listing<Item> {
        var listing = Listing<Item>()
        var number = after.rawValue
        let last = min(names.count, Int(number) + Self.lookedAtMax)
        while Int(number) < last {
            guard listing.items.count < limit else {
                listing.next = NameID(number)
                return listing
            }
            number += 1
            let id = NameID(number)
            guard let key = names.key(of: id), key.kind == kind, key.tenant == tenant else { continue }
            if let item = show(id) { listing.items.append(item) }
        }
        if last < names.count { listing.next = NameID(number) }
        return listing
    }

    /// The agents of a tenant.
    package func listAgents(
        of tenant: NameID, after: NameID, limit: Int
    ) -> Listing<(id: NameID, agent: Picture.Agent)> {
        list(.agent, of: tenant, after: after, limit: limit) { id in
            logged.agents[id].map { (id, Picture.Agent(id, $0, names)) }
        }
    }

    /// The sessions that agents of a tenant opened by name.
    package func listSessions(
        of tenant: NameID, after: NameID, limit: Int
    ) -> Listing<(id: NameID, session: Picture.Session)> {
        list(.session, of: tenant, after: after, limit: limit) { id in
            logged.sessions[id].map { (id, Picture.Session(id, $0, names)) }
        }
    }

    /// What the log says of one session that agents opened by name.
    package func session(_ id: NameID) -> Picture.Session? {
        logged.sessions[id].map { Picture.Session(id, $0, names) }
    }

    /// The topics of a tenant, with the offsets of their retained values.
    package func listTopics(
        of tenant: NameID, after: NameID, limit: Int
    ) -> Listing<(id: NameID, topic: String, retained: Offset?)> {
        list(.topic, of: tenant, after: after, limit: limit) { id in
            (id, names.text(of: id), logged.retained[id])
        }
    }

    /// The consumers of a tenant.
    package func listConsumers(
        of tenant: NameID, after: NameID, limit: Int
    ) -> Listing<(id: NameID, status: ConsumerStatus)> {
        list(.consumer, of: tenant, after: after, limit: limit) { id in
            consumer(id).map { (id, $0) }
        }
    }

    /// A consumer as it is now; nil if there is none with that name.
    package func consumer(_ id: NameID) -> ConsumerStatus? {
        guard let known = logged.consumers[id] else { return nil }
        let live = consumerOfName[id].map { consumers[$0.index] }
        let members = live?.members.map { text(of: $0.connection.agent) } ?? []
        let mode: ConsumerStatus.Mode =
            known.isPaused ? .paused : members.isEmpty ? .idle : live?.mode == .live ? .live : .behind
        // A live consumer has been offered all there is.
        let position = mode == .live ? logged.appliedTo : live?.position ?? known.cursor
        return ConsumerStatus(
            facts: Picture.Consumer(id, known, names, withUnsettled: false), mode: mode, position: position,
            inFlight: live?.inFlight ?? known.unsettled.inFlight, members: members)
    }
}
