import HubModel
import Testing

@testable import HubRouter

/// What is not said of a consumer's present life, what it is owed, and the letters about what it gave up.
@Suite struct ConsumerLivesTests {
    private func automatic() -> ConsumerSettings {
        var settings = ConsumerSettings()
        settings.acknowledgement = .automatic
        return settings
    }

    // MARK: Lives

    @Test func `What is said of another life changes nothing`() {
        let scene = LoggedScene()
        let first = scene.setConsumer(start: .all)
        scene.deliver([0, 1, 2])
        let second = scene.move(to: 0)
        #expect(scene.consumer?.era == second && scene.unsettled.isEmpty)
        scene.deliver([0, 1])
        let before = scene.copy
        for era in [first, .zero, Offset(second.rawValue + 1), .end] where era != second {
            scene.deliver(
                [2, 3], again: [(0, attempt: 2)], held: [(5, session: LoggedScene.session, isDue: true)],
                era: era)
            scene.settle(.acknowledged, 0...9, era: era)
            scene.settle(.revived, 0...1, era: era)
        }
        #expect(before != nil && scene.copy == before)
        scene.settle(.acknowledged, 0...9, era: second)
        #expect(scene.unsettled.isEmpty)
    }

    @Test func `A consumer that is made again under its name has another life`() {
        let scene = LoggedScene()
        let first = scene.setConsumer(start: .all)
        scene.add(.consumerDelete, to: LoggedScene.consumer)
        let second = scene.setConsumer(start: .all)
        scene.deliver([0, 1], era: first)
        #expect(scene.consumer?.era == second && scene.unsettled.isEmpty && scene.consumer?.cursor == .zero)
        scene.setConsumer(automatic())
        #expect(scene.consumer?.era == second)
    }

    @Test func `Settings that ask for no answers end the waiting for them, and leave what is owed`() {
        let scene = LoggedScene()
        scene.setConsumer(start: .all)
        scene.deliver([0, 1, 2], held: [(3, session: LoggedScene.session, isDue: false)])
        scene.settle(.given, 1...1)
        scene.setConsumer(automatic())
        #expect(scene.unsettledOffsets == [3] && scene.consumer?.unsettled.inFlight == 0)
        scene.deliver(again: [(3, attempt: 1)])
        #expect(scene.unsettled.isEmpty)
        scene.setConsumer()
        scene.deliver([7])
        #expect(scene.unsettledOffsets == [7])
    }

    // MARK: Verdicts

    @Test func `What is held back is owed once it is released, and in flight once it is delivered`() {
        let scene = LoggedScene()
        scene.setConsumer(start: .all)
        scene.deliver(
            [0],
            held: [(1, session: LoggedScene.session, isDue: false), (2, session: NameID(11), isDue: true)])
        func standings() -> [UnsettledDelivery.Standing] { scene.unsettled.map(\.standing) }
        #expect(standings() == [.leased, .held, .owed] && scene.consumer?.cursor == Offset(3))
        #expect(scene.unsettled.map(\.session) == [.none, LoggedScene.session, NameID(11)])
        #expect(scene.unsettled.map(\.attempts) == [1, 0, 0])
        scene.settle(.released, 0...2)
        #expect(standings() == [.leased, .owed, .owed])
        scene.deliver(again: [(1, attempt: 1)])
        #expect(standings() == [.leased, .leased, .owed])
        #expect(scene.delivery(1) == UnsettledDelivery(offset: Offset(1), attempts: 1, since: scene.lastTime))
    }

    @Test func `What is owed has no deadline, and no verdict but those on what is owed is about it`() {
        let scene = LoggedScene()
        scene.setConsumer(start: .all)
        scene.deliver(held: [
            (1, session: LoggedScene.session, isDue: true), (2, session: NameID(11), isDue: false),
        ])
        let before = scene.copy
        for verdict in [
            SettlementRecord.Verdict.acknowledged, .refused(delayMilliseconds: 0), .working, .given,
            .returned,
        ] { scene.settle(verdict, 0...9) }
        #expect(before != nil && scene.copy == before)
        for delivery in scene.unsettled { #expect(scene.consumer?.deadline(of: delivery) == nil) }
        scene.settle(.dropped, 1...1)
        #expect(scene.unsettledOffsets == [2])
    }

    @Test func `What is returned comes again at once, but for what waits already`() {
        let scene = LoggedScene()
        scene.setConsumer(start: .all)
        scene.deliver([0, 1, 2])
        scene.settle(.refused(delayMilliseconds: 9000), 1...1)
        let dueAt = scene.delivery(1)?.dueAt
        scene.settle(.given, 2...2)
        let given = scene.delivery(2)
        scene.settle(.returned, 0...UInt64(Int64.max))
        #expect(scene.delivery(0)?.dueAt == scene.lastTime && scene.delivery(0)?.attempts == 1)
        #expect(dueAt != nil && scene.delivery(1)?.dueAt == dueAt && scene.delivery(2) == given)
    }

    @Test func `What was given up is not taken back by work, a refusal or a return`() {
        let scene = LoggedScene()
        scene.setConsumer(start: .all)
        scene.deliver([0])
        scene.settle(.given, 0...0)
        let given = scene.delivery(0)
        for verdict in [
            SettlementRecord.Verdict.working, .refused(delayMilliseconds: 1), .returned, .released,
        ] {
            scene.settle(verdict, 0...0)
        }
        #expect(given?.standing == .givenUp && scene.delivery(0) == given)
    }

    @Test func `What is brought back is owed from the beginning, unless its consumer has it or will have it`()
    {
        let scene = LoggedScene()
        scene.setConsumer(start: .all)
        scene.deliver([0, 1, 2], held: [(3, session: LoggedScene.session, isDue: false)])
        scene.settle(.acknowledged, 0...0)
        scene.settle(.given, 1...1)
        scene.settle(.revived, 0...1, 3...3, 4...9)
        #expect(scene.unsettledOffsets == [0, 1, 2, 3])
        #expect(scene.unsettled.map(\.standing) == [.revived, .givenUp, .leased, .held])
        #expect(scene.delivery(0)?.attempts == 0 && scene.consumer?.unsettled.inFlight == 2)
        // What it has not come to yet it will get anyway.
        #expect(scene.consumer?.cursor == Offset(4))
        scene.deliver(again: [(0, attempt: 1)])
        #expect(scene.delivery(0)?.standing == .leased && scene.consumer?.floor == .zero)
    }

    // MARK: Dead letters

    @Test func `Letters wait in order until they are dealt with, each once`() {
        let scene = LoggedScene()
        scene.setConsumer(start: .all)
        scene.deliver([0, 1, 2])
        let letters = [scene.bury(0), scene.bury(2, .terminated), scene.bury(77, .expired)]
        #expect(scene.consumer?.letters == letters && scene.unsettledOffsets == [1])
        scene.close(letter: letters[1])
        scene.close(letter: letters[1])
        scene.close(letter: Offset(1))
        #expect(scene.consumer?.letters == [letters[0], letters[2]])
        #expect(
            scene.consumer?.close(letter: letters[2]) == true
                && scene.consumer?.close(letter: letters[2]) == false)
        scene.move(to: 0)
        #expect(scene.consumer?.letters == [letters[0]])
    }

