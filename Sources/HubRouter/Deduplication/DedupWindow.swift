import HubBytes
package import HubModel

/// Which messages came in lately, so that one that is sent again gets the receipt of the first instead of a place of
/// its own in the log.
///
/// The window is bounded in time, in messages and in bytes of their ids; whichever bound is met first, the oldest
/// are forgotten. Entries and ids lie in rings in the order in which they came, with an index over both; memory grows
/// with what is remembered up to the bounds, and looking up allocates nothing.
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

    private static let numberMask = 1 << 31 - 1

    /// The bounds that the window keeps.
    package let bounds: Bounds
    private let seed: UInt64
    /// A ring whose size is a power of two.
    private var entries = Array(repeating: Entry(), count: 16)
    private var ids: ByteRing
    /// Finds entries by sender and id. The numbers in it are those of entries modulo 2³¹: they stay right when the
    /// ring grows.
    private var index = HashIndex()
    /// Entries are numbered as they come, for ever; these are the number of the oldest and that of the next one.
    private var oldest = 0
    private var end = 0

    /// An empty window. Senders choose ids, so each process should have its own seed; what the window remembers
    /// does not depend on it.
    package init(_ bounds: Bounds, hashSeed: UInt64) {
        self.bounds = bounds
        seed = hashSeed
        ids = ByteRing(capacityMax: bounds.idBytes)
    }

    /// Messages in the window.
    package var count: Int { end - oldest }

    /// Bytes that the window takes.
    package var byteCount: Int {
        entries.count * MemoryLayout<Entry>.stride + index.byteCount + ids.byteCount
    }

    /// Where a sender's message with this id is, if the window remembers it.
    package func find(_ sender: NameID, _ id: RawSpan) -> Place? {
        find(sender, id, hash: hash(sender, id))
    }

    /// Remembers a message, unless the window knows one with this sender and id: then nothing changes, and the place
    /// of that one is returned. Messages come in the order of their time.
    @discardableResult
    package mutating func insert(
        _ sender: NameID, _ id: RawSpan, _ place: Place, time: Timestamp
    ) -> Place? {
        let hash = hash(sender, id)
        if let known = find(sender, id, hash: hash) { return known }
        if count == bounds.entries { removeOldest() }
        if count == entries.count { grow() }
        var start = ids.append(id)
        while start == nil {
            precondition(count > 0, "an id is longer than the ring of all ids")
            removeOldest()
            start = ids.append(id)
        }
        guard let start else { return nil }
        index.insert(end & Self.numberMask, hash)
        entries[end & (entries.count - 1)] = Entry(
            time: time, sequence: place.sequence, offset: place.offset, session: place.session,
            sender: sender,
            id: start, hash: UInt32(truncatingIfNeeded: hash))
        end += 1
        return nil
    }

    /// Forgets what is as old as the window is long, or older; says how many messages those were.
    @discardableResult
    package mutating func expire(_ now: Timestamp) -> Int {
        let before = count
        let (window, overflows) = bounds.milliseconds.multipliedReportingOverflow(by: 1000)
        guard !overflows else { return 0 }
        let (latest, underflows) = now.microseconds.subtractingReportingOverflow(window)
        guard !underflows else { return 0 }
        while count > 0, entries[oldest & (entries.count - 1)].time.microseconds <= latest { removeOldest() }
        return before - count
    }

    /// Shows all messages, the oldest first, for a checkpoint. Inserting them into an empty window in this order
    /// makes one that remembers the same and forgets in the same order.
    package func forEach(
        _ body: (_ sender: NameID, _ id: RawSpan, _ place: Place, _ time: Timestamp) -> Void
    ) {
        for number in oldest..<end {
            let entry = entries[number & (entries.count - 1)]
            body(entry.sender, ids.bytes(at: entry.id), entry.place, entry.time)
        }
    }

    private func find(_ sender: NameID, _ id: RawSpan, hash: UInt64) -> Place? {
        var probe = index.probe(hash)
        while let number = index.next(&probe) {
            let entry = entries[number & (entries.count &- 1)]
            if entry.sender == sender, ids.bytes(at: entry.id).equals(id) { return entry.place }
        }
        return nil
    }

    private mutating func removeOldest() {
        index.remove(oldest & Self.numberMask, UInt64(entries[oldest & (entries.count - 1)].hash))
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

    private func hash(_ sender: NameID, _ id: RawSpan) -> UInt64 {
        ByteHash.of(id, seed: seed ^ UInt64(sender.rawValue) &* 0x9e37_79b9_7f4a_7c15)
    }
}
