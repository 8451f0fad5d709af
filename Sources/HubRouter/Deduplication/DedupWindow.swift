import HubBytes
package import HubModel

/// Which messages came in lately, so that one that is sent again gets the receipt of the first instead of a place of
/// its own in the log.
///
/// A message enters as *proposed*, when it goes on its way to the log, and is *confirmed* once it is there; what is on
/// its way when a block is refused is taken back. What is confirmed is a function of the log, and so is what is
/// forgotten: the window is bounded in time, in messages and in bytes of their ids, and whichever bound is met first
/// by a message that is confirmed, the oldest go. So the window need not be written to a checkpoint: it is made again
/// from the log's last messages.
///
/// Entries and ids lie in rings in the order in which they came, with an index over both; memory grows with what is
/// remembered up to the bounds and with what is on its way, and looking up allocates nothing.
package struct DedupWindow: ~Copyable {
    /// How much a window remembers.
    package struct Bounds: Hashable, Sendable {
        /// Messages at most.
        package var entries: Int
        /// Bytes of ids at most, one more for each id; rounded up to a power of two.
        package var idBytes: Int
        /// For how long.
        package var milliseconds: Int64

        /// Bounds; there is always room for one message.
        package init(entries: Int, idBytes: Int, milliseconds: Int64) {
            self.entries = min(max(entries, 1), 1 << 30)
            self.idBytes = min(max(idBytes, Limits.messageIDBytesMax + 1), 1 << 31)
            self.milliseconds = max(milliseconds, 0)
        }
    }

    /// Where a message is in the log: what the receipt for its repetition says.
    package struct Place: Hashable, Sendable, BitwiseCopyable {
        /// The session that it went into.
        package let session: NameID
        /// Its number in the session.
        package let sequence: SequenceNumber
        /// Its place in the log.
        package let offset: Offset

        /// The place of a message.
        package init(session: NameID, sequence: SequenceNumber, offset: Offset) {
            self.session = session
            self.sequence = sequence
            self.offset = offset
        }
    }

    private struct Entry {
        var time = Timestamp.none
        var sequence = SequenceNumber.none
        var offset = Offset.zero
        var session = NameID.none
        var sender = NameID.none
        /// Where the id is in the ring of ids.
        var id: UInt32 = 0
        var hash: UInt32 = 0

        var place: Place { Place(session: session, sequence: sequence, offset: offset) }
    }

    /// What the window knows of a message.
    package enum Known: Hashable, Sendable {
        /// It was taken: here it is.
        case taken(Place)
        /// It is on its way, to this offset.
        case proposed(Offset)
    }

    /// The bounds that the window keeps.
    package let bounds: Bounds
    private let seed: UInt64
    /// A ring whose size is a power of two.
    private var entries = Array(repeating: Entry(), count: 16)
    private var ids: ByteRing
    /// Finds entries by sender and id.
    private var index = WindowIndex()
    /// Entries are numbered as they come; these are the numbers of the oldest, of the first that is not confirmed, and
    /// of the next one.
    private var oldest = 0
    private var confirmed = 0
    private var end = 0
    /// Bytes of the ids that are confirmed, one more for each.
    private var confirmedBytes = 0

    /// An empty window. Senders choose ids, so each process should have its own seed; what the window remembers
    /// does not depend on it.
    package init(_ bounds: Bounds, hashSeed: UInt64) {
        self.bounds = bounds
        seed = hashSeed
        // What is on its way comes on top of what is remembered.
        ids = ByteRing(capacityMax: 1 << 31)
    }

    /// Messages that are remembered.
    package var count: Int { confirmed - oldest }

    /// Messages that are on their way.
    package var proposedCount: Int { end - confirmed }

    /// Where the oldest is that is remembered: from there on the log has all that is needed to make the window again.
    package var oldestOffset: Offset? { count == 0 ? nil : entries[oldest & (entries.count - 1)].offset }

    /// Bytes that the window takes.
    package var byteCount: Int {
        entries.count * MemoryLayout<Entry>.stride + index.byteCount + ids.byteCount
    }

    /// What the window knows of a sender's message with this id.
    package func find(_ sender: NameID, _ id: RawSpan, now: Timestamp) -> Known? {
        find(sender, id, hash: hash(sender, id), newerThan: horizon(now))
    }

    /// Notes that a message goes on its way to an offset, unless the window knows one with this sender and id that is
    /// not too old: then nothing changes, and what is known of that is returned.
    package mutating func propose(
        _ sender: NameID, _ id: RawSpan, _ offset: Offset, now: Timestamp
    ) -> Known? {
        let hash = hash(sender, id)
        if let known = find(sender, id, hash: hash, newerThan: horizon(now)) { return known }
        propose(sender, id, offset, hash: hash)
        return nil
    }

    /// What the window knows of a message whose hash was made already: looking and noting need it both.
    func find(_ sender: NameID, _ id: RawSpan, hash: UInt64, now: Timestamp) -> Known? {
        find(sender, id, hash: hash, newerThan: horizon(now))
    }

    /// Notes that a message goes on its way that was looked for and not found.
    mutating func propose(_ sender: NameID, _ id: RawSpan, _ offset: Offset, hash: UInt64) {
        append(sender, id, Place(session: .none, sequence: .none, offset: offset), hash)
    }

    /// Notes that a message is in the log: the oldest of those on their way, or one that is read from the log when
    /// the window is made again. Messages come in the order of their time.
    package mutating func confirm(_ sender: NameID, _ id: RawSpan, _ place: Place, time: Timestamp) {
        if confirmed == end { append(sender, id, place, hash(sender, id)) }
        let slot = confirmed & (entries.count - 1)
        precondition(entries[slot].offset == place.offset, "messages are confirmed in the order of proposal")
        entries[slot].time = time
        entries[slot].session = place.session
        entries[slot].sequence = place.sequence
        confirmed += 1
        confirmedBytes += id.byteCount + 1
        while count > bounds.entries || confirmedBytes > bounds.idBytes { removeOldest() }
        expire(time)
    }

    /// What is on its way will not arrive.
    package mutating func takeBack() {
        while end > confirmed {
            end -= 1
            let entry = entries[end & (entries.count - 1)]
            index.removeNewest(end, entry.hash, WindowIndex.Live(oldest..<end))
            ids.removeAll(from: entry.id)
        }
    }

    private mutating func append(_ sender: NameID, _ id: RawSpan, _ place: Place, _ hash: UInt64) {
        if end - oldest == entries.count { grow() }
        if end - oldest == index.capacity { growIndex() }
        guard let start = ids.append(id) else {
            preconditionFailure("two gigabytes of ids are on their way to the log")
        }
        let hash = UInt32(truncatingIfNeeded: hash)
        index.insert(end, hash, WindowIndex.Live(oldest..<end))
        entries[end & (entries.count - 1)] = Entry(
            sequence: place.sequence, offset: place.offset, session: place.session, sender: sender,
            id: start, hash: hash)
        end += 1
    }

    /// Forgets what is as old as the window is long, or older.
    private mutating func expire(_ now: Timestamp) {
        let latest = horizon(now)
        while count > 0, entries[oldest & (entries.count - 1)].time <= latest { removeOldest() }
    }

    /// What was taken then or before is too old.
    private func horizon(_ now: Timestamp) -> Timestamp {
        let (window, overflows) = bounds.milliseconds.multipliedReportingOverflow(by: 1000)
        let (latest, underflows) = now.microseconds.subtractingReportingOverflow(window)
        return Timestamp(microseconds: overflows || underflows ? .min : latest)
    }

    /// Shows all messages that are remembered, the oldest first.
    package func forEach(
        _ body: (_ sender: NameID, _ id: RawSpan, _ place: Place, _ time: Timestamp) -> Void
    ) {
        for number in oldest..<confirmed {
            let entry = entries[number & (entries.count - 1)]
            body(entry.sender, ids.bytes(at: entry.id), entry.place, entry.time)
        }
    }

    private func find(
        _ sender: NameID, _ id: RawSpan, hash: UInt64, newerThan horizon: Timestamp
    ) -> Known? {
        var probe = index.probe(UInt32(truncatingIfNeeded: hash))
        let live = WindowIndex.Live(oldest..<end)
        // Of several the oldest: if a clock went back, one that was too old for a while is not any more.
        var first = end
        while let distance = index.next(&probe, live) {
            let number = oldest &+ distance
            guard number < first else { continue }
            let entry = entries[number & (entries.count &- 1)]
            guard entry.sender == sender, ids.bytes(at: entry.id).equals(id) else { continue }
            if number >= confirmed || entry.time > horizon { first = number }
        }
        guard first < end else { return nil }
        let entry = entries[first & (entries.count &- 1)]
        return first >= confirmed ? .proposed(entry.offset) : .taken(entry.place)
    }

    private mutating func removeOldest() {
        let entry = entries[oldest & (entries.count - 1)]
        confirmedBytes -= ids.bytes(at: entry.id).byteCount + 1
        oldest += 1
        if oldest == end {
            ids.removeAll()
        } else {
            ids.removeAll(before: entries[oldest & (entries.count - 1)].id)
        }
    }

    private mutating func grow() {
        var larger = Array(repeating: Entry(), count: entries.count * 2)
        for number in oldest..<end {
            larger[number & (larger.count - 1)] = entries[number & (entries.count - 1)]
        }
        entries = larger
    }

    private mutating func growIndex() {
        var larger = WindowIndex(capacity: index.capacity * 2)
        for number in oldest..<end {
            larger.insert(
                number, entries[number & (entries.count - 1)].hash, WindowIndex.Live(oldest..<number))
        }
        index = larger
    }

    func hash(_ sender: NameID, _ id: RawSpan) -> UInt64 {
        ByteHash.of(id, seed: seed ^ UInt64(sender.rawValue) &* 0x9e37_79b9_7f4a_7c15)
    }
}
