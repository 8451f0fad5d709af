import HubBytes
import HubModel
import HubRouter

/// A full window through which messages go: each is proposed, not found, and confirmed, and pushes the oldest
/// out.
struct DedupBench {
    let entries: Int
    let messages: Int
    let rounds: Int

    func run() {
        var window = DedupWindow(
            .init(entries: entries, idBytes: entries * 17, milliseconds: 1 << 40), hashSeed: 3)
        var id = ByteBuffer(capacity: 16)
        id.append(zeros: 16)
        var next: UInt64 = 0
        Self.publish(entries, from: &next, &id, &window)
        var publish = Stopwatch("propose and confirm", operations: messages)
        var again = Stopwatch("find one that is there", operations: messages)
        var found = 0
        for _ in 0..<rounds {
            publish.measure { Self.publish(messages, from: &next, &id, &window) }
            again.measure { found += Self.repeated(messages, before: next, &id, window) }
        }
        precondition(window.count == entries && found == messages * rounds)
        print("dedup: window of \(entries) messages, ids of 16 bytes")
        publish.report(", \(window.byteCount / entries) bytes an entry")
        again.report()
    }

    private static func write(_ number: UInt64, _ id: inout ByteBuffer) {
        id.patch(DeterministicRandom.mix(number), at: 0)
        id.patch(number, at: 8)
    }

    private static func publish(
        _ count: Int, from next: inout UInt64, _ id: inout ByteBuffer, _ window: inout DedupWindow
    ) {
        for number in next..<next + UInt64(count) {
            write(number, &id)
            let sender = NameID(UInt32(number & 1023))
            let now = Timestamp(microseconds: Int64(number))
            precondition(window.propose(sender, id.bytes, Offset(number), now: now) == nil)
            let place = DedupWindow.Place(
                session: NameID(UInt32(number & 4095)), sequence: SequenceNumber(number),
                offset: Offset(number))
            window.confirm(sender, id.bytes, place, time: now)
        }
        next += UInt64(count)
    }

    /// Looks for remembered messages in random order, and counts those that are found where they should be.
    private static func repeated(
        _ count: Int, before next: UInt64, _ id: inout ByteBuffer, _ window: borrowing DedupWindow
    ) -> Int {
        var random = DeterministicRandom(seed: next)
        let now = Timestamp(microseconds: Int64(next))
        var found = 0
        for _ in 0..<count {
            let number = next - 1 - random.below(UInt64(window.count))
            write(number, &id)
            let known = window.find(NameID(UInt32(number & 1023)), id.bytes, now: now)
            if case .taken(let place) = known, place.offset.rawValue == number { found += 1 }
        }
        return found
    }
}
