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
}

/// A window in a class, because expectations cannot look at values with one owner.
private final class WindowUnderTest {
    private var window: DedupWindow

    init(entries: Int = 1000, idBytes: Int = 1 << 16, milliseconds: Int64 = 1000, seed: UInt64 = 1) {
        window = DedupWindow(
            .init(entries: entries, idBytes: idBytes, milliseconds: milliseconds), hashSeed: seed)
    }

    var count: Int { window.count }
    var byteCount: Int { window.byteCount }

    var content: [Remembered] {
        var content: [Remembered] = []
        window.forEach { content.append(Remembered($0, $1.array, $2, $3)) }
        return content
    }

    func insert(_ message: Remembered) -> DedupWindow.Place? {
        message.id.withBytes { window.insert(message.sender, $0, message.place, time: message.time) }
    }

    func find(_ message: Remembered) -> DedupWindow.Place? {
        message.id.withBytes { window.find(message.sender, $0) }
    }

    func expire(microseconds: Int64) -> Int {
        window.expire(Timestamp(microseconds: microseconds))
    }
}

@Suite struct DedupWindowTests {
    @Test func `A message that comes again is told the place of the first`() {
        let window = WindowUnderTest()
        let first = Remembered(1, "m-1", 10, at: 0)
        #expect(window.insert(first) == nil)
        #expect(window.insert(Remembered(1, "m-1", 11, at: 5)) == first.place)
        #expect(window.find(first) == first.place)
        #expect(window.content == [first])
    }

    @Test func `Ids of other senders, and ids that only look alike, are other messages`() {
        let window = WindowUnderTest()
        let messages = [
            Remembered(1, "m", 1, at: 0), Remembered(2, "m", 2, at: 0), Remembered(1, "mm", 3, at: 0),
            Remembered(1, "m\u{0}", 4, at: 0), Remembered(1, "", 5, at: 0),
        ]
        for message in messages { #expect(window.insert(message) == nil) }
        for message in messages { #expect(window.find(message) == message.place) }
        #expect(window.find(Remembered(3, "m", 0, at: 0)) == nil)
    }

    @Test func `Messages are forgotten when they are as old as the window is long`() {
        let window = WindowUnderTest(milliseconds: 1000)
        #expect(window.insert(Remembered(1, "a", 1, at: 0)) == nil)
        #expect(window.insert(Remembered(1, "b", 2, at: 1)) == nil)
        #expect(window.expire(microseconds: 999_999) == 0)
        #expect(window.expire(microseconds: 1_000_000) == 1)
        #expect(window.find(Remembered(1, "a", 1, at: 0)) == nil)
        #expect(window.content.map(\.id) == [[0x62]])
        #expect(window.expire(microseconds: .max) == 1)
        #expect(window.count == 0)
    }

    @Test func `A window without end forgets nothing by time`() {
        let window = WindowUnderTest(milliseconds: .max)
        #expect(window.insert(Remembered(1, "a", 1, at: 0)) == nil)
        #expect(window.expire(microseconds: .max) == 0)
    }

    @Test func `Time before the window began forgets nothing`() {
        let window = WindowUnderTest(milliseconds: 1000)
        #expect(window.insert(Remembered(1, "a", 1, at: 0)) == nil)
        #expect(window.expire(microseconds: .min) == 0)
    }

    @Test func `Of too many messages the oldest are forgotten`() {
        let window = WindowUnderTest(entries: 3)
        for number in 0..<5 as Range<UInt64> {
            #expect(window.insert(Remembered(1, "m-\(number)", number, at: 0)) == nil)
        }
        #expect(window.content.map(\.place.offset.rawValue) == [2, 3, 4])
    }

    @Test func `Of too many bytes of ids the oldest are forgotten`() {
        let window = WindowUnderTest(idBytes: 1024)
        let id = String(repeating: "x", count: 250)
        for number in 0..<9 as Range<UInt64> {
            #expect(window.insert(Remembered(UInt32(number), id, number, at: 0)) == nil)
        }
        #expect(window.content.map(\.place.offset.rawValue) == [5, 6, 7, 8])
    }

    @Test func `The smallest window holds the longest id`() {
        let window = WindowUnderTest(entries: 0, idBytes: 0)
        for number in 0..<20 as Range<UInt64> {
            let message = Remembered(1, String(repeating: "x", count: 235 + Int(number)), number, at: 0)
            #expect(window.insert(message) == nil)
            #expect(window.content == [message])
        }
    }

    @Test func `A window that is used for ever takes no more memory`() {
        let window = WindowUnderTest(entries: 1000, idBytes: 1 << 14)
        for number in 0..<2000 as Range<UInt64> {
            _ = window.insert(Remembered(1, "m-\(number)", number, at: 0))
        }
        let bytes = window.byteCount
        for number in 2000..<50_000 as Range<UInt64> {
            _ = window.insert(Remembered(1, "m-\(number)", number, at: 0))
        }
        #expect(window.byteCount == bytes)
        #expect(window.count == 1000)
    }

    @Test func `Whatever comes in and expires, a window remembers what a list remembers`() {
        for seed in propertySeeds(80) {
            var random = DeterministicRandom(seed: seed)
            let entries = 1 + random.below(60)
            let window = WindowUnderTest(entries: entries, milliseconds: 300, seed: random.next())
            var model: [Remembered] = []
            var now: Int64 = 0
            for step in 0..<400 as Range<UInt64> {
                now += Int64(random.below(10))
                let id = String(repeating: "k", count: random.below(3)) + "\(random.below(80))"
                let message = Remembered(UInt32(random.below(3)), id, step, at: now)
                let known = model.first { ($0.sender, $0.id) == (message.sender, message.id) }
                switch random.below(6) {
                case 0:
                    let expired = model.filter { $0.time.microseconds <= (now - 300) * 1000 }.count
                    #expect(window.expire(microseconds: now * 1000) == expired)
                    model.removeFirst(expired)
                case 1: #expect(window.find(message) == known?.place)
                default:
                    #expect(window.insert(message) == known?.place)
                    if known == nil { model.append(message) }
                    if model.count > entries { model.removeFirst() }
                }
                #expect(window.content == model, "seed \(seed), step \(step)")
            }
            let restored = WindowUnderTest(entries: entries, milliseconds: 300, seed: random.next())
            for message in window.content { #expect(restored.insert(message) == nil) }
            #expect(restored.content == model)
        }
    }
}
