import CLinux
import Glibc

/// Where a process reads what it is given.
package enum StandardInput {
    /// Whether a person types.
    package static var isTerminal: Bool { isatty(STDIN_FILENO) == 1 }

    /// Waits until there is something to read, or the end; false if neither came in time.
    package static func wait(milliseconds: Int) -> Bool {
        var poll = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        // Safety: one live entry, as said.
        return unsafe Glibc.poll(&poll, 1, Int32(clamping: milliseconds)) > 0
    }

    /// Reads what is there, up to so many bytes; nothing at the end.
    package static func read(upTo count: Int) throws(SystemError) -> [UInt8] {
        precondition(count > 0)
        var failure: SystemError?
        // Safety: the closure says how much of the buffer the call has filled.
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while true {
                let got = unsafe Glibc.read(STDIN_FILENO, buffer.baseAddress, count)
                if got < 0 {
                    if errno == EINTR { continue }
                    failure = .last("read standard input")
                }
                filled = max(0, got)
                return
            }
        }
        if let failure { throw failure }
        return bytes
    }
}

/// The keys of a terminal as they are pressed, without an echo. The terminal is as it was before once this is let go of.
package struct Keys: ~Copyable {
    /// Begins to look at keys.
    package init() throws(SystemError) {
        let code = clinux_keys_enter()
        guard code == 0 else { throw SystemError(code: -code, operation: "read keys") }
    }

    deinit { clinux_keys_leave() }

    /// Waits for a key; nil if none was pressed in time.
    package func next(waitingMilliseconds wait: Int) -> Terminal.Key? {
        let answer = clinux_terminal_key(Int32(clamping: wait))
        if answer >= 0 { return .byte(UInt8(truncatingIfNeeded: answer)) }
        return answer == -2 ? .end : nil
    }
}
