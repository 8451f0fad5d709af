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
            #expect(story.load(database).differences(from: story.state) == [])
            taken.append(database)
        }
        story.go(on: 100)
        for database in taken {
            var state = story.load(database)
            state.apply(story.drafts[Int(database.appliedTo.rawValue)...], story.names)
            #expect(state.differences(from: story.state) == [])
        }
    }

    @Test(arguments: 0..<20)
    func `A recovered state writes checkpoints that are as good as the live one's`(seed: Int) {
        let story = LoggedStory(seed: UInt64(seed + 1000))
        var live = StateDatabase()
        story.go(on: 300)
        live.write(story.takeChanges())
        var state = story.load(live)
        let hasChanged = state.takeChanges() != nil
        #expect(!hasChanged)
        var recovered = live
        for _ in 0..<5 {
            let before = story.drafts.count
            story.go(on: 60)
            state.apply(story.drafts[before...], story.names)
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
            tags[101, default: 0] += story.state.pauses.values.reduce(0) { $0 + $1.agents.count }
            tags[102, default: 0] += story.state.commands.values.count { !$0.isOpen }
            tags[103, default: 0] += story.state.consumers.values.reduce(0) { $0 + $1.letters.count }
            tags[104, default: 0] += story.state.consumers.values.reduce(0) { $0 + $1.unsettled.owedCount }
        }
        #expect(kinds == Set(MessageKind.allCases))
        for tag in Array(UInt8(1)...8) + Array(100...104) {
            #expect(tags[tag, default: 0] > 20, "tag \(tag)")
        }
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
        scene.add(.message, from: LoggedScene.ada)
        #expect(!scene.hasChanges)
        scene.add(.message, session: LoggedScene.session, from: LoggedScene.ada)
        #expect(scene.hasChanges)
        #expect(!scene.hasChanges)
    }

    @Test func `A part that is gone is removed from the database`() {
        let scene = LoggedScene()
        var database = StateDatabase()
        func tags() -> [UInt8] { database.values.keys.map { $0[0] }.sorted() }
        scene.setConsumer()
        scene.add(.command, from: LoggedScene.ada) { $0.id = [1] }
        scene.add(.pause, session: LoggedScene.session, from: LoggedScene.ada)
        scene.add(.message, to: LoggedScene.topic) {
            $0.header.flags = .retained
            $0.payload = [1]
        }
        database.write(scene.takeChanges())
        #expect(tags() == [1, 3, 5, 6, 7, 8, 9])
        scene.add(.consumerDelete, to: LoggedScene.consumer)
        scene.add(.response, from: LoggedScene.bob, to: LoggedScene.ada) { $0.correlation = [1] }
        scene.add(.resume, session: LoggedScene.session, from: LoggedScene.ada)
        scene.add(.message, to: LoggedScene.topic) { $0.header.flags = .retained }
        scene.rest(milliseconds: EndedCommands.milliseconds)
        scene.add(.response, from: LoggedScene.bob, to: LoggedScene.ada)
        database.write(scene.takeChanges())
        #expect(tags() == [1, 8, 8, 9])
    }

    @Test
    func `A state with nothing to apply knows when the newest record was taken, though no part says it`() {
        let scene = LoggedScene()
        var database = StateDatabase()
        scene.add(.status, from: LoggedScene.ada)
        database.write(scene.takeChanges())
        #expect(scene.load(database).time == scene.lastTime)
        #expect(scene.load(database, time: Timestamp.none).differences(from: scene.state).count == 1)
    }

    @Test func `As much as may be unsettled comes back, and more`() {
        let count = 3 * ConsumerSettings.inFlightLimit
        let scene = LoggedScene()
        scene.setConsumer(start: .all)
        for part in 0..<3 as Range<UInt64> {
            let most = UInt64(DeliveryRecord.countMax)
            scene.deliver(Array(part * most..<(part + 1) * most))
        }
        var database = StateDatabase()
        database.write(scene.takeChanges())
        let state = scene.load(database)
        #expect(state.consumers[LoggedScene.consumer]?.unsettled.count == count)
        #expect(state.differences(from: scene.state) == [])
    }

    @Test func `However many hold a session back, they all come back`() {
        let scene = LoggedScene()
        for agent in UInt32(30)..<35 {
            scene.add(.pause, session: LoggedScene.session, from: NameID(agent)) {
                $0.payload = [UInt8(agent & 1)]
            }
        }
        #expect(scene.state.pauses[LoggedScene.session]?.agents.count == 5)
        var database = StateDatabase()
        database.write(scene.takeChanges())
        #expect(scene.load(database).differences(from: scene.state) == [])
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
        #expect(scene.load(database).differences(from: scene.state) == [])
    }

    // MARK: Blocks that are refused

    @Test(arguments: 0..<20)
    func `What went into changes that were lost is written with the next ones`(seed: Int) {
        let story = LoggedStory(seed: UInt64(seed + 2000))
        var dice = Dice(seed: UInt64(seed))
        var database = StateDatabase()
        for _ in 0..<6 {
            story.go(on: 80)
            database.write(story.takeChanges())
            // As many blocks as may be on their way.
            for _ in 0..<dice.below(5) {
                story.go(on: 20)
                _ = story.takeChanges()
            }
            story.takeChangesAgain()
            story.go(on: 5)
            database.write(story.takeChanges())
            #expect(story.load(database).differences(from: story.state) == [])
        }
    }

    @Test func `The window of ids is made again from the log, though a checkpoint has none of it`() {
        let scene = LoggedScene(.init(entries: 3, idBytes: 1 << 10, milliseconds: 60_000))
        var database = StateDatabase()
        for number in UInt8(0)..<10 { scene.add(.message, from: LoggedScene.ada) { $0.id = [number] } }
        scene.add(.message, from: LoggedScene.ada)
        database.write(scene.takeChanges())
        #expect(scene.state.windowStart == Offset(7) && scene.load(database).window.count == 3)
        #expect(scene.load(database).differences(from: scene.state) == [])
        scene.rest(milliseconds: 60_000)
        scene.add(.message, from: LoggedScene.ada) { $0.id = [77] }
        database.write(scene.takeChanges())
        #expect(scene.state.windowStart == Offset(11))
        #expect(scene.load(database).differences(from: scene.state) == [])
    }
}
