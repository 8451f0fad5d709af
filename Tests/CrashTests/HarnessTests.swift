import Foundation
import Testing

/// The crash harness in small: what a developer's test run can afford. The whole of it is run by hand and by night.
@Suite("The log survives", .serialized)
struct HarnessTests {
    @Test("a writer that is killed at random, five times")
    func kill() throws {
        let result = try Harness.run(["kill", Harness.scratch(), "rounds=5", "seed=\(Harness.seed)"])
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output.contains("0 violations"))
    }

    @Test(
        "a power cut at every boundary of what was written, with and without retention", arguments: [0, 400])
    func torn(retention: Int) throws {
        let result = try Harness.run([
            "torn", Harness.scratch(), "variants=1000", "seed=\(Harness.seed)", "retention=\(retention)",
        ])
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output.contains("0 violations"))
    }

    @Test("a full disk, a failing one, a read-only one")
    func faults() throws {
        let result = try Harness.run(["faults", Harness.scratch()])
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output.contains("all passed"))
    }
}

/// Starts the harness, which the build leaves beside the tests.
enum Harness {
    /// Differs from run to run; the harness prints it, so that a failure can be repeated.
    static let seed = UInt64.random(in: 1...1_000_000)

    struct Result {
        let status: Int32
        let output: String
    }

    static func run(_ arguments: [String]) throws -> Result {
        let process = Process()
        process.executableURL = programs.appendingPathComponent("CrashHarness")
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let result = Result(status: process.terminationStatus, output: String(decoding: text, as: UTF8.self))
        // A log that violates a promise stays for whoever looks into it.
        if result.status == 0 { try? FileManager.default.removeItem(atPath: arguments[1]) }
        return result
    }

    static func scratch() -> String {
        FileManager.default.temporaryDirectory.appendingPathComponent("agenthub-crash-\(UUID().uuidString)")
            .path
    }

    /// Where the build leaves programs: beside the bundle that has this code.
    private static var programs: URL {
        var url = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        if let bundle = ProcessInfo.processInfo.arguments.first(where: { $0.hasSuffix(".xctest") }) {
            url = URL(fileURLWithPath: bundle)
        }
        return url.deletingLastPathComponent()
    }
}
