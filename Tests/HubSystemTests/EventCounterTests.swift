import Glibc
import HubSystem
import Synchronization
import Testing

/// What wakes a thread that waits.
@Suite struct EventCounterTests {
    /// A counter that expectations can look at.
    private final class Bell: Sendable {
        let counter: EventCounter

        init() throws(SystemError) { counter = try EventCounter() }
        func isRung(within milliseconds: Int = 0) -> Bool { counter.wait(milliseconds: milliseconds) }
        var isReadable: Bool {
            var entry = pollfd(fd: counter.descriptor, events: Int16(POLLIN), revents: 0)
            return poll(&entry, 1, 0) == 1
        }
    }

    @Test func `A signal is taken by one wait, however often it was given`() throws {
        let bell = try Bell()
        #expect(!bell.isRung())
        bell.counter.signal()
        bell.counter.signal()
        #expect(bell.isRung(within: -1))
        #expect(!bell.isRung())
    }

    @Test func `A signal that is taken back wakes nobody`() throws {
        let bell = try Bell()
        bell.counter.signal()
        bell.counter.clear()
        #expect(!bell.isRung())
        // Nothing to take back: does not wait.
        bell.counter.clear()
    }

    @Test func `Waiting ends when time is up, and not before`() throws {
        let bell = try Bell()
        let before = SystemClock.monotonicNanoseconds()
        #expect(!bell.isRung(within: 40))
        #expect(SystemClock.monotonicNanoseconds() - before >= 39_000_000)
    }

    @Test func `A signal from another thread wakes the one that waits`() throws {
        let bell = try Bell()
        let descriptor = bell.counter.descriptor
        let thread = try SystemThread(name: "signals") {
            SystemClock.sleep(milliseconds: 10)
            // As an event loop does it: by the descriptor.
            var one: UInt64 = 1
            _ = Glibc.write(descriptor, &one, 8)
        }
        #expect(bell.isRung(within: 10_000))
        thread.join()
        #expect(!bell.isRung())
    }

    @Test func `The descriptor is readable while a signal stands`() throws {
        let bell = try Bell()
        #expect(!bell.isReadable)
        bell.counter.signal()
        #expect(bell.isReadable && bell.isReadable)
        bell.counter.clear()
        #expect(!bell.isReadable)
    }

    /// What a thread tells of its wait.
    private final class Waiter: Sendable {
        let handle = Mutex<pthread_t?>(nil)
        let over = Tally()
        let signals = Tally()
    }

    @Test(arguments: [-1, 60_000])
    func `A signal of the system that is handled does not end a wait`(_ limit: Int) throws {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in }
        #expect(sigaction(SIGUSR2, &action, nil) == 0)
        let waiter = Waiter()
        let channel = try Channel<Int>(capacity: 1)
        let thread = try SystemThread(name: "waits") {
            waiter.handle.withLock { $0 = pthread_self() }
            if channel.arrivals.wait(milliseconds: limit) { waiter.signals.add() }
            waiter.over.add()
        }
        for _ in 0..<10 {
            SystemClock.sleep(milliseconds: 3)
            waiter.handle.withLock { handle in
                if let handle { _ = pthread_kill(handle, SIGUSR2) }
            }
        }
        SystemClock.sleep(milliseconds: 3)
        #expect(waiter.over.count == 0)
        channel.arrivals.signal()
        thread.join()
        #expect(waiter.signals.count == 1)
    }
}
