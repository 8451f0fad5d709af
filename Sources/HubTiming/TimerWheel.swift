/// Names an armed timer. Once the timer has fired or was cancelled, the handle names nothing, and using it does no
/// harm: whoever arms a timer need not be told that it is gone.
package struct TimerHandle: Hashable, Sendable, BitwiseCopyable {
    fileprivate let index: UInt32
    fileprivate let generation: UInt32

    /// The handle of no timer.
    package static let none = TimerHandle(index: 0, generation: 0)
}

/// What is to happen when: any number of timers, each armed, cancelled and fired in constant time.
///
/// Eight levels of 256 slots. A timer lies on the level of the highest byte in which its deadline differs from the
/// current time, in the slot that this byte names. So a slot of level 0 holds one millisecond, one of level 1 holds
/// 256, and eight levels hold every `Int64`: there is no list of far timers to look through now and then. When time
/// comes to a slot of a higher level, its timers move down; one of half a minute moves once before it fires. With 64
/// slots it would move twice; with 256 the bits that say which slots have timers still fit into four words a level,
/// so a leap over hours costs a few words, however long it is.
///
/// Timers fire in the order of their deadlines, and those of one millisecond in the order in which they were armed:
/// slots are queues, and whatever shares a slot of level 0 came down together or was armed after that.
package struct TimerWheel: ~Copyable {
    private struct Timer {
        var deadline: Int64
        var payload: UInt64
        var next: Int32
        var previous: Int32
        /// Goes up when the timer is gone, so that old handles do not match; never 0.
        var generation: UInt32
    }

    private struct Queue {
        var first: Int32 = -1
        var last: Int32 = -1
    }

    private static let levelCount = 8
    private static let absent: Int32 = -1

    private var timers: [Timer] = []
    /// Timers that are free, chained by `next`.
    private var firstFree = TimerWheel.absent
    private var queues = Array(repeating: Queue(), count: levelCount * 256)
    /// One bit for each queue: whether it has timers.
    private var occupied = Array(repeating: UInt64(0), count: levelCount * 4)
    /// One bit for each level: whether it has timers.
    private var occupiedLevels: UInt8 = 0

    /// All that was due before this moment has fired.
    package private(set) var current: Int64
    /// Timers that are armed.
    package private(set) var count = 0

    /// A wheel whose time begins at `nowMilliseconds`, with memory for so many timers before it allocates.
    package init(nowMilliseconds: Int64 = 0, capacity: Int = 0) {
        precondition(nowMilliseconds >= 0)
        current = nowMilliseconds
        timers.reserveCapacity(capacity)
    }

    /// Bytes that the wheel takes.
    package var byteCount: Int {
        timers.capacity * MemoryLayout<Timer>.stride + queues.count * MemoryLayout<Queue>.stride
    }

    /// Arms a timer. A deadline that has passed counts as now: the timer fires with the next `advance`, behind those
    /// that are due already.
    package mutating func arm(_ payload: UInt64, deadline: Int64) -> TimerHandle {
        let index = allocate()
        timers[index].payload = payload
        timers[index].deadline = max(deadline, current)
        enqueue(index)
        count += 1
        return TimerHandle(index: UInt32(index), generation: timers[index].generation)
    }

    /// Disarms a timer; says whether it was still armed.
    @discardableResult
    package mutating func cancel(_ handle: TimerHandle) -> Bool {
        guard isArmed(handle) else { return false }
        let index = Int(handle.index)
        dequeue(index)
        free(index)
        return true
    }

    /// What an armed timer was armed with; nil once it has fired or was cancelled.
    package func payload(of handle: TimerHandle) -> UInt64? {
        isArmed(handle) ? timers[Int(handle.index)].payload : nil
    }

    /// Gives an armed timer another deadline, as if it were armed only now; its handle stays good. Says whether it
    /// was still armed.
    @discardableResult
    package mutating func rearm(_ handle: TimerHandle, deadline: Int64) -> Bool {
        guard isArmed(handle) else { return false }
        let index = Int(handle.index)
        dequeue(index)
        timers[index].deadline = max(deadline, current)
        enqueue(index)
        return true
    }

    /// Whether the timer has neither fired nor been cancelled.
    package func isArmed(_ handle: TimerHandle) -> Bool {
        Int(handle.index) < timers.count && timers[Int(handle.index)].generation == handle.generation
            && handle.generation != 0
    }

    /// A moment before which nothing is due; nil if no timer is armed. It may be earlier than any deadline, but is
    /// then later than now: who sleeps until then and advances comes closer, and is there after seven times at most.
    package var nextDeadline: Int64? {
        guard occupiedLevels != 0 else { return nil }
        let level = occupiedLevels.trailingZeroBitCount
        let time = UInt64(bitPattern: current)
        // The bytes above the level's are those of now, the level's own is the slot's number, those below are 0.
        let above = time & ~0 << UInt64(8 * level + 8)
        return Int64(bitPattern: above | UInt64(firstOccupied(level)) << UInt64(8 * level))
    }

    /// Fires what is due, in order. A time before the latest one that was given is ignored.
    package mutating func advance(to nowMilliseconds: Int64, body: (_ payload: UInt64) -> Void) {
        while let payload = next(dueBy: nowMilliseconds) { body(payload) }
    }

    /// Fires one timer if one is due, so that the caller may arm and cancel others before the next one. If there is
    /// none, time has come to `nowMilliseconds`.
    package mutating func next(dueBy nowMilliseconds: Int64) -> UInt64? {
        let now = max(nowMilliseconds, current)
        while let start = nextDeadline, start <= now {
            current = start
            let level = occupiedLevels.trailingZeroBitCount
            let queue = level << 8 | firstOccupied(level)
            if level == 0 {
                let index = Int(queues[queue].first)
                dequeue(index)
                free(index)
                return timers[index].payload
            }
            moveDown(queue)
        }
        current = now
        return nil
    }

    /// Deals the timers of a queue out to the levels below, in their order.
    private mutating func moveDown(_ queue: Int) {
        var index = queues[queue].first
        queues[queue] = Queue()
        clear(queue)
        while index != Self.absent {
            let following = timers[Int(index)].next
            enqueue(Int(index))
            index = following
        }
    }

    /// Where a timer with this deadline belongs now. The answer changes for no timer that waits, since time stops
    /// at every slot that has some: so it finds a timer as well.
    private func queue(for deadline: Int64) -> Int {
        let differing = UInt64(bitPattern: deadline ^ current)
        let level = differing == 0 ? 0 : (63 &- differing.leadingZeroBitCount) >> 3
        return level << 8 | Int(truncatingIfNeeded: deadline &>> Int64(level &* 8)) & 0xff
    }

    private mutating func enqueue(_ index: Int) {
        let queue = queue(for: timers[index].deadline)
        let last = queues[queue].last
        timers[index].next = Self.absent
        timers[index].previous = last
        queues[queue].last = Int32(truncatingIfNeeded: index)
        if last != Self.absent {
            timers[Int(last)].next = Int32(truncatingIfNeeded: index)
        } else {
            queues[queue].first = Int32(truncatingIfNeeded: index)
            occupied[queue >> 6] |= 1 &<< UInt64(queue & 63)
            occupiedLevels |= 1 &<< UInt8(queue >> 8)
        }
    }

    private mutating func dequeue(_ index: Int) {
        let queue = queue(for: timers[index].deadline)
        let (next, previous) = (timers[index].next, timers[index].previous)
        if previous != Self.absent { timers[Int(previous)].next = next } else { queues[queue].first = next }
        if next != Self.absent {
            timers[Int(next)].previous = previous
        } else {
            queues[queue].last = previous
        }
        if queues[queue].first == Self.absent { clear(queue) }
    }

    private mutating func clear(_ queue: Int) {
        occupied[queue >> 6] &= ~(1 &<< UInt64(queue & 63))
        let level = queue >> 8
        let words = level * 4
        if occupied[words] | occupied[words + 1] | occupied[words + 2] | occupied[words + 3] == 0 {
            occupiedLevels &= ~(1 &<< UInt8(level))
        }
    }

    /// The first slot of a level that has timers; the level must have some.
    private func firstOccupied(_ level: Int) -> Int {
        var word = level * 4
        while occupied[word] == 0 { word += 1 }
        return (word & 3) << 6 | occupied[word].trailingZeroBitCount
    }

    private mutating func allocate() -> Int {
        if firstFree != Self.absent {
            let index = Int(firstFree)
            firstFree = timers[index].next
            return index
        }
        precondition(timers.count < Int(Int32.max), "more timers than their numbers can tell apart")
        timers.append(Timer(deadline: 0, payload: 0, next: Self.absent, previous: Self.absent, generation: 1))
        return timers.count - 1
    }

    private mutating func free(_ index: Int) {
        let generation = timers[index].generation &+ 1
        timers[index].generation = generation == 0 ? 1 : generation
        timers[index].next = firstFree
        firstFree = Int32(truncatingIfNeeded: index)
        count -= 1
    }
}
