import HubBytes
import HubConnection
import HubModel
import HubProtocols
import HubRouter
import HubStorage

/// Lists of what there is.
extension Gateway {
    /// The part of a list that a request asks for.
    private struct Page {
        let after: NameID
        let limit: Int

        init(_ call: Call) throws(Refusal) {
            after = NameID(
                UInt32(try call.number("cursor", in: 0...UInt64(UInt32.max), default: 0)))
            limit = Int(try call.number("limit", in: 1...1000, default: 100))
        }
    }

    mutating func listAgents(_ call: Call) throws(Refusal) {
        let page = try Page(call)
        let (tenant, rights) = (call.identity.tenant.text, call.identity.rights)
        let bytesMax = desk.hub.settings.pageBytesMax
        try ask(call) { core in
            core.router.listAgents(of: core.tenant(tenant), after: page.after, limit: page.limit)
        } _: { listing, reader in
            let seen = listing.items.filter { item in
                rights.may(.readAgents) || item.agent.name.withBytes { rights.mayWatch(agent: $0) }
            }
            return try Document.page(
                seen, next: listing.next?.cursor, bytesMax: bytesMax, cursor: { $0.id.cursor }
            ) { item, writer in
                try writer.agent(item.agent, reader)
            }
        }
    }

    mutating func listSessions(_ call: Call) throws(Refusal) {
        try require(.readSessions, call)
        let page = try Page(call)
        let tenant = call.identity.tenant.text
        let bytesMax = desk.hub.settings.pageBytesMax
        try ask(call) { core in
            core.router.listSessions(of: core.tenant(tenant), after: page.after, limit: page.limit)
        } _: { listing, reader in
            try Document.page(
                listing.items, next: listing.next?.cursor, bytesMax: bytesMax, cursor: { $0.id.cursor }
            ) { item, writer in
                writer.session(item.session, named: item.session.name, try reader.extent(of: item.id))
            }
        }
    }

    mutating func showSession(_ call: Call, _ name: String) throws(Refusal) {
        let (tenant, identity) = (call.identity.tenant.text, call.identity)
        try ask(call) { core in
            let owner = core.tenant(tenant)
            let id = name.withBytes { core.router.find(.session, tenant: owner, $0) }
            return (owner, id, id.map { core.router.session($0) })
        } _: { facts, reader in
            let (owner, id, session) = facts
            try SessionParties.check(identity, owner, id, name, reader)
            guard let id, let session else {
                throw Refusal(.unknownSession, "there is no session \(name)")
            }
            return try Document.make { writer in
                let extent = try reader.extent(of: id)
                writer.session(session, named: name, extent)
            }
        }
    }

    mutating func listTopics(_ call: Call) throws(Refusal) {
        try require(.readTopics, call)
        let page = try Page(call)
        let tenant = call.identity.tenant.text
        let bytesMax = desk.hub.settings.pageBytesMax
        try ask(call) { core in
            core.router.listTopics(of: core.tenant(tenant), after: page.after, limit: page.limit)
        } _: { listing, reader in
            try Document.page(
                listing.items, next: listing.next?.cursor, bytesMax: bytesMax, cursor: { $0.id.cursor }
            ) { item, writer in
                let extent = try reader.extent(of: item.id)
                writer.beginObject()
                writer.member("topic", item.topic)
                if extent.count > 0 { writer.member("last_offset", extent.last) }
                if let retained = item.retained { writer.member("retained_offset", retained.rawValue) }
                writer.endObject()
            }
        }
    }

    mutating func listConsumers(_ call: Call) throws(Refusal) {
        try require(.readConsumers, call)
        let page = try Page(call)
        let tenant = call.identity.tenant.text
        let bytesMax = desk.hub.settings.pageBytesMax
        try ask(call) { core in
            core.router.listConsumers(of: core.tenant(tenant), after: page.after, limit: page.limit)
        } _: { listing, _ in
            Document.page(
                listing.items, next: listing.next?.cursor, bytesMax: bytesMax, cursor: { $0.id.cursor }
            ) { $1.consumer($0.status) }
        }
    }

    mutating func showConsumer(_ call: Call, _ name: String) throws(Refusal) {
        try require(.readConsumers, call)
        let tenant = call.identity.tenant.text
        try ask(call) { (core) throws(Refusal) in
            try core.consumer(name, tenant: tenant).status
        } _: { status, _ in
            Document.make { $0.consumer(status) }
        }
    }

    /// Whoever asks has to have a right.
    func require(_ action: AdminAction, _ call: Call) throws(Refusal) {
        guard call.identity.rights.may(action) else { throw call.identity.refusesAction(action) }
    }
}

extension Core {
    /// The number of a tenant; one that nothing has if it never sent anything.
    func tenant(_ name: String) -> NameID {
        name.withBytes { router.find(.tenant, tenant: .none, $0) } ?? NameID(.max)
    }

    /// A consumer by its name, as it is now.
    func consumer(
        _ name: String, tenant: String
    ) throws(Refusal) -> (id: NameID, status: Router.ConsumerStatus) {
        let owner = self.tenant(tenant)
        guard let id = name.withBytes({ router.find(.consumer, tenant: owner, $0) }),
            let status = router.consumer(id)
        else { throw Refusal(.unknownConsumer, "there is no consumer \(name)") }
        return (id, status)
    }
}

extension NameID {
    /// As the cursor of a list that goes on behind it.
    fileprivate var cursor: String { "\(rawValue)" }
}

extension SessionParties {
    /// Throws unless somebody may read a session's past. Nobody may read that of one that is not there but those who may
    /// read all: the others are not told which there are.
    static func check(
        _ identity: Identity, _ tenant: NameID, _ session: NameID?, _ name: String, _ reader: any LogReader
    ) throws {
        let isParty = try session.map { try include(identity.agent.text, tenant, $0, reader) } ?? false
        guard name.withBytes({ identity.rights.mayReplay(session: $0, isParty: isParty) }) else {
            throw identity.refusesSession(name)
        }
    }
}
