import CLinux
import Glibc

/// Wakes one waiting thread, or an event loop that watches its descriptor.
package struct EventCounter: ~Copyable, Sendable {
    private let file: FileDescriptor

    /// A counter at zero.
    package init() throws(SystemError) {
        let number = clinux_event_counter()
        guard number >= 0 else { throw SystemError(code: -number, operation: "eventfd") }
        file = FileDescriptor(owning: number)
    }

    /// The descriptor to watch: readable after a signal, until cleared.
    package var descriptor: Int32 { file.number }

    /// Wakes whoever waits, or the next one to wait.
    package func signal() {
        var one: UInt64 = 1
        // Safety: eight bytes of a live local. A full counter means that the signal is standing already.
        _ = unsafe Glibc.write(file.number, &one, 8)
    }

    /// Takes the signal back.
    package func clear() {
        var count: UInt64 = 0
        // Safety: eight bytes of a live local. Without a signal there is nothing to take back.
        _ = unsafe Glibc.read(file.number, &count, 8)
    }

    /// Waits for a signal and takes it; false if none came in time. Negative means for ever.
    @discardableResult
    package func wait(milliseconds: Int = -1) -> Bool {
        let begin = SystemClock.monotonicNanoseconds()
        var rest = milliseconds
        while true {
            var poll = pollfd(fd: file.number, events: Int16(POLLIN), revents: 0)
            // Safety: one live entry, as said.
            let ready = unsafe Glibc.poll(&poll, 1, Int32(clamping: rest))
            if ready > 0 { clear() }
            guard ready < 0, errno == EINTR else { return ready > 0 }
            // A signal of the system that this thread happened to handle is no reason to stop waiting.
            if milliseconds > 0 {
                let elapsed = (SystemClock.monotonicNanoseconds() &- begin) / 1_000_000
                rest = max(0, milliseconds - Int(clamping: elapsed))
            }
        }
    }
}