    @Test func `Of too many letters the oldest are not remembered`() {
        let scene = LoggedScene()
        scene.setConsumer(start: .all)
        guard let consumer = scene.consumer else { return #expect(scene.consumer != nil) }
        for number in 0..<LoggedConsumer.lettersMax + 3 {
            consumer.bury(.zero, letter: Offset(UInt64(number + 100)))
        }
        #expect(consumer.letters.count == LoggedConsumer.lettersMax && consumer.letters.first == Offset(103))
        #expect(!consumer.close(letter: Offset(102)) && consumer.close(letter: Offset(103)))
    }

    // MARK: What a new consumer is owed

    private func publish(_ topic: UInt32, in scene: LoggedScene, isRetained: Bool = false) -> Offset {
        scene.add(.message, from: LoggedScene.ada, to: NameID(topic)) { draft in
            draft.payload = [1]
            if isRetained { draft.header.flags = .retained }
        }
    }

    private func owed(_ start: ConsumerStart, _ patterns: [String], in scene: LoggedScene) -> [Offset] {
        scene.add(.consumerDelete, to: LoggedScene.consumer)
        scene.setConsumer(start: start, filter: .topics(patterns.map { TopicPattern(unchecked: $0) }))
        #expect(
            scene.unsettled.allSatisfy {
                $0.standing == .owed && $0.attempts == 0 && $0.since == scene.lastTime
            })
        return scene.unsettled.map(\.offset)
    }

    @Test func `A new consumer is owed the retained values of its topics`() {
        let scene = LoggedScene()
        _ = publish(20, in: scene, isRetained: true)
        let new = publish(20, in: scene, isRetained: true)
        _ = publish(20, in: scene)
        let news = publish(22, in: scene, isRetained: true)
        let dead = publish(24, in: scene, isRetained: true)
        // Of another tenant, and to an agent.
        _ = publish(26, in: scene, isRetained: true)
        _ = publish(30, in: scene, isRetained: true)
        for (patterns, expected) in [
            ([">"], [new, news]), (["jobs.*"], [new]), (["news.>", "*.eu"], [news]), (["a"], []),
            (["*.jobs"], []), (["$dead.>"], [dead]), (["$dead.jobs", ">"], [new, news, dead]),
        ] { #expect(owed(.new, patterns, in: scene) == expected, "\(patterns)") }
        #expect(owed(.all, [">"], in: scene) == [] && owed(.offset(Offset(3)), [">"], in: scene) == [])
        scene.add(.consumerDelete, to: LoggedScene.consumer)
        scene.setConsumer(filter: .inbox(LoggedScene.ada))
        #expect(scene.consumer != nil && scene.unsettled.isEmpty)
    }

    @Test func `A consumer that begins with the last is owed the last message of each of its topics`() {
        let scene = LoggedScene()
        _ = publish(20, in: scene, isRetained: true)
        let news = publish(22, in: scene)
        let last = publish(20, in: scene)
        let dead = publish(24, in: scene)
        _ = publish(26, in: scene)
        _ = publish(30, in: scene)
        for (patterns, expected) in [
            ([">"], [news, last]), (["jobs.*", "jobs.new"], [last]), (["news.us"], []), (["$dead.>"], [dead]),
            (["*.jobs"], []),
        ] { #expect(owed(.last, patterns, in: scene) == expected, "\(patterns)") }
        scene.add(.consumerDelete, to: LoggedScene.consumer)
        let place = scene.setConsumer(start: .last)
        #expect(scene.consumer?.cursor == place.next && scene.consumer?.floor == news)
    }

    @Test func `A consumer that is set again is owed nothing more`() {
        let scene = LoggedScene()
        scene.setConsumer()
        _ = publish(20, in: scene, isRetained: true)
        scene.setConsumer()
        #expect(scene.unsettled.isEmpty)
    }
}
