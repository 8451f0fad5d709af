import HubModel
import Testing

@testable import HubRouter

/// In which order a consumer gets what it is owed.
@Suite struct OwedDeliveriesTests {
    private static let one = NameID(10)
    private static let two = NameID(11)

    private func everyone(_: NameID) -> Bool { true }

    @Test
    func `What it begins with comes first, then the oldest of open sessions, then what was brought back`() {
        var owed = OwedDeliveries()
        owed.addRevived(Offset(1))
        owed.add(Offset(7), session: Self.one, isEverything: true)
        owed.add(Offset(5), session: Self.two, isEverything: true)
        owed.add(Offset(9), session: Self.two, isEverything: true)
        owed.add(Offset(8), session: .none, isEverything: true)
        var order: [UInt64] = []
        while let next = owed.next(where: everyone) {
            order.append(next.rawValue)
            for session in [NameID.none, Self.one, Self.two] { owed.remove(next, session: session) }
        }
        #expect(order == [8, 5, 7, 9, 1] && owed.isEmpty)
    }

    @Test func `Of a session that is not open nothing comes`() {
        var owed = OwedDeliveries()
        owed.add(Offset(5), session: Self.one, isEverything: true)
        owed.add(Offset(7), session: Self.two, isEverything: true)
        #expect(owed.next { $0 == Self.two } == Offset(7))
        #expect(owed.next { _ in false } == nil)
        owed.addRevived(Offset(3))
        #expect(owed.next { _ in false } == Offset(3))
    }

    @Test func `Until it has all that it begins with nothing new comes`() {
        var owed = OwedDeliveries()
        #expect(!owed.isPriming && owed.isEmpty)
        owed.add(Offset(5), session: Self.one, isEverything: true)
        owed.addRevived(Offset(4))
        #expect(!owed.isPriming && !owed.isEmpty)
        owed.add(Offset(6), session: .none, isEverything: true)
        owed.add(Offset(7), session: .none, isEverything: true)
        owed.remove(Offset(6), session: .none)
        #expect(owed.isPriming)
        owed.remove(Offset(7), session: .none)
        #expect(!owed.isPriming)
    }

    @Test func `What comes in a session waits behind what waits there, if that waits for the same`() {
        var owed = OwedDeliveries()
        #expect(!owed.isWaiting(Self.one, .command))
        owed.add(Offset(5), session: Self.one, isEverything: false)
        for (kind, isWaiting) in [
            (MessageKind.message, false), (.response, false), (.command, true), (.sessionOpen, true),
        ] { #expect(owed.isWaiting(Self.one, kind) == isWaiting) }
        #expect(!owed.isWaiting(Self.two, .command))
        owed.add(Offset(6), session: Self.one, isEverything: true)
        owed.remove(Offset(6), session: Self.one)
        #expect(owed.isWaiting(Self.one, .message) && owed.offsets(in: Self.one) == [Offset(5)])
        owed.remove(Offset(5), session: Self.one)
        #expect(!owed.isWaiting(Self.one, .message) && owed.offsets(in: Self.one) == [])
    }

    @Test func `What was brought back is owed once, and removed like the rest`() {
        var owed = OwedDeliveries()
        owed.addRevived(Offset(3))
        owed.addRevived(Offset(2))
        owed.addRevived(Offset(3))
        #expect(owed.next(where: everyone) == Offset(3))
        owed.remove(Offset(3), session: .none)
        #expect(owed.next(where: everyone) == Offset(2))
        owed.remove(Offset(2), session: .none)
        #expect(owed.isEmpty && owed.next(where: everyone) == nil)
    }

    @Test func `Whoever is asked what may go on is asked of all that waits, what has no session included`() {
        var owed = OwedDeliveries()
        for (offset, session) in [(UInt64(4), Self.two), (5, Self.one), (6, Self.two), (7, NameID.none)] {
            owed.add(Offset(offset), session: session, isEverything: true)
        }
        #expect(owed.sessions == [.none, Self.one, Self.two])
        #expect(
            owed.offsets(in: Self.two) == [Offset(4), Offset(6)] && owed.offsets(in: .none) == [Offset(7)])
    }

    @Test func `What the log says is owed is owed, in its order`() {
        let consumer = LoggedConsumer(
            id: NameID(40), tenant: NameID(1), .inbox(NameID(30)), ConsumerSettings(), era: .zero,
            cursor: Offset(9))
        for (offset, standing, session) in [
            (UInt64(1), UnsettledDelivery.Standing.revived, NameID.none), (2, .leased, .none),
            (3, .held, Self.two),
            (4, .owed, Self.one), (5, .givenUp, .none), (6, .owed, .none), (7, .owed, Self.two),
        ] {
            consumer.unsettled.add(
                UnsettledDelivery(
                    offset: Offset(offset), attempts: 0, since: .none, standing, session: session))
        }
        var owed = OwedDeliveries(consumer)
        #expect(owed.isPriming && owed.offsets(in: Self.two) == [Offset(3), Offset(7)])
        #expect(owed.isWaiting(Self.one, .message))
        var order: [UInt64] = []
        while let next = owed.next(where: everyone) {
            order.append(next.rawValue)
            for session in [NameID.none, Self.one, Self.two] { owed.remove(next, session: session) }
        }
        #expect(order == [6, 3, 4, 7, 1])
    }
}
