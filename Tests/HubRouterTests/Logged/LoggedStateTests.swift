import HubModel
import Testing

@testable import HubRouter

/// What the log says of agents, topics and the numbers of messages.
@Suite struct LoggedStateTests {
    private typealias Scene = LoggedScene
    private static let session = LoggedScene.session
    private static let topic = LoggedScene.topic
    private static let ada = LoggedScene.ada
    private static let bob = LoggedScene.bob

    // MARK: Sequences

    @Test func `Each session counts its own messages`() {
        let scene = Scene()
        #expect(scene.state.lastSequence(of: Self.session) == .none)
        for _ in 0..<3 { scene.add(.message, session: Self.session, from: Self.ada, to: Self.topic) }
        scene.add(.message, from: Self.ada, to: Self.topic)
        scene.add(.message, session: NameID(5000), from: Self.ada, to: Self.topic)
        #expect(scene.state.lastSequence(of: Self.session) == SequenceNumber(3))
        #expect(scene.state.lastSequence(of: NameID(5000)) == .first)
        #expect(scene.state.lastSequence(of: NameID(4999)) == .none)
        #expect(scene.state.lastSequence(of: NameID(UInt32.max)) == .none)
        #expect(scene.state.lastSequence(of: .none) == .none)
    }

    @Test func `The state knows up to where it is true, and when the newest record was taken`() {
        let scene = Scene()
        #expect(scene.state.appliedTo == .zero && scene.state.time == .none)
        scene.add(.registration, from: Self.ada)
        scene.add(.system)
        #expect(scene.state.appliedTo == Offset(2) && scene.state.time == scene.lastTime)
    }

    @Test func `The last message to each topic and agent is known`() {
        let scene = Scene()
        scene.add(.message, from: Self.ada, to: Self.topic)
        scene.add(.command, from: Self.ada, to: Self.bob) { $0.id = [1] }
        let last = scene.add(.message, from: Self.ada, to: Self.topic)
        scene.add(.presence, from: Self.ada, to: Self.topic) { $0.payload = [1] }
        scene.add(.message, from: Self.ada)
        #expect(scene.state.lastMessages[Self.topic] == last.rawValue + 1)
        #expect(scene.state.lastMessages[Self.bob] == 2 && scene.state.lastMessages[Self.ada] == 0)
        #expect(scene.state.lastMessages[.none] == 0)
    }

    // MARK: Agents

    @Test func `The last status of an agent is kept`() {
        let scene = Scene()
        scene.add(.status, from: Self.ada)
        let place = scene.add(.status, from: Self.ada)
        scene.add(.status, from: Self.bob)
        #expect(scene.state.agents[Self.ada]?.status == place)
        #expect(scene.state.agents[Self.bob]?.status == place.next)
        #expect(scene.state.agents[Self.ada]?.presence == .unknown)
        #expect(scene.state.agents[Self.ada]?.tenant == Scene.tenant)
    }

    @Test func `The last presence of an agent is kept, and since when it is so`() {
        let scene = Scene()
        let status = scene.add(.status, from: Self.ada)
        for presence in [Presence.online, .silent, .offline, .unknown, .online] {
            scene.add(.presence, from: Self.ada) { $0.payload = [presence.rawValue] }
            #expect(scene.state.agents[Self.ada]?.presence == presence)
            #expect(scene.state.agents[Self.ada]?.since == scene.lastTime)
        }
        let since = scene.lastTime
        scene.add(.presence, from: Self.ada) { $0.payload = [] }
        scene.add(.presence, from: Self.ada) { $0.payload = [4] }
        scene.add(.presence, from: Self.bob) { $0.payload = [0xff] }
        #expect(scene.state.agents[Self.ada]?.since == since && scene.state.agents[Self.bob] == nil)
        #expect(scene.state.agents[Self.ada]?.status == status)
    }

    // MARK: Retained messages

    @Test func `The last retained message of a topic is kept, and taken back by an empty one`() {
        let scene = Scene()
        func publish(_ payload: String, _ flags: RecordFlags = .retained, to topic: NameID) -> Offset {
            scene.add(.message, from: Self.ada, to: topic) {
                $0.header.flags = flags
                $0.payload = Array(payload.utf8)
            }
        }
        _ = publish("1", to: Self.topic)
        let second = publish("2", to: Self.topic)
        let other = publish("3", to: NameID(21))
        _ = publish("4", [], to: Self.topic)
        _ = publish("", [], to: Self.topic)
        _ = publish("5", to: .none)
        #expect(scene.state.retained == [Self.topic: second, NameID(21): other])
        _ = publish("", to: Self.topic)
        #expect(scene.state.retained == [NameID(21): other])
        _ = publish("", to: Self.topic)
        #expect(scene.state.retained == [NameID(21): other])
    }

    // MARK: Consumers

    @Test func `Each tenant's consumers are counted`() {
        let scene = Scene()
        func set(_ consumer: UInt32, _ tenant: UInt32) {
            let record = ConsumerRecord(filter: .inbox(Self.ada), settings: ConsumerSettings(), start: .new)
            scene.add(.consumerSet, to: NameID(consumer)) { draft in
                draft.header.tenant = NameID(tenant)
                draft.payload = packed { record.pack(&$0) }
            }
        }
        for (consumer, tenant) in [(UInt32(40), UInt32(1)), (41, 1), (42, 2), (40, 1)] {
            set(consumer, tenant)
        }
        #expect(scene.state.consumerCounts == [NameID(1): 2, NameID(2): 1])
        scene.add(.consumerDelete, to: NameID(40))
        scene.add(.consumerDelete, to: NameID(40))
        #expect(scene.state.consumerCounts[NameID(1)] == 1)
        var database = StateDatabase()
        database.write(scene.takeChanges())
        #expect(scene.load(database).consumerCounts == [NameID(1): 1, NameID(2): 1])
    }
}
