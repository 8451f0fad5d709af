import HubBytes

/// Messages that the hub has not receipted, in their order: those that were sent on this connection, and behind them those
/// that were not. What a lost connection leaves is sent again, first, under the same ids.
struct Outbox: ~Copyable {
    /// Messages that came together, and stay until the last of them is done.
    final class Chunk {
        var content = Submission()
        var doneCount = 0
        var isDone: Bool { doneCount == content.entries.count }

        func lend(_ range: Range<Int>, _ body: (RawSpan) -> Void) { Self.lend(content, range, body) }

        private static func lend(
            _ content: borrowing Submission, _ range: Range<Int>, _ body: (RawSpan) -> Void
        ) {
            body(content.bytes.bytes.extracting(range))
        }
    }

    private var chunks: [Chunk] = []
    private var spare: [Chunk] = []
    /// The next to be sent.
    private var cursor: (chunk: Int, entry: Int) = (0, 0)
    /// Numbers of messages whose id was chosen by their sender.
    private var chosen: [String: UInt64] = [:]

    /// Messages that are not done.
    private(set) var count = 0
    /// Bytes that came to be done since this was last asked.
    private var releasedBytes = 0
    private var releasedCount = 0

    init() {}

    /// Whether something is to be sent.
    var hasMore: Bool { cursor.chunk < chunks.count }
    /// Whether all is done.
    var isEmpty: Bool { count == 0 }

    /// Takes over what `swap` puts in the place of an empty submission.
    mutating func take(_ swap: (inout Submission) -> Void) {
        let chunk = spare.popLast() ?? Chunk()
        swap(&chunk.content)
        guard !chunk.content.isEmpty else { return keep(chunk) }
        chunk.doneCount = 0
        count += chunk.content.entries.count
        for (id, number) in chunk.content.chosenIDs { chosen[id] = number }
        chunks.append(chunk)
    }

    private mutating func keep(_ chunk: Chunk) { if spare.count < 4 { spare.append(chunk) } }

    /// What was done since the last call.
    mutating func takeReleased() -> (count: Int, bytes: Int) {
        defer { (releasedCount, releasedBytes) = (0, 0) }
        return (releasedCount, releasedBytes)
    }

    // MARK: Sending

    /// What is to be sent next.
    enum Run: Equatable {
        /// One frame, or a batch of them, that lies between these places of a chunk.
        case frames(chunk: Int, Range<Int>, count: Int)
        /// This message lost its value before it was sent.
        case expired(number: UInt64)
        /// This message was sent so long ago that the hub may not know its id any more.
        case forgotten(number: UInt64)
        case none
    }

    /// The next run of up to so many bytes and frames; at least one frame, if there is one. `memory` is how long the hub
    /// knows an id again; nil to send again however long ago it was.
    mutating func next(bytesMax: Int, framesMax: Int, memory: Int64?, now: Int64) -> Run {
        while cursor.chunk < chunks.count {
            let chunk = chunks[cursor.chunk]
            let end = chunk.content.entries.count
            while cursor.entry < end, chunk.content.entries[cursor.entry].isDone { cursor.entry += 1 }
            guard cursor.entry < end else {
                cursor = (cursor.chunk + 1, 0)
                continue
            }
            let entry = chunk.content.entries[cursor.entry]
            let number = chunk.content.first + UInt64(cursor.entry)
            if entry.expiry <= now { return .expired(number: number) }
            if let memory, entry.sentAt != .min, now - entry.sentAt > memory {
                return .forgotten(number: number)
            }
            return run(chunk, bytesMax, framesMax, now)
        }
        return .none
    }

    /// Frames from the cursor on that lie one behind the other.
    private mutating func run(_ chunk: Chunk, _ bytesMax: Int, _ framesMax: Int, _ now: Int64) -> Run {
        let first = cursor.entry
        let start = Int(chunk.content.entries[first].start)
        var end = start
        var entry = first
        while entry < chunk.content.entries.count, entry - first < framesMax {
            let candidate = chunk.content.entries[entry]
            let candidateEnd = Int(candidate.start) + Int(candidate.count)
            // Whoever has expired, or was sent before, is looked at by itself.
            if entry > first {
                guard !candidate.isDone, candidate.expiry > now, candidateEnd - start <= bytesMax,
                    candidate.sentAt == chunk.content.entries[entry - 1].sentAt || candidate.sentAt == .min
                else { break }
                chunk.content.bytes.patch(UInt8(ascii: ","), at: Int(candidate.start) - 1)
            }
            end = candidateEnd
            entry += 1
        }
        for sent in first..<entry where chunk.content.entries[sent].sentAt == .min {
            chunk.content.entries[sent].sentAt = now
        }
        cursor.entry = entry
        guard entry - first > 1 else { return .frames(chunk: cursor.chunk, start..<end, count: 1) }
        chunk.content.bytes.patch(UInt8(ascii: "["), at: start - 1)
        chunk.content.bytes.patch(UInt8(ascii: "]"), at: end)
        return .frames(chunk: cursor.chunk, start - 1..<end + 1, count: entry - first)
    }

    /// Lends the bytes of a run, before anything else is done with the outbox.
    func withBytes(of chunk: Int, _ range: Range<Int>, _ body: (RawSpan) -> Void) {
        chunks[chunk].lend(range, body)
    }

    /// The connection is gone: everything that is not done is to be sent on the next one.
    mutating func rewind() { cursor = (0, 0) }

    // MARK: Receipts

    /// The number of a message by the id that its sender chose.
    func number(ofChosen id: String) -> UInt64? { chosen[id] }
    /// Whether any sender chose an id.
    var hasChosenIDs: Bool { !chosen.isEmpty }

    /// A message is done; who wants to know. Nil if it was done before, or is none of these.
    mutating func finish(_ number: UInt64) -> Completion? {
        guard let index = chunkIndex(of: number) else { return nil }
        let chunk = chunks[index]
        let place = Int(number - chunk.content.first)
        guard !chunk.content.entries[place].isDone else { return nil }
        chunk.content.entries[place].isDone = true
        let completion = chunk.content.entries[place].completion
        releasedBytes += chunk.content.entries[place].size
        releasedCount += 1
        count -= 1
        chunk.doneCount += 1
        if chunk.isDone { remove(index) }
        return completion
    }

    /// Everything that is not done is given up, the oldest first.
    mutating func finishAll(_ body: (Completion) -> Void) {
        while let oldest = chunks.first {
            for number in oldest.content.first..<oldest.content.end {
                if let completion = finish(number) { body(completion) }
            }
        }
    }

    private func chunkIndex(of number: UInt64) -> Int? {
        // Receipts come in order, nearly always for the first chunk.
        if let first = chunks.first, number >= first.content.first, number < first.content.end { return 0 }
        var low = 0
        var high = chunks.count
        while low < high {
            let middle = (low + high) / 2
            if chunks[middle].content.end <= number { low = middle + 1 } else { high = middle }
        }
        return low < chunks.count && chunks[low].content.first <= number ? low : nil
    }

    private mutating func remove(_ index: Int) {
        let chunk = chunks.remove(at: index)
        for (id, number) in chunk.content.chosenIDs where chosen[id] == number { chosen[id] = nil }
        if cursor.chunk > index {
            cursor.chunk -= 1
        } else if cursor.chunk == index {
            cursor.entry = 0
        }
        chunk.content.removeAll(next: 0)
        keep(chunk)
    }
}
