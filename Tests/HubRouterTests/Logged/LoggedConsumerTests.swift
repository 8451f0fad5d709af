import HubModel
import Testing

@testable import HubRouter

/// What the log says of a consumer, record by record.
@Suite struct LoggedConsumerTests {
    private func settings(_ change: (inout ConsumerSettings) -> Void) -> ConsumerSettings {
        var settings = ConsumerSettings()
        change(&settings)
        return settings
    }

    // MARK: Settings

    @Test func `A new consumer begins behind its own record, or where it says`() {
        for (start, expected) in [
            (ConsumerStart.new, Offset(2)), (.last, Offset(2)), (.all, .zero),
            (.offset(Offset(1)), Offset(1)),
            (.offset(Offset(700)), Offset(700)), (.offset(.end), .end),
        ] {
            let scene = LoggedScene()
            scene.add(.system)
            let place = scene.setConsumer(start: start)
            #expect(scene.consumer?.cursor == expected && scene.consumer?.era == place)
            #expect(
                scene.consumer?.tenant == LoggedScene.tenant && scene.consumer?.id == LoggedScene.consumer)
            #expect(scene.unsettled.isEmpty && scene.consumer?.isPaused == false)
        }
    }

    @Test func `A consumer that is set again keeps its place and gets the new settings`() {
        let scene = LoggedScene()
        scene.setConsumer(start: .all)
        scene.deliver([0, 1, 2])
        let changed = settings { $0.ackWaitMilliseconds = 77 }
        scene.setConsumer(changed, start: .offset(Offset(1)), filter: .inbox(LoggedScene.ada))
        #expect(scene.consumer?.settings == changed && scene.consumer?.filter == .inbox(LoggedScene.ada))
        #expect(scene.consumer?.cursor == Offset(3) && scene.unsettledOffsets == [0, 1, 2])
    }

    @Test func `A consumer that was deleted is gone, and begins anew when it is set again`() {
        let scene = LoggedScene()
        scene.setConsumer(start: .all)
        scene.deliver([0, 1])
        scene.add(.consumerDelete, to: LoggedScene.consumer)
        #expect(scene.consumer == nil)
        scene.deliver([2, 3])
        scene.settle(.acknowledged, 0...3)
        #expect(scene.consumer == nil)
        let place = scene.setConsumer()
        #expect(scene.consumer?.cursor == place.next && scene.unsettled.isEmpty)
    }

    @Test func `A consumer that is held back stays so until it is let go`() {
        let scene = LoggedScene()
        scene.add(.pause, to: LoggedScene.consumer)
        #expect(scene.consumer == nil)
        scene.setConsumer()
        scene.add(.pause, to: LoggedScene.consumer)
        scene.setConsumer()
        #expect(scene.consumer?.isPaused == true)
        scene.add(.resume, to: LoggedScene.consumer)
        #expect(scene.consumer?.isPaused == false)
    }

    @Test func `Settings that make no sense are objected to, and set nothing`() {
        #expect(ConsumerSettings().objection == nil)
        for change: (inout ConsumerSettings) -> Void in [
            { $0.inFlightMax = 0 }, { $0.inFlightMax = 65_537 }, { $0.ackWaitMilliseconds = 9 },
            { $0.deliveriesMax = 0 }, { $0.backoffInitialMilliseconds = -1 },
            { $0.backoffFactorThousandths = 999 }, { $0.backoffMaxMilliseconds = -1 },
            { $0.backoffJitterPercent = -1 }, { $0.backoffJitterPercent = 101 },
        ] { #expect(settings(change).objection?.code == .badField) }
        let scene = LoggedScene()
        scene.setConsumer(settings { $0.backoffJitterPercent = Int.max })
        #expect(scene.consumer == nil)
    }

    // MARK: Deliveries

    @Test func `The cursor moves with deliveries, and with what is passed over`() {
        let scene = LoggedScene()
        scene.setConsumer(start: .all)
        scene.deliver([0, 1, 5])
        #expect(scene.consumer?.cursor == Offset(6))
        scene.deliver(cursor: 40, [])
        #expect(scene.consumer?.cursor == Offset(40))
        scene.deliver(cursor: 20, [])
        #expect(scene.consumer?.cursor == Offset(40) && scene.unsettledOffsets == [0, 1, 5])
    }

    @Test func `Automatic acknowledgement leaves nothing unsettled, explicit everything`() {
        for (mode, expected) in [
            (ConsumerSettings.Acknowledgement.automatic, []), (.explicit, [UInt64(3), 4, 9]),
        ] {
            let scene = LoggedScene()
            scene.setConsumer(settings { $0.acknowledgement = mode }, start: .all)
            scene.deliver([3, 4, 9])
            #expect(scene.unsettledOffsets == expected && scene.consumer?.cursor == Offset(10))
        }
    }

    @Test func `A delivery counts from when it was recorded, for the first time`() {
        let scene = LoggedScene()
        scene.setConsumer(settings { $0.ackWaitMilliseconds = 250 }, start: .all)
        scene.deliver([7])
        let since = scene.lastTime
        #expect(scene.delivery(7) == UnsettledDelivery(offset: Offset(7), attempts: 1, since: since))
        #expect(
            scene.delivery(7).map { scene.consumer?.deadline(of: $0) } == since.adding(milliseconds: 250))
    }

    @Test func `A message that comes again has one attempt more, and a lease of its own`() {
        let scene = LoggedScene()
        scene.setConsumer(start: .all)
        scene.deliver([7, 8])
        let first = scene.lastTime
        scene.settle(.refused(delayMilliseconds: 50), 7...7)
        scene.deliver(cursor: 9, [], again: [(7, attempt: 2), (5, attempt: 9)])
        #expect(
            scene.delivery(7) == UnsettledDelivery(offset: Offset(7), attempts: 2, since: scene.lastTime))
        #expect(scene.delivery(8) == UnsettledDelivery(offset: Offset(8), attempts: 1, since: first))
        #expect(scene.unsettledOffsets == [7, 8] && scene.consumer?.cursor == Offset(9))
    }

    @Test func `A record of deliveries that is older than the cursor brings nothing back`() {
        let scene = LoggedScene()
        scene.setConsumer(start: .all)
        scene.deliver([3, 4, 5])
        scene.settle(.acknowledged, 3...5)
        scene.deliver([4, 5, 6])
        #expect(scene.unsettledOffsets == [6] && scene.consumer?.cursor == Offset(7))
    }

    // MARK: Settlements

    @Test func `One message, some of them and all up to one are acknowledged`() {
        let scene = LoggedScene()
        scene.setConsumer(start: .all)
        scene.deliver(Array(0..<10))
        scene.settle(.acknowledged, 4...4)
        #expect(scene.unsettledOffsets == [0, 1, 2, 3, 5, 6, 7, 8, 9])
        scene.settle(.acknowledged, 8...8, 1...1, 6...6)
        #expect(scene.unsettledOffsets == [0, 2, 3, 5, 7, 9])
        #expect(scene.consumer?.floor == .zero)
        scene.settle(.acknowledged, 0...6)
        #expect(scene.unsettledOffsets == [7, 9] && scene.consumer?.floor == Offset(7))
        scene.settle(.acknowledged, 0...UInt64(Int64.max))
        #expect(scene.unsettled.isEmpty && scene.consumer?.floor == Offset(10))
        scene.settle(.acknowledged, 0...9)
        #expect(scene.consumer?.cursor == Offset(10))
    }

    @Test func `A refused message comes again after the delay that its consumer names`() {
        let scene = LoggedScene()
        scene.setConsumer(start: .all)
        scene.deliver([0, 1, 2])
        for (delay, expected) in [
            (Int64(0), Int64(0)), (1, 1), (86_400_000, 86_400_000), (Int64.max, 86_400_000), (-1, 0),
            (Int64.min, 0),
        ] {
            scene.settle(.refused(delayMilliseconds: delay), 1...1)
            let dueAt = scene.lastTime.adding(milliseconds: expected)
            #expect(scene.delivery(1)?.dueAt == dueAt)
            #expect(scene.delivery(1).map { scene.consumer?.deadline(of: $0) } == dueAt)
        }
        #expect(scene.delivery(0)?.dueAt == Timestamp.none && scene.delivery(1)?.attempts == 1)
        #expect(scene.unsettledOffsets == [0, 1, 2])
    }

    @Test func `A refused message comes again after the usual delay if none is named`() {
        let scene = LoggedScene()
        // Without growth and spread there is one usual delay.
        let usual = settings {
            $0.backoffInitialMilliseconds = 700
            $0.backoffFactorThousandths = 1000
            $0.backoffJitterPercent = 0
        }
        scene.setConsumer(usual, start: .all)
        scene.deliver([0, 1, 2])
        scene.deliver(cursor: 3, [], again: [(1, attempt: 4)])
        scene.settle(.refused(delayMilliseconds: nil), 0...1)
        for offset in UInt64(0)...1 {
            #expect(scene.delivery(offset)?.dueAt == scene.lastTime.adding(milliseconds: 700))
        }
        #expect(scene.delivery(2)?.dueAt == Timestamp.none)
    }

    @Test func `Working on a message renews its lease and takes a refusal back`() {
        let scene = LoggedScene()
        scene.setConsumer(start: .all)
        scene.deliver([0, 1])
        scene.settle(.refused(delayMilliseconds: 5), 1...1)
        scene.settle(.working, 0...1)
        for offset in UInt64(0)...1 {
            #expect(
                scene.delivery(offset)
                    == UnsettledDelivery(offset: Offset(offset), attempts: 1, since: scene.lastTime))
        }
    }

    @Test func `A message that was given up waits for its dead letter`() {
        let scene = LoggedScene()
        scene.setConsumer(start: .all)
        scene.deliver([0, 1, 2])
        scene.settle(.given, 1...1)
        #expect(scene.delivery(1)?.standing == .givenUp && scene.unsettledOffsets == [0, 1, 2])
        #expect(scene.delivery(1).map { scene.consumer?.deadline(of: $0) } == scene.delivery(1)?.since)
        scene.bury(1, .terminated)
        #expect(scene.unsettledOffsets == [0, 2])
        scene.bury(1, .terminated)
        scene.bury(55)
        #expect(scene.unsettledOffsets == [0, 2] && scene.consumer?.cursor == Offset(3))
    }

    @Test func `What is said of messages that are not with the consumer changes nothing`() {
        let scene = LoggedScene()
        scene.setConsumer(start: .all)
        scene.deliver([4])
        let before = scene.copy
        scene.settle(.acknowledged, 0...3, 5...9)
        scene.settle(.given, 0...3, 5...9)
        scene.settle(.refused(delayMilliseconds: nil), 5...UInt64(Int64.max))
        scene.settle(.returned, 0...3, 5...9)
        scene.settle(.working, 0...3, 5...9)
        scene.settle(.released, 0...9)
        scene.settle(.dropped, 0...3, 5...9)
        #expect(before != nil && scene.copy == before)
    }

    // MARK: Moves

    @Test func `A consumer that is moved has nothing unsettled, and goes on from there`() {
        for target in [UInt64(0), 2, 900, UInt64.max] {
            let scene = LoggedScene()
            scene.setConsumer(start: .all)
            scene.deliver([0, 1, 2, 3])
            scene.move(to: target)
            #expect(scene.consumer?.cursor == min(Offset(target), .end) && scene.unsettled.isEmpty)
        }
        let scene = LoggedScene()
        scene.setConsumer(start: .all)
        scene.deliver([0, 1, 2, 3])
        scene.move(to: 2)
        scene.deliver([2, 3])
        #expect(scene.unsettledOffsets == [2, 3] && scene.consumer?.cursor == Offset(4))
    }

    // MARK: Damage

    @Test(arguments: [MessageKind.consumerSet, .consumerMove, .settlement, .delivery, .deadLetter])
    func `A payload that says nothing changes nothing`(kind: MessageKind) {
        let scene = LoggedScene()
        scene.setConsumer(start: .all)
        scene.deliver([0, 1, 2])
        let before = scene.copy
        for payload in [[], [0x80], [1, 2, 0xff], Array(repeating: UInt8(0xff), count: 64)] {
            scene.add(kind, to: LoggedScene.consumer) {
                $0.payload = payload
                $0.annotations = payload
            }
        }
        #expect(before != nil && scene.copy == before)
    }
}
