import CLinux
import Glibc
import HubBytes

/// A line for the shell that runs beside this process: it is given something to read and watched until it ends. What it says on
/// standard error goes where that of this process goes.
package struct ShellProcess {
    /// How it ended.
    package enum End: Sendable, Equatable {
        /// By itself, with a code; 128 and the signal's number if one ended it.
        case code(Int32)
        /// It took too long, or nobody wanted it any more.
        case stopped
        /// It wrote more than was wanted.
        case tooMuch
    }

    private let line: String
    private let environment: [UInt8]

    private static let tickMilliseconds = 100

    /// A line with variables beside those of this process. A value with a zero byte in it ends there.
    package init(_ line: String, environment: [(name: String, value: String)] = []) {
        self.line = line
        var bytes: [UInt8] = []
        for (name, value) in environment {
            bytes += Array(name.utf8) + [UInt8(ascii: "=")] + Array(value.utf8.prefix { $0 != 0 }) + [0]
        }
        self.environment = bytes
    }

    /// Runs it with `input` to read, and returns how it ended and what it wrote. `goesOn` is asked ten times a second.
    package func run(
        input: [UInt8], outputBytesMax: Int, while goesOn: () -> Bool
    ) throws(SystemError) -> (end: End, output: [UInt8]) {
        // A line that does not read its input is no reason for this process to end.
        clinux_ignore_broken_pipes()
        var numbers: (input: Int32, output: Int32) = (-1, -1)
        // Safety: line and variables are lent for the call, which copies them into the new process.
        let process = unsafe environment.withUnsafeBufferPointer { added in
            unsafe added.withMemoryRebound(to: CChar.self) { added in
                var none: CChar = 0
                // Without variables there is no address to give; a byte of which none is read will do.
                return unsafe withUnsafePointer(to: &none) { placeholder in
                    unsafe clinux_spawn_shell(
                        line, added.baseAddress ?? placeholder, UInt64(added.count), &numbers.input,
                        &numbers.output)
                }
            }
        }
        guard process > 0 else { throw SystemError(code: -process, operation: "start the shell") }
        var running = RunningShell(
            process: process, input: FileDescriptor(owning: numbers.input),
            output: FileDescriptor(owning: numbers.output), toSend: input)
        while true {
            let end = running.step(milliseconds: Self.tickMilliseconds)
            if running.received.count > outputBytesMax {
                running.stop()
                return (.tooMuch, running.received)
            }
            if let end { return (.code(end), running.received) }
            guard goesOn() else {
                running.stop()
                return (.stopped, running.received)
            }
        }
    }
}

/// A shell that has not ended, with the two pipes that lead to it.
private struct RunningShell: ~Copyable {
    private let process: Int32
    /// Nil once all is sent, which is how the other side sees the end.
    private var input: FileDescriptor?
    private let inputNumber: Int32
    private let output: FileDescriptor
    private var toSend: [UInt8]
    private var sent = 0
    private var isOutputOver = false
    private(set) var received: [UInt8] = []

    private static let pieceBytes = 64 << 10

    init(
        process: Int32, input: consuming FileDescriptor, output: consuming FileDescriptor, toSend: [UInt8]
    ) {
        self.process = process
        inputNumber = input.number
        self.input = .some(input)
        self.output = output
        self.toSend = toSend
    }

    /// Moves bytes as far as they go without waiting, or waits for a while; the code once the shell has ended.
    mutating func step(milliseconds: Int) -> Int32? {
        send()
        receive()
        var code: Int32 = 0
        // Safety: the code outlives the call.
        let answer = unsafe clinux_wait_process(process, &code)
        if answer != 0 {
            // What it wrote last is in the pipe; those that it started may keep that open.
            receive()
            return answer > 0 ? code : -1
        }
        wait(milliseconds: milliseconds)
        return nil
    }

    /// Ends it, and those that it started, as no program can refuse to be ended.
    func stop() {
        clinux_end_process_group(process, SIGKILL)
        var code: Int32 = 0
        // Safety: the code outlives the call.
        while unsafe clinux_wait_process(process, &code) == 0 { SystemClock.sleep(milliseconds: 1) }
    }

    private mutating func send() {
        guard let file = input.take() else { return }
        while sent < toSend.count {
            // Safety: the rest of the bytes, lent for the call.
            let count = unsafe toSend[sent...].withUnsafeBytes {
                unsafe Glibc.write(file.number, $0.baseAddress, $0.count)
            }
            if count > 0 {
                sent += count
            } else if errno == EAGAIN {
                input = .some(file)
                return
            } else if errno != EINTR {
                // It does not read what it was given, which is its own business.
                return
            }
        }
    }

    private mutating func receive() {
        while !isOutputOver {
            let number = output.number
            var count = 0
            // Safety: the closure says how much of the buffer the call has filled.
            let bytes = unsafe [UInt8](unsafeUninitializedCapacity: Self.pieceBytes) { buffer, filled in
                unsafe count = Glibc.read(number, buffer.baseAddress, Self.pieceBytes)
                filled = max(0, count)
            }
            received += bytes
            if count < 0, errno == EINTR { continue }
            if count < 0 { return }
            isOutputOver = count == 0
            // Whoever wants less than that says so between two steps.
            if received.count > 64 << 20 { return }
        }
    }

    private func wait(milliseconds: Int) {
        // Where both pipes are done with there is nothing to wait for but the end, which no descriptor tells.
        let isBusy = input != nil
        if isOutputOver, !isBusy { return SystemClock.sleep(milliseconds: 5) }
        var entries = [
            pollfd(fd: isOutputOver ? -1 : output.number, events: Int16(POLLIN), revents: 0),
            pollfd(fd: -1, events: Int16(POLLOUT), revents: 0),
        ]
        if isBusy { entries[1].fd = inputNumber }
        // Safety: two live entries, as said.
        _ = unsafe Glibc.poll(&entries, 2, Int32(milliseconds))
    }
}
