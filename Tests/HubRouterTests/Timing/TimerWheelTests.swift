import HubRouter
import HubTiming
import Testing

/// A wheel in a class, because expectations cannot look at values with one owner.
private final class WheelUnderTest {
    private var wheel: TimerWheel

    init(nowMilliseconds: Int64 = 0) { wheel = TimerWheel(nowMilliseconds: nowMilliseconds) }

    var count: Int { wheel.count }
    var current: Int64 { wheel.current }
    var nextDeadline: Int64? { wheel.nextDeadline }
    var byteCount: Int { wheel.byteCount }

    func arm(_ payload: UInt64, deadline: Int64) -> TimerHandle { wheel.arm(payload, deadline: deadline) }
    func cancel(_ handle: TimerHandle) -> Bool { wheel.cancel(handle) }
    func rearm(_ handle: TimerHandle, deadline: Int64) -> Bool { wheel.rearm(handle, deadline: deadline) }
    func payload(of handle: TimerHandle) -> UInt64? { wheel.payload(of: handle) }
    func isArmed(_ handle: TimerHandle) -> Bool { wheel.isArmed(handle) }
    func next(dueBy now: Int64) -> UInt64? { wheel.next(dueBy: now) }

    func fired(by now: Int64) -> [UInt64] {
        var fired: [UInt64] = []
        wheel.advance(to: now) { fired.append($0) }
        return fired
    }
}

@Suite struct TimerWheelTests {
    @Test(
        arguments: [
            0, 1, 2, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 16_777_216, 4_294_967_295,
            4_294_967_296,
            86_400_000 * 365 * 100, Int64.max - 1, Int64.max,
        ] as [Int64], [0, 1, 100, 255, 256, 65_535, 123_456_789] as [Int64])
    func `A timer fires at its deadline and not before`(_ deadline: Int64, _ start: Int64) {
        let wheel = WheelUnderTest(nowMilliseconds: start)
        let handle = wheel.arm(7, deadline: deadline)
        #expect(wheel.isArmed(handle))
        let due = max(deadline, start)
        if due > start { #expect(wheel.fired(by: due - 1) == []) }
        #expect(wheel.fired(by: due) == [7])
        #expect(!wheel.isArmed(handle))
        #expect(wheel.count == 0)
    }

    @Test func `Timers fire by deadline, and by age within a millisecond`() {
        let wheel = WheelUnderTest()
        let deadlines: [Int64] = [300, 5, 70_000, 5, 300, 299, 70_000, 1, 5]
        for (payload, deadline) in deadlines.enumerated() {
            _ = wheel.arm(UInt64(payload), deadline: deadline)
        }
        #expect(wheel.fired(by: 100_000) == [7, 1, 3, 8, 5, 0, 4, 2, 6])
    }

    @Test
    func `A timer that came down from a higher level fires before a younger one of the same millisecond`() {
        let wheel = WheelUnderTest()
        _ = wheel.arm(1, deadline: 1000)
        #expect(wheel.fired(by: 990) == [])
        _ = wheel.arm(2, deadline: 1000)
        #expect(wheel.fired(by: 1000) == [1, 2])
    }

    @Test func `A deadline that has passed counts as now`() {
        let wheel = WheelUnderTest()
        #expect(wheel.fired(by: 500) == [])
        _ = wheel.arm(1, deadline: 400)
        _ = wheel.arm(2, deadline: 300)
        #expect(wheel.nextDeadline == 500)
        #expect(wheel.fired(by: 500) == [1, 2])
    }

    @Test func `Time that goes back is ignored`() {
        let wheel = WheelUnderTest(nowMilliseconds: 1000)
        _ = wheel.arm(1, deadline: 1500)
        #expect(wheel.fired(by: 2) == [])
        #expect(wheel.current == 1000)
        #expect(wheel.fired(by: 1499) == [])
        #expect(wheel.fired(by: 1500) == [1])
    }

    @Test func `A cancelled timer does not fire, and its handle does no harm`() {
        let wheel = WheelUnderTest()
        let first = wheel.arm(1, deadline: 10)
        #expect(wheel.cancel(first))
        #expect(!wheel.cancel(first))
        // In the memory of the first.
        let second = wheel.arm(2, deadline: 10)
        #expect(!wheel.cancel(first))
        #expect(!wheel.rearm(first, deadline: 5))
        #expect(wheel.fired(by: 10) == [2])
        #expect(!wheel.cancel(second))
        #expect(!wheel.cancel(.none))
        #expect(!wheel.isArmed(.none))
    }

    @Test func `What a timer was armed with is known as long as it is armed`() {
        let wheel = WheelUnderTest()
        let first = wheel.arm(7, deadline: 10)
        let second = wheel.arm(8, deadline: 20)
        #expect(
            wheel.payload(of: first) == 7 && wheel.payload(of: second) == 8 && wheel.payload(of: .none) == nil
        )
        #expect(wheel.rearm(first, deadline: 30) && wheel.payload(of: first) == 7)
        #expect(wheel.cancel(second) && wheel.payload(of: second) == nil)
        // In the memory of the second.
        let third = wheel.arm(9, deadline: 40)
        #expect(wheel.payload(of: second) == nil && wheel.payload(of: third) == 9)
        #expect(wheel.fired(by: 30) == [7] && wheel.payload(of: first) == nil)
    }

