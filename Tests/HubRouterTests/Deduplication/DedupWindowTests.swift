import HubBytes
import HubModel
import HubRouter
import Testing

/// A message as a window remembers it, in a form that tests can compare.
private struct Remembered: Equatable {
    let sender: NameID
    let id: [UInt8]
    let place: DedupWindow.Place
    let time: Timestamp

    init(_ sender: UInt32, _ id: String, _ number: UInt64, at milliseconds: Int64) {
        self.sender = NameID(sender)
        self.id = Array(id.utf8)
        place = DedupWindow.Place(
            session: NameID(UInt32(number % 5 + 1)), sequence: SequenceNumber(number + 1),
            offset: Offset(number))
        time = Timestamp(microseconds: milliseconds * 1000)
    }

    init(_ sender: NameID, _ id: [UInt8], _ place: DedupWindow.Place, _ time: Timestamp) {
        (self.sender, self.id, self.place, self.time) = (sender, id, place, time)
    }

    func isSame(as other: Remembered) -> Bool { (sender, id) == (other.sender, other.id) }
}

/// A window in a class, because expectations cannot look at values with one owner.
private final class WindowUnderTest {
    private var window: DedupWindow

    init(entries: Int = 1000, idBytes: Int = 1 << 16, milliseconds: Int64 = 1000, seed: UInt64 = 1) {
        window = DedupWindow(
            .init(entries: entries, idBytes: idBytes, milliseconds: milliseconds), hashSeed: seed)
    }

    var count: Int { window.count }
    var proposedCount: Int { window.proposedCount }
    var byteCount: Int { window.byteCount }
    var oldestOffset: UInt64? { window.oldestOffset?.rawValue }

    var content: [Remembered] {
        var content: [Remembered] = []
        window.forEach { content.append(Remembered($0, $1.array, $2, $3)) }
        return content
    }

    /// Proposes a message at the time when it is taken.
    func propose(_ message: Remembered) -> DedupWindow.Known? {
        message.id.withBytes { window.propose(message.sender, $0, message.place.offset, now: message.time) }
    }

    func confirm(_ message: Remembered) {
        message.id.withBytes { window.confirm(message.sender, $0, message.place, time: message.time) }
    }

    /// Proposes and confirms; what was known of it before.
    @discardableResult
    func take(_ message: Remembered) -> DedupWindow.Known? {
        let known = propose(message)
        if known == nil { confirm(message) }
        return known
    }

    func find(_ message: Remembered, microseconds: Int64? = nil) -> DedupWindow.Known? {
        let now = microseconds.map { Timestamp(microseconds: $0) } ?? message.time
        return message.id.withBytes { window.find(message.sender, $0, now: now) }
    }

    func takeBack() { window.takeBack() }
}

@Suite struct DedupWindowTests {
    @Test func `A message that comes again is told the place of the first`() {
        let window = WindowUnderTest()
        let first = Remembered(1, "m-1", 10, at: 0)
        #expect(window.take(first) == nil)
        #expect(window.take(Remembered(1, "m-1", 11, at: 5)) == .taken(first.place))
        #expect(window.find(first) == .taken(first.place))
        #expect(window.content == [first] && window.proposedCount == 0)
    }

