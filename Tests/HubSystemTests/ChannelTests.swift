import HubSystem
import Testing

/// The queue between two threads.
@Suite struct ChannelTests {
    /// Has one owner, as blocks do, and tells how many of its kind are alive.
    private struct Parcel: ~Copyable, Sendable {
        let number: Int
        private let alive: Tally?

        init(_ number: Int, _ alive: Tally? = nil) {
            self.number = number
            self.alive = alive
            alive?.add()
        }

        deinit { alive?.add(-1) }
    }

    /// Offers a parcel; says whether it was taken in.
    private func offer(_ number: Int, to channel: Channel<Parcel>) -> Bool {
        var parcel: Parcel? = Parcel(number)
        channel.offer(&parcel)
        if let left = parcel {
            #expect(left.number == number)
            return false
        }
        return true
    }

    /// Takes a parcel; its number, nil if there was none.
    private func take(_ channel: Channel<Parcel>, waitingMilliseconds limit: Int = 0) -> Int? {
        if limit == 0 {
            guard let parcel = channel.take() else { return nil }
            return parcel.number
        }
        guard let parcel = channel.take(waitingMilliseconds: limit) else { return nil }
        return parcel.number
    }

    private func hasArrival(_ channel: Channel<Parcel>) -> Bool { channel.arrivals.wait(milliseconds: 0) }
    private func hasDeparture(_ channel: Channel<Parcel>) -> Bool { channel.departures.wait(milliseconds: 0) }

    @Test func `Elements come out in the order in which they went in`() throws {
        let channel = try Channel<Parcel>(capacity: 3)
        var next = 0
        // Round and round, so that the ring's end is passed at every fill level.
        for round in 0..<20 {
            let count = round % 3 + 1
            for index in 0..<count { #expect(offer(next + index, to: channel)) }
            for index in 0..<count { #expect(take(channel) == next + index) }
            next += count
        }
        #expect(take(channel) == nil)
    }

    @Test func `A full queue leaves an element with whoever offers it`() throws {
        let channel = try Channel<Parcel>(capacity: 2)
        #expect(offer(1, to: channel) && offer(2, to: channel))
        #expect(!offer(3, to: channel))
        #expect(take(channel) == 1)
        #expect(offer(3, to: channel))
        #expect(!offer(4, to: channel))
        #expect(take(channel) == 2 && take(channel) == 3 && take(channel) == nil)
    }

    @Test func `The receiver is woken once for a batch`() throws {
        let channel = try Channel<Parcel>(capacity: 4)
        #expect(!hasArrival(channel))
        #expect(offer(1, to: channel))
        #expect(hasArrival(channel))
        #expect(offer(2, to: channel) && offer(3, to: channel))
        #expect(!hasArrival(channel))
        while channel.take() != nil {}
        #expect(offer(4, to: channel))
        #expect(hasArrival(channel))
    }

    @Test func `A sender is woken for room only if it was turned away`() throws {
        let channel = try Channel<Parcel>(capacity: 2)
        #expect(offer(1, to: channel) && offer(2, to: channel))
        _ = channel.take()
        #expect(!hasDeparture(channel))
        #expect(offer(3, to: channel) && !offer(4, to: channel))
        _ = channel.take()
        #expect(hasDeparture(channel))
        _ = channel.take()
        #expect(!hasDeparture(channel))
    }

    @Test func `A closed queue takes nothing more and gives out what it has`() throws {
        let channel = try Channel<Parcel>(capacity: 4)
        #expect(offer(1, to: channel) && offer(2, to: channel))
        channel.close()
        #expect(channel.isClosed && !offer(3, to: channel))
        #expect(take(channel) == 1)
        #expect(take(channel, waitingMilliseconds: -1) == 2)
        #expect(take(channel, waitingMilliseconds: -1) == nil && take(channel) == nil)
        channel.close()
        #expect(channel.isClosed)
    }

    @Test func `Sending into a closed queue drops the element and does not wait`() throws {
        let channel = try Channel<Parcel>(capacity: 1)
        let alive = Tally()
        channel.send(Parcel(1, alive))
        channel.close()
        channel.send(Parcel(2, alive))
        #expect(alive.count == 1)
    }

    @Test func `A queue that goes takes its elements with it`() throws {
        let alive = Tally()
        do {
            let channel = try Channel<Parcel>(capacity: 3)
            for number in 0..<3 { channel.send(Parcel(number, alive)) }
            _ = channel.take()
            channel.send(Parcel(3, alive))
            #expect(alive.count == 3)
        }
        #expect(alive.count == 0)
    }

    @Test func `Closing wakes a receiver that waits`() throws {
        let channel = try Channel<Parcel>(capacity: 1)
        let answers = Tally()
        let thread = try SystemThread(name: "receiver") {
            if take(channel, waitingMilliseconds: -1) == nil { answers.add() }
        }
        SystemClock.sleep(milliseconds: 20)
        channel.close()
        thread.join()
        #expect(answers.count == 1)
    }

    @Test func `Closing wakes all who wait for an element`() throws {
        let channel = try Channel<Parcel>(capacity: 1)
        let threads = try (0..<3).map { number in
            try SystemThread(name: "taker-\(number)") {
                while channel.take(waitingMilliseconds: -1) != nil {}
            }
        }
        SystemClock.sleep(milliseconds: 20)
        channel.close()
        for thread in threads { thread.join() }
        #expect(take(channel) == nil)
    }

    @Test func `Closing wakes a sender that waits for room`() throws {
        let channel = try Channel<Parcel>(capacity: 1)
        let alive = Tally()
        channel.send(Parcel(1, alive))
        let thread = try SystemThread(name: "sender") { channel.send(Parcel(2, alive)) }
        SystemClock.sleep(milliseconds: 20)
        channel.close()
        thread.join()
        #expect(alive.count == 1)
        #expect(take(channel) == 1 && take(channel) == nil)
    }

    @Test func `Waiting for an element ends when time is up`() throws {
        let channel = try Channel<Parcel>(capacity: 1)
        let before = SystemClock.monotonicNanoseconds()
        #expect(take(channel, waitingMilliseconds: 30) == nil)
        #expect(SystemClock.monotonicNanoseconds() - before >= 29_000_000)
        // A signal that is left from an element taken without waiting is no element.
        #expect(offer(1, to: channel))
        #expect(take(channel) == 1)
        #expect(take(channel, waitingMilliseconds: 10) == nil)
    }

    @Test(arguments: [1, 2, 7])
    func `Everything that one thread sends comes to the other, once and in order`(_ capacity: Int) throws {
        let channel = try Channel<Parcel>(capacity: capacity)
        let alive = Tally()
        let count = 50_000
        let thread = try SystemThread(name: "sender") {
            for number in 0..<count { channel.send(Parcel(number, alive)) }
            channel.close()
        }
        var expected = 0
        var isInOrder = true
        while let parcel = channel.take(waitingMilliseconds: -1) {
            isInOrder = isInOrder && parcel.number == expected
            expected += 1
        }
        thread.join()
        #expect(isInOrder && expected == count)
        #expect(alive.count == 0)
    }

    @Test func `What is sent just before closing is never lost`() throws {
        var lost = 0
        for round in 0..<500 {
            let channel = try Channel<Parcel>(capacity: 1)
            let thread = try SystemThread(name: "sender") {
                channel.send(Parcel(round))
                channel.close()
            }
            if take(channel, waitingMilliseconds: -1) == nil { lost += 1 }
            thread.join()
        }
        #expect(lost == 0)
    }
}
