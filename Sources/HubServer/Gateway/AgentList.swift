import HubBytes
import HubModel
import HubRouter
import HubStorage

/// Who is there, for somebody who asked.
struct AgentList: Sendable {
    /// One agent.
    struct Entry: Sendable {
        let agent: String
        let presence: Presence
        let since: Timestamp
        /// Where its last status is.
        let status: Offset?
    }

    private(set) var agents: [Entry] = []
    /// There are more than are listed.
    private(set) var isCut = false

    /// The most that one answer has.
    static let max = 10_000

    /// The agents of the tenant that a seat belongs to: all, those whose id begins so, or those that are named.
    init(
        of seat: Seat, prefix: String, named: [String], _ core: borrowing Core,
        seenWith rights: CompiledRights?
    ) {
        func isSeen(_ agent: String) -> Bool {
            guard let rights else { return true }
            return rights.may(.readAgents) || agent.withBytes { rights.mayWatch(agent: $0) }
        }
        guard let known = core.router.agent(of: seat) else { return }
        guard named.isEmpty else {
            for name in named.prefix(Self.max) where isSeen(name) { addNamed(name, known.tenant, core) }
            return
        }
        for found in core.router.agents(of: known.tenant) {
            let text = core.router.text(of: found.agent)
            guard prefix.isEmpty || text.hasPrefix(prefix), isSeen(text) else { continue }
            guard agents.count < Self.max else {
                isCut = true
                return
            }
            agents.append(
                Entry(agent: text, presence: found.presence, since: found.since, status: found.status))
        }
    }

    private mutating func addNamed(_ name: String, _ tenant: NameID, _ core: borrowing Core) {
        let id = name.withBytes { core.router.find(.agent, tenant: tenant, $0) }
        let known = id.map { core.router.presence(of: $0) } ?? (.unknown, .none)
        agents.append(
            Entry(
                agent: name, presence: known.presence, since: known.since,
                status: id.flatMap { core.router.status(of: $0) }))
    }

    /// What each said last of itself, as far as the log still has it.
    func statuses(_ reader: any LogReader) -> [Offset: [UInt8]] {
        var found: [Offset: [UInt8]] = [:]
        for status in agents.compactMap(\.status) {
            // Who is there is worth telling even where the log cannot be read.
            guard
                let page = try? reader.page(
                    .log(from: status, to: status.next), PageLimit(records: 1)), page.count == 1
            else { continue }
            found[status] = page[0].payload.array
        }
        return found
    }
}