    @Test func `A timer armed again keeps its handle and fires at the new deadline only`() {
        let wheel = WheelUnderTest()
        let handle = wheel.arm(1, deadline: 10)
        _ = wheel.arm(2, deadline: 500)
        #expect(wheel.rearm(handle, deadline: 500))
        #expect(wheel.fired(by: 499) == [])
        #expect(wheel.fired(by: 500) == [2, 1])
    }

    @Test func `Timers armed and cancelled between two that fire are taken into account`() {
        let wheel = WheelUnderTest()
        _ = wheel.arm(1, deadline: 10)
        let second = wheel.arm(2, deadline: 20)
        #expect(wheel.next(dueBy: 100) == 1)
        #expect(wheel.current == 10)
        #expect(wheel.cancel(second))
        _ = wheel.arm(3, deadline: 50)
        _ = wheel.arm(4, deadline: 101)
        #expect(wheel.next(dueBy: 100) == 3)
        #expect(wheel.next(dueBy: 100) == nil)
        #expect(wheel.current == 100)
        #expect(wheel.fired(by: 101) == [4])
    }

    @Test(arguments: [1, 255, 256, 30_000, 65_536, 3_600_000, 1 << 40] as [Int64])
    func `Sleeping until the next deadline comes closer each time and arrives`(_ deadline: Int64) {
        let wheel = WheelUnderTest(nowMilliseconds: 3)
        #expect(wheel.nextDeadline == nil)
        _ = wheel.arm(1, deadline: 3 + deadline)
        var sleeps = 0
        while let next = wheel.nextDeadline {
            #expect(next > wheel.current && next <= 3 + deadline)
            sleeps += 1
            let fired = wheel.fired(by: next)
            #expect(fired.isEmpty == (next < 3 + deadline))
        }
        #expect(sleeps <= 8)
    }

    @Test func `Timers that come and go take no more memory`() {
        let wheel = WheelUnderTest()
        for now in 0..<1000 as Range<Int64> { _ = wheel.arm(0, deadline: now + 100) }
        _ = wheel.fired(by: 2000)
        let bytes = wheel.byteCount
        for now in 2000..<100_000 as Range<Int64> {
            _ = wheel.arm(0, deadline: now + 900)
            _ = wheel.fired(by: now)
        }
        #expect(wheel.byteCount == bytes)
    }

    /// A timer of the model: the list that fires is sorted by deadline and by when it was armed.
    private struct Pending {
        let handle: TimerHandle
        let payload: UInt64
        var deadline: Int64
        var age: Int
    }

    private static func pause(_ random: inout DeterministicRandom) -> Int64 {
        // All magnitudes alike, from one millisecond to decades.
        Int64(random.below(UInt64(1) << UInt64(random.below(41))))
    }

    @Test func `Whatever is armed, moved and cancelled, timers fire as from a sorted list`() {
        for seed in propertySeeds(150) {
            var random = DeterministicRandom(seed: seed)
            let wheel = WheelUnderTest()
            var model: [Pending] = []
            var gone: [TimerHandle] = []
            var now: Int64 = 0
            for step in 0..<300 {
                let deadline = now + Self.pause(&random) - (random.once(in: 10) ? 50 : 0)
                let due = max(deadline, now)
                switch random.below(6) {
                case 0, 1, 2:
                    let handle = wheel.arm(UInt64(step), deadline: deadline)
                    model.append(Pending(handle: handle, payload: UInt64(step), deadline: due, age: step))
                case 3 where !model.isEmpty:
                    let index = random.below(model.count)
                    #expect(wheel.rearm(model[index].handle, deadline: deadline))
                    (model[index].deadline, model[index].age) = (due, step)
                case 4 where !model.isEmpty:
                    let removed = model.remove(at: random.below(model.count))
                    #expect(wheel.cancel(removed.handle))
                    gone.append(removed.handle)
                default:
                    now += random.once(in: 5) ? 0 : Self.pause(&random)
                    let fired = model.filter { $0.deadline <= now }
                        .sorted { ($0.deadline, $0.age) < ($1.deadline, $1.age) }
                    #expect(wheel.fired(by: now) == fired.map(\.payload), "seed \(seed), step \(step)")
                    model.removeAll { $0.deadline <= now }
                    gone += fired.map(\.handle)
                }
                #expect(wheel.count == model.count)
                let earliest = model.map(\.deadline).min()
                #expect((wheel.nextDeadline == nil) == (earliest == nil))
                if let earliest, let next = wheel.nextDeadline {
                    #expect(
                        next <= earliest && (next == earliest || next > now), "seed \(seed), step \(step)")
                }
            }
            #expect(gone.allSatisfy { !wheel.isArmed($0) } && model.allSatisfy { wheel.isArmed($0.handle) })
        }
    }
}
