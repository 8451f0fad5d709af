import HubBytes
import HubModel

/// What one I/O loop remembers of decisions: a publish to a topic that was published to before costs one look-up by the
/// bytes of its name, whoever of those with the same rights it came from. Rights that changed have another number, so
/// nothing remembered can be out of date.
package struct AccessChecks: ~Copyable {
    /// Decisions that are kept before all are forgotten: peers choose the names.
    private let namesMax: Int
    private var names = NameTable()
    /// By the number of a name: two bits for publishing, two for commanding.
    private var verdicts: [UInt8] = []
    /// How often something was decided anew.
    package private(set) var misses = 0

    /// Remembers nothing yet.
    package init(namesMax: Int = 16_384) { self.namesMax = namesMax }

    private enum Question: UInt8 {
        case publish = 0
        case command = 2
    }

    /// Whether the holder of these rights may publish to a topic.
    package mutating func mayPublish(_ rights: CompiledRights, topic: RawSpan) -> Bool {
        if rights.publishesAll, !TopicName.isReserved(topic) { return true }
        return decide(rights, .publish, .topic, topic)
    }

    /// Whether the holder of these rights may send messages to an agent.
    package mutating func mayPublish(_ rights: CompiledRights, agent: RawSpan) -> Bool {
        rights.publishesAll || decide(rights, .publish, .agent, agent)
    }

    /// Whether the holder of these rights may send commands to a topic.
    package mutating func mayCommand(_ rights: CompiledRights, topic: RawSpan) -> Bool {
        if rights.commandsAll, !TopicName.isReserved(topic) { return true }
        return decide(rights, .command, .topic, topic)
    }

    /// Whether the holder of these rights may send commands to an agent.
    package mutating func mayCommand(_ rights: CompiledRights, agent: RawSpan) -> Bool {
        rights.commandsAll || decide(rights, .command, .agent, agent)
    }

    private mutating func decide(
        _ rights: CompiledRights, _ question: Question, _ kind: NameKind, _ name: RawSpan
    ) -> Bool {
        // The table's own limit is larger; names that are no names are refused elsewhere, with their reason.
        guard name.byteCount <= Limits.topicBytesMax, !name.isEmpty else { return false }
        // The number of the rights stands where a tenant's would.
        let key = NameKey(kind, tenant: NameID(rights.number))
        if let id = names.find(key, name) {
            let verdict = verdicts[Int(id.rawValue)] >> question.rawValue & 3
            if verdict != 0 { return verdict == 2 }
        }
        let grants = question == .publish ? rights.rights.publish : rights.rights.command
        let answer = kind == .topic ? grants.allows(topic: name) : grants.allows(agent: name)
        remember(key, name, question, answer)
        return answer
    }

    private mutating func remember(_ key: NameKey, _ name: RawSpan, _ question: Question, _ answer: Bool) {
        misses &+= 1
        if names.count >= namesMax {
            names = NameTable()
            verdicts.removeAll(keepingCapacity: true)
        }
        let id = Int(names.intern(key, name).id.rawValue)
        while verdicts.count <= id { verdicts.append(0) }
        verdicts[id] |= (answer ? 2 : 1) << question.rawValue
    }
}
