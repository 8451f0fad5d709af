import Foundation
import Glibc

/// A writer in a process of its own, and what it has said so far.
final class WriterProcess {
    private let process = Process()
    private let output = Pipe()
    private(set) var committed: UInt64 = 0
    private(set) var refusals: [UInt64] = []
    private(set) var failure: UInt64?
    private(set) var isDone = false
    private var rest: [UInt8] = []

    /// Starts this very program as a writer.
    init(_ arguments: [String], environment: [String: String] = [:]) throws {
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["write"] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardOutput = output
        try process.run()
        let number = output.fileHandleForReading.fileDescriptor
        _ = fcntl(number, F_SETFL, fcntl(number, F_GETFL) | O_NONBLOCK)
    }

    /// Takes in what the writer has said; false once it has closed its end.
    @discardableResult
    func listen(milliseconds: Int32 = 0) -> Bool {
        let number = output.fileHandleForReading.fileDescriptor
        var wait = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
        guard poll(&wait, 1, milliseconds) > 0 else { return true }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = read(number, &buffer, buffer.count)
        if count == 0 { return false }
        if count > 0 { rest += buffer[..<count] }
        while rest.count >= 16 {
            take(
                rest[..<16].withUnsafeBytes {
                    ($0.loadUnaligned(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
                })
            rest.removeFirst(16)
        }
        return true
    }

    private func take(_ words: (UInt64, UInt64)) {
        switch Writer.Report(rawValue: words.0) {
        case .committed: committed = max(committed, words.1)
        case .refused: refusals.append(words.1)
        case .failed: failure = words.1
        case .done: isDone = true
        case nil: fatalError("the writer said something unknown: \(words)")
        }
    }

    /// Listens until something is so or time is up; says whether it is so.
    func wait(seconds: Double, until isSo: () -> Bool) -> Bool {
        let end = Date().addingTimeInterval(seconds)
        while !isSo() {
            if Date() > end { return false }
            if !listen(milliseconds: 10) { return isSo() }
        }
        return true
    }

    /// Kills the writer, or waits for its end, and takes in its last words.
    func finish(kill: Bool) {
        if kill { Glibc.kill(process.processIdentifier, SIGKILL) }
        while listen(milliseconds: 1000) {}
        process.waitUntilExit()
    }
}
