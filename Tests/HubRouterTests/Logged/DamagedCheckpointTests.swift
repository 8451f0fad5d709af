import HubBytes
import HubModel
import Testing

@testable import HubRouter

/// What a checkpoint says that this program did not write: it is refused, and costs no more than its bytes.
@Suite struct DamagedCheckpointTests {
    /// Loads a part alone; whether it was taken, and is whole: it can be written again.
    private func load(_ key: [UInt8], _ value: [UInt8], names: Int = LoggedNames.count) -> Bool {
        var state = LoggedState(LoggedStory.bounds, hashSeed: 1)
        let isLoaded = key.withBytes { key in value.withBytes { state.load(key, $0, names: names) } }
        guard isLoaded, let part = key.withBytes({ StateKey($0) }) else { return false }
        var packer = NumberPacker()
        let isThere = StateCodec.pack(part, state, &packer)
        if !isThere { Issue.record("\(key) with \(value) was loaded, and is not there") }
        return true
    }

    @Test func `A damaged value is refused or is a part like any other, whichever byte it is`() {
        var dice = Dice(seed: 5)
        for seed in UInt64(0)..<8 {
            let story = LoggedStory(seed: seed)
            story.go(on: 400)
            var database = StateDatabase()
            database.write(story.takeChanges())
            for (key, value) in database.values {
                #expect(load(key, value))
                for index in value.indices {
                    var damaged = value
                    damaged[index] = UInt8(truncatingIfNeeded: dice.next())
                    _ = load(key, damaged)
                    damaged[index] = value[index] ^ (1 << UInt8(dice.below(8)))
                    _ = load(key, damaged)
                }
            }
        }
    }

    @Test func `A value that is cut off or has more behind it is refused`() {
        let story = LoggedStory(seed: 77)
        story.go(on: 500)
        var database = StateDatabase()
        database.write(story.takeChanges())
        for (key, value) in database.values {
            for length in value.indices { #expect(!load(key, Array(value.prefix(length)))) }
            #expect(!load(key, value + [0]))
        }
    }

    @Test func `Random values are refused or are parts like any other`() {
        var dice = Dice(seed: 6)
        for _ in 0..<100_000 {
            _ = load([UInt8(1 + dice.below(9)), 0, 0, 0, 0, 0, 0, 0, 0], [1] + dice.bytes(upTo: 60))
        }
    }

    @Test func `A key that this program does not write is refused`() {
        for key: [UInt8] in [
            [], [1], [1, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0, 1], [10, 0, 0, 0, 0, 0, 0, 0, 1],
            [2, 0, 0, 0, 0, 0, 0, 0, 1, 0], [1, 0, 0, 0, 1, 0, 0, 0, 0], [9, 0, 0, 0, 0, 0, 0, 0, 1],
            [5, 0x80, 0, 0, 0, 0, 0, 0, 0],
        ] {
            for value: [UInt8] in [[], [1], [1, 1], [1, 0, 0, 0, 0, 0, 0, 0, 0, 0]] {
                #expect(!load(key, value))
            }
        }
    }

    @Test func `A part about a name that the log does not know is refused, and makes no room for it`() {
        for tag in [UInt8(1), 2, 3, 4, 6, 7, 8] {
            for (name, isRefused) in [(UInt32(101), true), (UInt32.max, true)] {
                let key =
                    [tag, 0, 0, 0, 0] + (0..<4).map { UInt8(truncatingIfNeeded: name >> (24 - 8 * $0)) }
                #expect(!load(key, [1, 5], names: 100) == isRefused)
            }
        }
        var state = LoggedState(LoggedStory.bounds, hashSeed: 1)
        for key in [StateKey.sequence(NameID(.max)), .lastMessage(NameID(.max))] {
            let isLoaded = [UInt8(1), 5].withBytes { state.load(key.bytes.bytes, $0, names: 100) }
            #expect(!isLoaded)
        }
        #expect(state.sequences.count == 0 && state.lastMessages.count == 0)
        for key in [StateKey.sequence(NameID(100)), .lastMessage(NameID(100)), .retained(NameID(100))] {
            let isLoaded = [UInt8(1), 5].withBytes { state.load(key.bytes.bytes, $0, names: 100) }
            #expect(isLoaded)
        }
        #expect(state.sequences[NameID(100)] == 5 && state.retained == [NameID(100): Offset(5)])
    }

    @Test func `Counts that are larger than what follows are refused`() {
        let most = packed { $0.put(UInt64.max) }
        var settings = NumberPacker()
        ConsumerRecord(filter: .inbox(NameID(3)), settings: ConsumerSettings(), start: .new).pack(&settings)
        let consumer = packed { packer in
            for number in [UInt64(1), 1, 0, 0, 9] { packer.put(number) }
            packer.put(settings.buffer.bytes)
        }
        #expect(load([3, 0, 0, 0, 0, 0, 0, 0, 40], consumer + [0, 0]))
        for value in [consumer + most + [0], consumer + [0] + most, consumer + most + most] {
            #expect(!load([3, 0, 0, 0, 0, 0, 0, 0, 40], value))
        }
        #expect(!load([5, 0, 0, 0, 0, 0, 0, 0, 40], [1, 1, 1, 1, 1, 1, 1, 1, 1] + most))
        #expect(!load([7, 0, 0, 0, 0, 0, 0, 0, 10], [1] + most + [3, 0]))
        #expect(!load([7, 0, 0, 0, 0, 0, 0, 0, 10], [1]))
        #expect(!load([7, 0, 0, 0, 0, 0, 0, 0, 10], [1, 0]))
    }

    @Test func `A value of another version is refused`() {
        for tag in UInt8(1)...9 {
            let key = [tag, 0, 0, 0, 0, 0, 0, 0, 0]
            for version in [UInt8(0), 2, 127] { #expect(!load(key, [version, 1])) }
        }
    }
}
