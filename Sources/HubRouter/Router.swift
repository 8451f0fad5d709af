import HubBytes
package import HubModel

/// Who gets what. It performs no I/O and knows no threads: what happens goes in, with the time; what is to be done
/// comes out, as effects. The same in gives the same out.
///
/// What is proposed is packed into the open block and becomes true when that block comes back committed and is
/// applied. Applying is also how a restart brings the router back to where it was.
package struct Router: ~Copyable {
    let settings: RouterSettings
    var names: NameTable
    /// What follows from the records applied so far.
    var logged = LoggedState()
    var stamper = Stamper()

    // Live: what a restart forgets.
    var connections: [ConnectionID: LiveConnection] = [:]
    var consumers = Slab<LiveConsumer>()
    var consumerOfName: [NameID: ConsumerHandle] = [:]
    /// By an agent's number: the consumer that its messages and commands go to.
    var inboxOfAgent: [NameID: ConsumerHandle] = [:]
    /// By an agent's number: the connection that speaks for it.
    var connectionOfAgent: [NameID: ConnectionID] = [:]
    var trie: TopicTrie
    var wheel: TimerWheel
    var timers = Slab<TimerPurpose>()
    /// Reused for each match.
    var wanted: [UInt32] = []
    /// Who proposed what is on its way: one list for each block, the open one last.
    var origins: [[Origin]] = [[]]
    /// Consumers that have something to log, in the order in which that came.
    var listed: [ConsumerHandle] = []
    /// Since when the first of them waits.
    var listedSince: Timestamp?
    /// Subscriptions to named consumers that wait for their record.
    var joining: [NameID: [Joining]] = [:]
    /// The session that messages to a topic belong to, and that of messages between two agents.
    var sessionOfTopic: [NameID: NameID] = [:]
    var sessionOfPair: [UInt64: NameID] = [:]
    /// Commands whose end is on its way to the log: they must not end once more.
    var ending: Set<LoggedState.CommandKey> = []
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
    }

    /// What a timer is for.
    enum TimerPurpose: Equatable {
        /// A consumer's next deadline.
        case consumer(ConsumerHandle)
        /// A command's deadline.
        case command(LoggedState.CommandKey)
    }

    /// A router for an empty log, or one whose names are known already. The seed is for hashes alone: nothing that
    /// comes out depends on it.
    package init(
        _ settings: RouterSettings = RouterSettings(), names: consuming NameTable = NameTable(),
        now: Timestamp,
        hashSeed: UInt64 = 0
    ) {
        self.settings = settings
        self.names = names
        trie = TopicTrie(hashSeed: hashSeed)
        wheel = TimerWheel(nowMilliseconds: max(0, now.microseconds / 1000))
    }

    /// Up to where records were applied.
    package var appliedTo: Offset { logged.appliedTo }

    // MARK: Names

    /// The number of a name, made known to the log by the open block if it is new.
    mutating func name(_ kind: NameKind, _ tenant: NameID, _ text: RawSpan, _ block: inout Block) -> NameID {
        let key = NameKey(kind, tenant: tenant)
        let (id, isNew) = names.intern(key, text)
        if isNew { block.define(id, key, text) }
        return id
    }

    // MARK: Records of our own

    /// The time of the next record. The log's times never go back, even if the clock does: neither behind what was
    /// applied, nor behind what is on its way, nor behind what the open block has.
    func recordTime(_ now: Timestamp, _ block: borrowing Block) -> Timestamp {
        max(now, logged.time, stampedTime, block.lastTime)
    }

    /// Packs a record that nobody proposed.
    mutating func note(
        _ header: RecordHeader, _ parts: borrowing RecordParts, _ block: inout Block
    ) {
        block.append(header, parts)
        origins[origins.count - 1].append(Origin(connection: nil, tag: 0, durability: .fsynced))
    }

    // MARK: Blocks

    /// Numbers the records of a block that has its place in the order of blocks and is to be written next.
    package mutating func stamp(_ block: inout Block) {
        stamper.stamp(&block, after: logged)
        stampedTime = max(stampedTime, block.lastTime)
        origins.append([])
    }
}
