import Foundation
import Glibc
import Testing

/// A command that runs beside the test, with what it has written so far.
final class RunningCommand {
    private let process = Process()
    private let output: URL
    private let complaint: URL

    init(_ words: [String], _ environment: [String: String], in folder: URL) throws {
        let name = UUID().uuidString
        output = folder.appendingPathComponent("\(name).output")
        complaint = folder.appendingPathComponent("\(name).complaint")
        for file in [output, complaint] {
            _ = FileManager.default.createFile(atPath: file.path, contents: nil)
        }
        process.executableURL = URL(fileURLWithPath: CommandRun.program)
        process.arguments = words
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: complaint)
        try process.run()
    }

    deinit { if process.isRunning { Glibc.kill(process.processIdentifier, SIGKILL) } }

    /// What it has written.
    var text: String { (try? String(contentsOf: output, encoding: .utf8)) ?? "" }

    /// What it has said beside.
    var remarks: String { (try? String(contentsOf: complaint, encoding: .utf8)) ?? "" }

    /// Waits until it has written something; false if it does not within half a minute, or ends before.
    func writes(_ words: String) -> Bool { waits { self.text.contains(words) } }

    /// Waits until it has said something beside its results.
    func remarks(_ words: String) -> Bool { waits { self.remarks.contains(words) } }

    private func waits(_ condition: () -> Bool) -> Bool {
        let deadline = Date().addingTimeInterval(30)
        while Date() < deadline {
            if condition() { return true }
            if !process.isRunning { return condition() }
            usleep(20_000)
        }
        return false
    }

    /// Waits until it ends; its exit code.
    func end() -> Int32 {
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// Ctrl-C; the exit code.
    func interrupt() -> Int32 {
        process.interrupt()
        return end()
    }

    /// Ends it as no program can refuse.
    func kill() {
        Glibc.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}

/// The hub as it is run, on a free port, with a log and a home of its own.
final class LiveHub {
    let url: String
    let folder: URL
    private let authority: String
    private let hub: RunningCommand

    /// Starts it, after a line for the shell that finds its folder in `$folder`.
    init(withTLS: Bool = false, preparing line: String = ":") throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "agenthub-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let prepared = try CommandRun.shell(line, environment: ["folder": folder.path])
        try #require(prepared.code == 0, "\(prepared.complaint)")
        let listening = withTLS ? try Self.secured(folder) : ["--listen", "127.0.0.1:0"]
        hub = try RunningCommand(
            ["serve"] + listening + ["--data", folder.appendingPathComponent("data").path],
            ["HOME": folder.path], in: folder)
        try #require(hub.writes("listens on "), "\(hub.remarks)")
        let text = hub.text
        let start = try #require(text.range(of: "://127.0.0.1:"))
        let port = text[start.upperBound...].prefix { $0.isNumber }
        url = "\(withTLS ? "wss" : "ws")://127.0.0.1:\(port)"
        authority = withTLS ? folder.appendingPathComponent("certs/ca.pem").path : ""
    }

    /// Has an authority issue a certificate, and a file say that the hub shows it.
    private static func secured(_ folder: URL) throws -> [String] {
        let issue = try CommandRun.shell(
            #"""
            cd "$folder" && "$agenthub" certs ca --folder certs &&
            "$agenthub" certs issue localhost --server --also 127.0.0.1 --folder certs &&
            cat > hub.json5 <<END
            { listeners: [{ address: "127.0.0.1:0", tls: { certificate: "$folder/localhost.pem", key: "$folder/localhost.key" } }] }
            END
            """#, environment: ["folder": folder.path])
        try #require(issue.code == 0, "\(issue.complaint)")
        return ["--config", folder.appendingPathComponent("hub.json5").path]
    }

    deinit {
        hub.kill()
        try? FileManager.default.removeItem(at: folder)
    }

    var environment: [String: String] {
        [
            "AGENTHUB_URL": url, "AGENTHUB_TOKEN": "", "AGENTHUB_CONTEXT": "", "AGENTHUB_CA": authority,
            "HOME": folder.path,
            "XDG_CONFIG_HOME": folder.path, "USER": "tester",
        ]
    }

    /// Calls the program, and waits for it.
    func run(_ words: String...) throws -> CommandRun { try run(words) }

    /// Calls the program, and waits for it.
    func run(_ words: [String]) throws -> CommandRun {
        try CommandRun.agenthub(words, environment: environment)
    }

    /// Runs a line of Bash in which `$agenthub` is the program.
    func shell(_ line: String) throws -> CommandRun {
        try CommandRun.shell(line, environment: environment)
    }

    /// Calls the program, and leaves it running.
    func start(_ words: String...) throws -> RunningCommand {
        try RunningCommand(words, environment, in: folder)
    }
}
