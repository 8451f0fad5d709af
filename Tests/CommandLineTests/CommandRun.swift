import Foundation

/// A call of the program, or of a shell line around it, with all that came of it.
struct CommandRun {
    let code: Int32
    let output: String
    let complaint: String

    /// The program, built with the tests.
    static let program: String = {
        // The tests' own executable lies in the same folder.
        var folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent()
        for argument in CommandLine.arguments where argument.contains(".xctest") {
            folder = URL(fileURLWithPath: argument).deletingLastPathComponent()
        }
        return folder.appendingPathComponent("agenthub").path
    }()

    /// Calls the program.
    static func agenthub(_ words: String..., environment: [String: String] = [:]) throws -> CommandRun {
        try run(program, words, environment)
    }

    /// Calls the program.
    static func agenthub(_ words: [String], environment: [String: String]) throws -> CommandRun {
        try run(program, words, environment)
    }

    /// Runs a line of Bash in which `$agenthub` is the program.
    static func shell(_ line: String, environment: [String: String] = [:]) throws -> CommandRun {
        try run(
            "/usr/bin/env", ["bash", "-c", line], environment.merging(["agenthub": program]) { own, _ in own }
        )
    }

    private static func run(
        _ path: String, _ words: [String], _ environment: [String: String]
    ) throws -> CommandRun {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = words
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        // Files rather than pipes: a full pipe would stop the program.
        let files = try ["output", "complaint"].map { name in
            let file = folder.appendingPathComponent(name)
            _ = FileManager.default.createFile(atPath: file.path, contents: nil)
            return (file, try FileHandle(forWritingTo: file))
        }
        process.standardOutput = files[0].1
        process.standardError = files[1].1
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return CommandRun(
            code: process.terminationStatus, output: try String(contentsOf: files[0].0, encoding: .utf8),
            complaint: try String(contentsOf: files[1].0, encoding: .utf8))
    }

    /// The output as one JSON object.
    func object() throws -> [String: Any] {
        try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any] ?? [:]
    }

    /// The output as JSON objects, one a line.
    func lines() throws -> [[String: Any]] {
        try output.split(separator: "\n").map {
            try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:]
        }
    }
}
