import HubBytes
import HubModel

/// How the logged state is kept between two starts: part by part, as they change.
extension LoggedState {
    /// As many blocks may be on their way, each with changes, before the first of them is known to be written.
    private static let takenMax = 4

    /// What changed since the last time, as it is to be written; nothing changed is nil.
    mutating func takeChanges() -> StateChanges? {
        if windowStart != window.oldestOffset {
            windowStart = window.oldestOffset
            changed.insert(.windowStart)
        }
        guard !changed.isEmpty || sequences.hasMarks || lastMessages.hasMarks else { return nil }
        let lost = Taken(
            keys: changed, sequences: sequences.takeMarked(), lastMessages: lastMessages.takeMarked())
        var changes = StateChanges(appliedTo: appliedTo)
        var packer = NumberPacker()
        // The two long lists are in order already; what else changed goes between them and behind.
        let keys = changed.sorted { $0.order < $1.order }
        let topics = StateKey.lastMessage(.none).order
        for session in lost.sequences { put(.sequence(session), &changes, &packer) }
        for key in keys where key.order < topics { put(key, &changes, &packer) }
        for topic in lost.lastMessages { put(.lastMessage(topic), &changes, &packer) }
        for key in keys where key.order > topics { put(key, &changes, &packer) }
        taken.append(lost)
        if taken.count > Self.takenMax { taken.removeFirst() }
        changed.removeAll(keepingCapacity: true)
        return changes
    }

    private func put(_ key: StateKey, _ changes: inout StateChanges, _ packer: inout NumberPacker) {
        packer.reset()
        if StateCodec.pack(key, self, &packer) {
            changes.set(key.bytes.bytes, packer.buffer.bytes)
        } else {
            changes.remove(key.bytes.bytes)
        }
    }

    /// Blocks were refused, and changes may have been lost with them: what went into the last ones counts as changed
    /// again. Writing a part twice does no harm.
    mutating func takeChangesAgain() {
        for lost in taken {
            changed.formUnion(lost.keys)
            for session in lost.sequences { sequences.mark(session) }
            for topic in lost.lastMessages { lastMessages.mark(topic) }
        }
        taken.removeAll()
    }

    /// Puts back a part that a checkpoint kept; false if it is not what this program writes. `names` is how many names
    /// the log knows: a part about another is damaged, and must not make room for four billion.
    mutating func load(_ key: RawSpan, _ value: RawSpan, names: Int) -> Bool {
        guard let key = StateKey(key), key.name.rawValue <= names else { return false }
        var reader = NumberReader(value)
        guard reader.next() == StateCodec.version else { return false }
        switch key {
        case .sequence(let session): sequences.load(session, reader.next())
        case .lastMessage(let topic): lastMessages.load(topic, reader.next())
        case .session(let id):
            guard let session = StateCodec.session(&reader) else { return false }
            setSession(id, session)
            changed.remove(.session(id))
        case .pause(let id):
            guard let pause = StateCodec.pause(&reader) else { return false }
            pauses[id] = pause
        case .consumer(let id):
            guard let consumer = StateCodec.consumer(id, &reader) else { return false }
            putConsumer(consumer)
        case .agent(let id):
            guard let agent = StateCodec.agent(&reader) else { return false }
            agents[id] = agent
        case .command(let offset):
            addCommand(StateCodec.command(offset, &reader))
        case .retained(let id): retained[id] = Offset(min(reader.next(), Offset.end.rawValue))
        case .windowStart: windowStart = Offset(min(reader.next(), Offset.end.rawValue))
        }
        return reader.isAtEnd && !reader.hasFailed
    }

    /// All parts are loaded: what follows from them is made.
    mutating func finishLoading() {
        let over = commands.values.filter { !$0.isOpen }.sorted { $0.end < $1.end }
        for command in over { ended.append(command.offset) }
    }

    /// In which parts two states differ; none if they are equal. For tests, and for whoever doubts.
    func differences(from other: borrowing LoggedState) -> [String] {
        var found: [String] = []
        if appliedTo != other.appliedTo { found.append("applied to \(appliedTo) and \(other.appliedTo)") }
        if time != other.time { found.append("time \(time) and \(other.time)") }
        if sessions != other.sessions { found.append("sessions") }
        if openSessions != other.openSessions || openSessionCount != other.openSessionCount {
            found.append("numbers of open sessions")
        }
        if pauses != other.pauses { found.append("pauses") }
        if agents != other.agents { found.append("agents") }
        if commands != other.commands { found.append("commands") }
        if retained != other.retained { found.append("retained") }
        for id in Set(consumers.keys).union(other.consumers.keys).sorted()
        where consumers[id] != other.consumers[id] {
            found.append("consumer \(id)")
        }
        if !sequences.hasSameNumbers(as: other.sequences) { found.append("last numbers of sessions") }
        if !lastMessages.hasSameNumbers(as: other.lastMessages) { found.append("last messages of topics") }
        if !Self.hasSameMessages(window, other.window) { found.append("window of ids") }
        return found
    }

    private static func hasSameMessages(
        _ left: borrowing DedupWindow, _ right: borrowing DedupWindow
    ) -> Bool {
        guard left.count == right.count else { return false }
        struct Message: Equatable {
            let sender: NameID
            let id: [UInt8]
            let place: DedupWindow.Place
            let time: Timestamp
        }
        var others: [Message] = []
        right.forEach { others.append(Message(sender: $0, id: $1.array, place: $2, time: $3)) }
        var index = 0
        var isSame = true
        left.forEach {
            if others[index] != Message(sender: $0, id: $1.array, place: $2, time: $3) { isSame = false }
            index += 1
        }
        return isSame
    }
}
