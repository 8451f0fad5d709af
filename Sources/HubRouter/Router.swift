import HubBytes
package import HubModel
import HubTiming

/// Who gets what. It performs no I/O and knows no threads: what happens goes in, with the time; what is to be done
/// comes out, as effects. The same in gives the same out.
///
/// What is proposed is packed into the open block and becomes true when that block comes back committed and is
/// applied. Applying is also how a restart brings the router back to where it was.
package struct Router: ~Copyable {
    let settings: RouterSettings
    var names: NameTable
    /// What follows from the records applied so far.
    var logged: LoggedState
    var stamper = Stamper()

    // Live: what a restart forgets.
    var connections = ConnectionTable()
    /// By an agent's number: the connection that speaks for it.
    var connectionOfAgent: [NameID: ConnectionID] = [:]
    var consumers = Slab<LiveConsumer>()
    var consumerOfName: [NameID: ConsumerHandle] = [:]
    /// By an agent's number: the consumers that its messages and commands go to.
    var inboxes: [NameID: [UInt32]] = [:]
    var trie: TopicTrie
    var wheel: TimerWheel
    var timers = Slab<TimerPurpose>()
    /// Reused for each match.
    var wanted: [UInt32] = []
    /// Who proposed what is on its way: one list for each block, the open one last.
    var origins: [[Origin]] = [[]]
    /// Whether anybody in the open block wants his receipt before it is on disk.
    var hasHasty = false
    /// Lists that were emptied, to be used again.
    var spareOrigins: [[Origin]] = []
    /// Who sent again what is on its way, and waits for the receipt of the first.
    var echoes: [Offset: [Origin]] = [:]
    /// Commands for which an answer is on its way: what comes behind that is late.
    var answering: Set<Offset> = []
    /// Sessions that are being opened.
    var opening = OpeningSessions()
    /// Consumers that have something to log, in the order in which that came.
    var listed: [ConsumerHandle] = []
    /// Since when the first of them waits.
    var listedSince: Timestamp?
    /// Subscriptions to named consumers that wait for their record.
    var joining: [NameID: [Joining]] = [:]
    /// Consumers whose end is on its way, and how often: whoever wants one of that name gets a new one behind it.
    var ending: [NameID: Int] = [:]
    /// The session that messages to a topic belong to, by the topic's number, and that of messages between two agents.
    var sessionOfTopic = MarkedNumbers()
    var sessionOfPair: [UInt64: NameID] = [:]
    var quotas: Quotas
    /// Connections that want to hear no more for now.
    var pausedConnections = 0
    /// Those who are told of others who come and go: by whom, and by tenant.
    var watchers: [NameID: Set<ConnectionID>] = [:]
    /// What consumers said of messages that they gave up or refused, for the dead letters.
    var remarks = Remarks()
    var lastRead: UInt64 = 0
    var packer = NumberPacker()
    /// When the newest record of the blocks on their way was taken.
    var stampedTime = Timestamp.none

    /// Who proposed a record.
    struct Origin: Equatable {
        /// None for the router's own.
        let connection: ConnectionID?
        let tag: UInt64
        let durability: Durability
    }

    /// A connection that waits to become a member.
    struct Joining: Equatable {
        let connection: ConnectionID
        let tag: UInt64
        /// Whether it is ready to share the consumer.
        let isShared: Bool
        /// Whose inbox it wants, if it wants one.
        let inbox: NameID?
    }

    /// What a timer is for.
    enum TimerPurpose: Equatable {
        /// A consumer's next deadline.
        case consumer(ConsumerHandle)
        /// The deadline of a command.
        case command(Offset)
        /// A connection's next sign of life.
        case connection(ConnectionID)
    }

    /// A router for an empty log, or one whose names are known already. The seed is for hashes alone: nothing that
    /// comes out depends on it.
    package init(
        _ settings: RouterSettings = RouterSettings(), names: consuming NameTable = NameTable(),
        now: Timestamp, hashSeed: UInt64 = 0
    ) {
        self.settings = settings
        self.names = names
        let window = DedupWindow.Bounds(
            entries: settings.dedupEntries, idBytes: settings.dedupIDBytes,
            milliseconds: settings.dedupMilliseconds)
        logged = LoggedState(window, hashSeed: hashSeed)
        trie = TopicTrie(hashSeed: hashSeed)
        wheel = TimerWheel(nowMilliseconds: max(0, now.microseconds / 1000))
        quotas = Quotas(agents: settings.agentQuota, tenants: settings.tenantQuota)
    }

    /// Up to where records were applied.
    package var appliedTo: Offset { logged.appliedTo }

    // MARK: Names

    /// The number of a name that is known or good; made known to the log by the open block if it is new.
    mutating func name<Name: CheckedName>(
        _ kind: NameKind, _ tenant: NameID, _ text: RawSpan, as type: Name.Type, _ block: inout Block
    ) throws(Refusal) -> NameID {
        let key = NameKey(kind, tenant: tenant)
        // What is known was checked when it became so.
        if let known = names.find(key, text) { return known }
        try Name.check(text)
        try checkRoomForName()
        return define(key, text, &block)
    }

    /// The number of a name that the hub makes for what an agent sends, and that counts like those that agents choose:
    /// with as many pairs as agents can form, there are more of those than of all else.
    mutating func impliedName(
        _ kind: NameKind, _ tenant: NameID, _ text: RawSpan, _ block: inout Block
    ) throws(Refusal) -> NameID {
        let key = NameKey(kind, tenant: tenant)
        if let known = names.find(key, text) { return known }
        try checkRoomForName()
        return define(key, text, &block)
    }

    /// The number of a name that the hub itself has to write, room or not.
    mutating func ownName(_ kind: NameKind, _ tenant: NameID, _ text: RawSpan, _ block: inout Block) -> NameID
    {
        let key = NameKey(kind, tenant: tenant)
        return names.find(key, text) ?? define(key, text, &block)
    }

    private func checkRoomForName() throws(Refusal) {
        guard names.count < settings.namesMax else {
            throw Refusal(
                .limitReached,
                "the hub knows \(settings.namesMax) names, as many as are allowed; use known ones")
        }
    }

    private mutating func define(_ key: NameKey, _ text: RawSpan, _ block: inout Block) -> NameID {
        let (id, isNew) = names.intern(key, text)
        if isNew { block.define(id, key, text) }
        return id
    }

    /// The text of a name, for whoever tells users.
    package func text(of name: NameID) -> String { names.text(of: name) }

    /// The text of a name that is known, where it lies.
    @_lifetime(borrow self)
    package func bytes(of name: NameID) -> RawSpan { names.bytes(of: name) }

    /// What a number names; nil for none.
    package func kind(of name: NameID) -> NameKind? { names.key(of: name)?.kind }

    /// Whose a name is.
    package func tenant(of name: NameID) -> NameID { names.key(of: name)?.tenant ?? .none }

    /// The name of a consumer; none for one without a name, or that is no more.
    package func name(of consumer: ConsumerHandle) -> NameID {
        guard consumers.contains(consumer.index, consumer.generation) else { return .none }
        return consumers[consumer.index].isLogged ? consumers[consumer.index].name : .none
    }

    /// Whose agent a connection is, and of which tenant; nil for one that has not said so.
    package func agent(of connection: ConnectionID) -> (agent: NameID, tenant: NameID)? {
        connections[connection].map { ($0.agent, $0.tenant) }
    }

    /// The number of a name, if it is known.
    package func find(_ kind: NameKind, tenant: NameID, _ text: RawSpan) -> NameID? {
        names.find(NameKey(kind, tenant: tenant), text)
    }

    // MARK: Records

    /// A header for a record of now. Times in a log never go back, whatever the clock does: neither behind what is
    /// applied, nor behind what is on its way, nor behind what the open block has.
    func header(
        _ kind: MessageKind, tenant: NameID, now: Timestamp, _ block: borrowing Block
    ) -> RecordHeader {
        RecordHeader(kind, time: max(now, logged.time, stampedTime, block.lastTime), tenant: tenant)
    }

    /// Packs a record, and notes who proposed it: nobody, if it is the hub's own.
    @discardableResult
    mutating func note(
        _ header: RecordHeader, _ parts: borrowing RecordParts, _ block: inout Block,
        from origin: Origin = Origin(connection: nil, tag: 0, durability: .fsynced)
    ) -> Offset {
        let offset = block.append(header, parts)
        origins[origins.count - 1].append(origin)
        if origin.durability == .memory { hasHasty = true }
        return offset
    }

    // MARK: Blocks

    /// Numbers the records of a block that has its place in the order of blocks and is to be written next. Senders who
    /// did not want to wait for the disk are told now.
    package mutating func stamp(_ block: inout Block, _ effects: inout Effects) {
        stamper.stamp(&block, after: logged)
        stampedTime = max(stampedTime, block.lastTime)
        let proposers = origins.count - 1
        if hasHasty { tellHasty(origins[proposers], block, &effects) }
        hasHasty = false
        origins.append(spareOrigins.popLast() ?? [])
    }

    /// Whether it is an agent's name, and the agent is not connected.
    func isAway(_ destination: NameID) -> Bool {
        names.key(of: destination)?.kind == .agent && connectionOfAgent[destination] == nil
    }

    private func tellHasty(_ proposers: [Origin], _ block: borrowing Block, _ effects: inout Effects) {
        for (index, origin) in proposers.enumerated() where origin.durability == .memory {
            guard let connection = origin.connection else { continue }
            var receipt = Effects.Receipt(
                connection: connection, tag: origin.tag, offset: block.firstOffset.advanced(by: index),
                session: block.session(at: index), sequence: block.sequence(at: index),
                durability: .memory)
            receipt.isAddresseeAway = isAway(block.destination(at: index))
            effects.receipts.append(receipt)
        }
    }
}
