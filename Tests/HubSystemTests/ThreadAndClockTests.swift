import Glibc
import HubSystem
import Synchronization
import Testing

/// Threads with names, and clocks.
@Suite struct ThreadAndClockTests {
    @Test func `A thread runs its body under its name, and joining waits for it`() throws {
        let found = Mutex("")
        let thread = try SystemThread(name: "storage") {
            SystemClock.sleep(milliseconds: 10)
            let bytes = try? FileDescriptor.open("/proc/thread-self/comm", .read).read(32, at: 0)
            found.withLock { $0 = String(decoding: bytes ?? [], as: UTF8.self) }
        }
        thread.join()
        #expect(found.withLock { $0 } == "storage\n")
        // There is nothing left to wait for.
        thread.join()
    }

    @Test func `A name longer than the system takes does not keep a thread from running`() throws {
        let runs = Tally()
        let thread = try SystemThread(name: "a thread whose name goes on and on") {
            runs.add()
        }
        thread.join()
        #expect(runs.count == 1)
    }

    @Test func `A thread lets go of what its body holds`() throws {
        final class Held: Sendable {}
        weak var left: Held?
        do {
            let held = Held()
            left = held
            let thread = try SystemThread(name: "holds") { _ = held }
            thread.join()
        }
        #expect(left == nil)
    }

    @Test func `The monotonic clock never goes back`() {
        var last = SystemClock.monotonicNanoseconds()
        var wentBack = false
        for _ in 0..<100_000 {
            let now = SystemClock.monotonicNanoseconds()
            wentBack = wentBack || now < last
            last = now
        }
        #expect(!wentBack)
    }

    @Test func `Sleeping takes as long as was asked for`() {
        let before = SystemClock.monotonicNanoseconds()
        SystemClock.sleep(milliseconds: 25)
        #expect(SystemClock.monotonicNanoseconds() - before >= 25_000_000)
    }

    @Test func `The wall clock counts microseconds since 1970`() {
        let micros = SystemClock.wallMicroseconds()
        let seconds = Int64(time(nil))
        #expect(abs(micros / 1_000_000 - seconds) <= 1)
    }

    @Test func `Variables of the environment are read, and missing ones are nil`() {
        setenv("AGENTHUB_TEST_VARIABLE", "value", 1)
        #expect(CurrentProcess.variable("AGENTHUB_TEST_VARIABLE") == "value")
        #expect(CurrentProcess.variable("AGENTHUB_TEST_NO_VARIABLE") == nil)
    }
}
