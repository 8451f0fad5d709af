import Foundation
import Testing

/// A hub as it is shipped, and agents in Python that know nothing but the protocol's page.
@Suite("End to end")
struct EndToEndTests {
    /// Longer than the whole takes on a busy machine: a suite that hangs is a failure that says where.
    private static let limitSeconds = 600

    @Test("Agents in Python get from the hub what its pages promise")
    func suite() throws {
        let outcome = try Self.run("run")
        print(outcome.output)
        #expect(outcome.status == 0, "\(outcome.output)")
    }

    @Test("Everyone may do what docs/access.md gives him and no more, and no secret is in any log")
    func rights() throws {
        let outcome = try Self.run("rights/run")
        print(outcome.output)
        #expect(outcome.status == 0, "\(outcome.output)")
    }

    private static func run(_ script: String) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["timeout", "\(limitSeconds)", "\(repository)/Tests/EndToEnd/\(script)"]
        process.environment = ProcessInfo.processInfo.environment.merging([
            "AGENTHUB_PROGRAM": programs.appendingPathComponent("agenthub").path
        ]) { _, new in new }
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: text, as: UTF8.self))
    }

    private static var repository: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path
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
