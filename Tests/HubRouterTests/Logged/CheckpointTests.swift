import HubBytes
import HubModel
import Testing

@testable import HubRouter

/// A state that is loaded from a checkpoint is the one that was live, then and after whatever follows.
@Suite struct CheckpointTests {
    @Test(arguments: 0..<60)
    func `Loaded at any checkpoint and brought up to date, a state is equal to the live one`(seed: Int) {
        let story = LoggedStory(seed: UInt64(seed))
        var dice = Dice(seed: UInt64(seed))
        var database = StateDatabase()
        var taken: [StateDatabase] = [database]
        for _ in 0..<12 {
            story.go(on: dice.below(dice.once(in: 4) ? 200 : 40))
            guard database.write(story.takeChanges()) else { continue }
            #expect(database.load(time: story.state.time).differences(from: story.state) == [])
            taken.append(database)
        }
        story.go(on: 100)
        for database in taken {
            var state = database.load(time: story.state.time)
            state.apply(story.drafts[Int(database.appliedTo.rawValue)...])
            #expect(state.differences(from: story.state) == [])
        }
    }

    @Test(arguments: 0..<20)
    func `A recovered state writes checkpoints that are as good as the live one's`(seed: Int) {
        let story = LoggedStory(seed: UInt64(seed + 1000))
        var live = StateDatabase()
        story.go(on: 300)
        live.write(story.takeChanges())
        var state = live.load(time: story.state.time)
        let hasChanged = state.takeChanges() != nil
        #expect(!hasChanged)
        var recovered = live
        for _ in 0..<5 {
            let before = story.drafts.count
            story.go(on: 60)
            state.apply(story.drafts[before...])
            live.write(story.takeChanges())
            recovered.write(state.takeChanges())
            #expect(live.values == recovered.values && live.appliedTo == recovered.appliedTo)
        }
    }

    @Test func `A story has all that a checkpoint can hold`() {
        var tags: [UInt8: Int] = [:]
        var kinds: Set<MessageKind> = []
        for seed in 0..<20 {
            let story = LoggedStory(seed: UInt64(seed))
            story.go(on: 300)
            for draft in story.drafts { kinds.insert(draft.header.kind) }
            var database = StateDatabase()
            database.write(story.takeChanges())
            for key in database.values.keys { tags[key[0], default: 0] += 1 }
            let unsettled = story.state.consumers.values.reduce(0) { $0 + $1.unsettled.count }
            tags[100, default: 0] += unsettled
            tags[101, default: 0] += story.state.sessions.values.reduce(0) { $0 + $1.pausedBy.count }
        }
        #expect(kinds == Set(MessageKind.allCases))
        for tag in [UInt8(1), 2, 3, 4, 5, 6, 100, 101] { #expect(tags[tag, default: 0] > 20, "tag \(tag)") }
    }

    @Test func `Changes are taken once, each key once, in the order of the keys`() {
        for seed in UInt64(0)..<20 {
            let story = LoggedStory(seed: seed)
            story.go(on: 300)
            guard let changes = story.takeChanges() else {
                Issue.record("nothing changed")
                return
            }
            let keys = StateDatabase.keys(changes)
            for (key, following) in zip(keys, keys.dropFirst()) {
                #expect(key.lexicographicallyPrecedes(following))
            }
            #expect(changes.appliedTo == story.state.appliedTo)
            let hasMore = story.takeChanges() != nil
            #expect(!hasMore)
        }
    }

    @Test func `Where nothing changed there is no checkpoint`() {
        let scene = LoggedScene()
        #expect(!scene.hasChanges)
        scene.add(.system)
        scene.add(.registration, from: LoggedScene.ada)
        scene.add(.message, from: LoggedScene.ada, to: LoggedScene.topic)
        #expect(!scene.hasChanges)
        scene.add(.message, session: LoggedScene.session, from: LoggedScene.ada)
        #expect(scene.hasChanges)
        #expect(!scene.hasChanges)
    }

    @Test func `A part that is gone is removed from the database`() {
        let scene = LoggedScene()
        var database = StateDatabase()
        scene.setConsumer()
        scene.add(.command, from: LoggedScene.ada) { $0.id = [1] }
        scene.add(.message, to: LoggedScene.topic) {
            $0.header.flags = .retained
            $0.payload = [1]
        }
        database.write(scene.takeChanges())
        #expect(database.values.count == 3)
        scene.add(.consumerDelete, to: LoggedScene.consumer)
        scene.add(.response, from: LoggedScene.bob) { $0.correlation = [1] }
        scene.add(.message, to: LoggedScene.topic) { $0.header.flags = .retained }
        database.write(scene.takeChanges())
        #expect(database.values.isEmpty)
    }

    @Test
    func `A state with nothing to apply knows when the newest record was taken, though no part says it`() {
        let scene = LoggedScene()
        var database = StateDatabase()
        scene.add(.status, from: LoggedScene.ada)
        database.write(scene.takeChanges())
        #expect(database.load(time: scene.lastTime).time == scene.lastTime)
        #expect(database.load(time: .none).differences(from: scene.state).count == 1)
    }

    @Test func `As much as may be unsettled comes back, and more`() {
        let count = 3 * ConsumerSettings.inFlightLimit
        let scene = LoggedScene()
        scene.setConsumer(start: .zero)
        scene.deliver(Array(0..<UInt64(count)))
        var database = StateDatabase()
        database.write(scene.takeChanges())
        let state = database.load(time: scene.lastTime)
        #expect(state.consumers[LoggedScene.consumer]?.unsettled.count == count)
        #expect(state.differences(from: scene.state) == [])
    }

    @Test func `However many hold a session back, they all come back`() {
        let scene = LoggedScene()
        scene.add(.sessionOpen, session: LoggedScene.session, from: LoggedScene.ada)
        for agent in UInt32(30)..<35 { scene.add(.pause, session: LoggedScene.session, from: NameID(agent)) }
        var database = StateDatabase()
        database.write(scene.takeChanges())
        #expect(database.load(time: scene.lastTime).differences(from: scene.state) == [])
    }

    @Test func `A consumer that waits at the end of the log comes back there`() {
        let scene = LoggedScene()
        let record =
            [1] + packed { $0.put(UInt64.max) } + [1, 1, 10, 1, 0] + packed { $0.put(1000) } + [
                0, 0, 0, 0, 5,
            ]
        scene.add(.consumerSet, to: LoggedScene.consumer) { $0.payload = record }
        #expect(scene.consumer?.cursor == .end)
        var database = StateDatabase()
        database.write(scene.takeChanges())
        #expect(database.load(time: scene.lastTime).differences(from: scene.state) == [])
    }

    // MARK: Damage

    /// Loads a part alone; whether it was taken, and is whole: it can be written again.
    private func load(_ key: [UInt8], _ value: [UInt8]) -> Bool {
        var state = LoggedState()
        let isLoaded = key.withBytes { key in value.withBytes { state.load(key, $0) } }
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
            _ = load([UInt8(1 + dice.below(6)), 0, 0, 0, 9], dice.bytes(upTo: 60))
        }
    }

    @Test func `A key that this program does not write is refused`() {
        for key: [UInt8] in [[], [1], [1, 0, 0, 0], [0, 0, 0, 0, 1], [7, 0, 0, 0, 1], [2, 0, 0, 0, 1, 0]] {
            #expect(!load(key, [1]))
        }
    }
}
