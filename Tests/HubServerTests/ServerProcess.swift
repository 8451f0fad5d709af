import Foundation
import HubSystem

/// `EchoServer` in a process of its own, whose memory and descriptors are nobody else's; it ends with this.
final class ServerProcess {
    private let process = Process()
    private let input = Pipe()
    let address: SocketAddress

    struct NotStarted: Error {}

    /// Starts the program, which the build leaves beside the tests, with so many descriptors at most.
    init(descriptors: Int = 1024, _ words: String...) throws {
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            ["bash", "-c", "ulimit -n \(descriptors) && exec \"$0\" \"$@\"", Self.program]
            + ["--until-input-ends", "--patience", "300000"] + words
        let output = Pipe()
        process.standardOutput = output
        process.standardInput = input
        try process.run()
        var text = ""
        while !text.contains("\n") {
            let piece = output.fileHandleForReading.availableData
            if piece.isEmpty { throw NotStarted() }
            text += String(decoding: piece, as: UTF8.self)
        }
        guard let word = text.split(whereSeparator: \.isWhitespace).last,
            let address = SocketAddress(String(word))
        else { throw NotStarted() }
        self.address = address
    }

    deinit {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    private static var program: String {
        var folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent()
        for argument in CommandLine.arguments where argument.contains(".xctest") {
            folder = URL(fileURLWithPath: argument).deletingLastPathComponent()
        }
        return folder.appendingPathComponent("EchoServer").path
    }

    var isRunning: Bool { process.isRunning }

    /// Processor time so far, in seconds.
    func processorSeconds() throws -> Double {
        let text = try String(contentsOfFile: "/proc/\(process.processIdentifier)/stat", encoding: .utf8)
        // Behind the program's name, which is in parentheses: user time is the twelfth, system time the next.
        let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else {
            throw NotStarted()
        }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// How far resident memory rose above what it was, at any moment while `body` ran.
    func peakBytes(during body: () throws -> Void) throws -> Int {
        // 5 makes the peak what is resident now.
        try "5".write(
            toFile: "/proc/\(process.processIdentifier)/clear_refs", atomically: false, encoding: .ascii)
        let before = try bytes("VmRSS")
        try body()
        return try bytes("VmHWM") - before
    }

    private func bytes(_ name: String) throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
        for line in text.split(separator: "\n") where line.hasPrefix("\(name):") {
            let words = line.split(whereSeparator: \.isWhitespace)
            if words.count > 1, let count = Int(words[1]) { return count * 1024 }
        }
        throw NotStarted()
    }
}