    @Test func `A message that is on its way is known by where it goes, and remembered once it is there`() {
        let window = WindowUnderTest()
        let first = Remembered(1, "m-1", 10, at: 0)
        #expect(window.find(first) == nil && window.propose(first) == nil)
        #expect(window.propose(Remembered(1, "m-1", 11, at: 5)) == .proposed(Offset(10)))
        #expect(window.find(first, microseconds: .max) == .proposed(Offset(10)))
        #expect(
            window.count == 0 && window.proposedCount == 1 && window.content == []
                && window.oldestOffset == nil)
        window.confirm(first)
        #expect(window.count == 1 && window.proposedCount == 0 && window.oldestOffset == 10)
        #expect(window.find(first) == .taken(first.place))
    }

    @Test func `What is taken back was never there`() {
        let window = WindowUnderTest()
        let first = Remembered(1, "a", 1, at: 0)
        window.take(first)
        for number in 2..<40 as Range<UInt64> {
            #expect(window.propose(Remembered(1, "m-\(number)", number, at: 1)) == nil)
        }
        window.confirm(Remembered(1, "m-2", 2, at: 1))
        window.takeBack()
        #expect(window.content.map(\.place.offset.rawValue) == [1, 2] && window.proposedCount == 0)
        #expect(
            window.find(Remembered(1, "m-3", 3, at: 1)) == nil && window.find(first) == .taken(first.place))
        // Another takes its offset.
        let other = Remembered(2, "other", 3, at: 2)
        #expect(window.take(other) == nil && window.find(other) == .taken(other.place))
        window.takeBack()
        #expect(window.count == 3)
    }

    @Test func `Ids of other senders, and ids that only look alike, are other messages`() {
        let window = WindowUnderTest()
        let messages = [
            Remembered(1, "m", 1, at: 0), Remembered(2, "m", 2, at: 0), Remembered(1, "mm", 3, at: 0),
            Remembered(1, "m\u{0}", 4, at: 0), Remembered(1, "", 5, at: 0),
        ]
        for message in messages { #expect(window.take(message) == nil) }
        for message in messages { #expect(window.find(message) == .taken(message.place)) }
        #expect(window.find(Remembered(3, "m", 0, at: 0)) == nil)
    }

    // MARK: Bounds

    @Test func `A message as old as the window is long is not known, though it is still there`() {
        let window = WindowUnderTest(milliseconds: 1000)
        let first = Remembered(1, "a", 1, at: 0)
        window.take(first)
        window.take(Remembered(1, "b", 2, at: 1))
        #expect(window.find(first, microseconds: 999_999) == .taken(first.place))
        #expect(window.find(first, microseconds: 1_000_000) == nil)
        #expect(window.count == 2)
        // It may be sent again, and is another message then.
        let again = Remembered(1, "a", 3, at: 1000)
        #expect(window.propose(again) == nil && window.count == 2)
        #expect(window.find(again) == .proposed(Offset(3)))
        window.confirm(again)
        #expect(window.content.map(\.place.offset.rawValue) == [2, 3])
        #expect(window.find(again) == .taken(again.place))
    }

    @Test func `Only what is confirmed makes a window forget`() {
        let window = WindowUnderTest(entries: 2, idBytes: 0, milliseconds: 10)
        let id = String(repeating: "x", count: 60)
        for number in 0..<2 as Range<UInt64> { window.take(Remembered(UInt32(number), id, number, at: 0)) }
        for number in 2..<9 as Range<UInt64> {
            #expect(window.propose(Remembered(UInt32(number), id, number, at: 100)) == nil)
            #expect(window.count == 2)
        }
        window.confirm(Remembered(2, id, 2, at: 5))
        #expect(window.content.map(\.place.offset.rawValue) == [1, 2])
        window.confirm(Remembered(3, id, 3, at: 12))
        #expect(window.content.map(\.place.offset.rawValue) == [2, 3] && window.proposedCount == 5)
    }

    @Test func `A window without end forgets nothing by time, one without length all but what is on its way`()
    {
        let endless = WindowUnderTest(milliseconds: .max)
        let first = Remembered(1, "a", 1, at: 0)
        endless.take(first)
        #expect(endless.find(first, microseconds: .max) == .taken(first.place))
        let none = WindowUnderTest(milliseconds: 0)
        #expect(none.propose(first) == nil && none.find(first) == .proposed(Offset(1)))
        none.confirm(first)
        #expect(none.count == 0 && none.find(first) == nil && none.oldestOffset == nil)
    }

    @Test func `Time before the window began forgets nothing`() {
        let window = WindowUnderTest(milliseconds: 1000)
        let first = Remembered(1, "a", 1, at: 0)
        window.take(first)
        #expect(window.find(first, microseconds: .min) == .taken(first.place))
    }

    @Test func `Of too many messages the oldest are forgotten`() {
        let window = WindowUnderTest(entries: 3)
        for number in 0..<5 as Range<UInt64> {
            #expect(window.take(Remembered(1, "m-\(number)", number, at: 0)) == nil)
        }
        #expect(window.content.map(\.place.offset.rawValue) == [2, 3, 4] && window.oldestOffset == 2)
    }

    @Test func `Of too many bytes of ids the oldest are forgotten`() {
        let window = WindowUnderTest(idBytes: 1024)
        let id = String(repeating: "x", count: 250)
        for number in 0..<9 as Range<UInt64> {
            #expect(window.take(Remembered(UInt32(number), id, number, at: 0)) == nil)
        }
        #expect(window.content.map(\.place.offset.rawValue) == [5, 6, 7, 8])
    }

    @Test func `The smallest window holds the longest id`() {
        let window = WindowUnderTest(entries: 0, idBytes: 0)
        for number in 0..<20 as Range<UInt64> {
            let message = Remembered(1, String(repeating: "x", count: 236 + Int(number)), number, at: 0)
            #expect(window.take(message) == nil)
            #expect(window.content == [message])
        }
    }

    @Test func `A window that is used for ever takes no more memory, whatever is taken back`() {
        let window = WindowUnderTest(entries: 1000, idBytes: 1 << 14)
        func use(_ numbers: Range<UInt64>) {
            for number in numbers {
                window.take(Remembered(1, "m-\(number)", number, at: 0))
                if number % 3 == 0 {
                    _ = window.propose(Remembered(1, "lost-\(number)", number + 1, at: 0))
                    window.takeBack()
                }
            }
        }
        use(0..<4000)
        let bytes = window.byteCount
        use(4000..<50_000)
        #expect(window.byteCount == bytes)
        #expect(window.count == 1000)
    }

    /// So many that some of their hashes are the same as far as the index keeps them.
    @Test(arguments: [true, false])
    func `Senders and ids with equal hashes are told apart`(bySender: Bool) {
        let window = WindowUnderTest(entries: 1 << 18, idBytes: 1 << 22)
        var mistaken = 0
        for number in 0..<1 << 18 as Range<UInt64> {
            let message = Remembered(
                bySender ? UInt32(number) : 1, bySender ? "m" : "\(number)", number, at: 0)
            if window.take(message) != nil { mistaken += 1 }
        }
        #expect(mistaken == 0)
    }

    // MARK: Whatever happens

    /// The same said simply: two lists.
    private struct Model {
        let entries: Int
        let idBytes: Int
        let milliseconds: Int64
        var confirmed: [Remembered] = []
        var proposed: [Remembered] = []
        /// All that was ever confirmed: the log.
        var log: [Remembered] = []

        func find(_ message: Remembered) -> DedupWindow.Known? {
            if let known = proposed.first(where: { $0.isSame(as: message) }) {
                return .proposed(known.place.offset)
            }
            let horizon = message.time.adding(milliseconds: -milliseconds)
            let known = confirmed.first { $0.isSame(as: message) && $0.time > horizon }
            return known.map { .taken($0.place) }
        }

        mutating func confirm() -> Remembered {
            let message = proposed.removeFirst()
            log.append(message)
            confirmed.append(message)
            let horizon = message.time.adding(milliseconds: -milliseconds)
            while confirmed.count > entries || confirmed.reduce(0, { $0 + $1.id.count + 1 }) > idBytes {
                confirmed.removeFirst()
            }
            confirmed.removeAll { $0.time <= horizon }
            return message
        }
    }

    /// A window made again from the log, from an offset on.
    private static func remade(_ model: Model, from start: UInt64?, seed: UInt64) -> [Remembered] {
        let window = WindowUnderTest(
            entries: model.entries, idBytes: model.idBytes, milliseconds: model.milliseconds, seed: seed)
        for message in model.log where message.place.offset.rawValue >= start ?? .max {
            window.confirm(message)
        }
        return window.content
    }

    @Test func `Whatever is proposed, confirmed and taken back, a window knows what two lists know`() {
        for seed in propertySeeds(80) {
            var random = DeterministicRandom(seed: seed)
            var model = Model(
                entries: 1 + random.below(60), idBytes: 256 + random.below(200),
                // Short ones forget before memory has grown, so that it grows in the middle of a round.
                milliseconds: Int64(1 + random.below(300)))
            let window = WindowUnderTest(
                entries: model.entries, idBytes: model.idBytes, milliseconds: model.milliseconds,
                seed: random.next())
            var now: Int64 = 0
            var next: UInt64 = 0
            // Where the window began at some moment, as a checkpoint remembers it.
            var checkpoint: UInt64?
            for step in 0..<400 {
                now += Int64(random.below(10))
                let id = String(repeating: "k", count: random.below(3)) + "\(random.below(80))"
                let message = Remembered(UInt32(random.below(3)), id, next, at: now)
                let known = model.find(message)
                #expect(window.find(message) == known)
                switch random.below(20) {
                case 0:
                    window.takeBack()
                    next -= UInt64(model.proposed.count)
                    model.proposed.removeAll()
                case 1..<9 where !model.proposed.isEmpty: window.confirm(model.confirm())
                default:
                    #expect(window.propose(message) == known)
                    if known == nil {
                        model.proposed.append(message)
                        next += 1
                    }
                }
                #expect(window.content == model.confirmed, "seed \(seed), step \(step)")
                #expect(window.proposedCount == model.proposed.count)
                #expect(window.oldestOffset == model.confirmed.first?.place.offset.rawValue)
                if step == 200 { checkpoint = window.oldestOffset ?? next - UInt64(model.proposed.count) }
                if step % 50 == 0 {
                    let again = Self.remade(model, from: window.oldestOffset, seed: random.next())
                    #expect(again == model.confirmed, "seed \(seed), step \(step)")
                }
            }
            #expect(
                Self.remade(model, from: checkpoint, seed: random.next()) == model.confirmed, "seed \(seed)")
        }
    }
}
