import FaultTrace
import Foundation
import Testing

/// A Python interpreter under FaultLayer that evaluates one expression after the other; `fd` is an open
/// `data.mdb` in its folder.
final class PreloadedPython {
    /// The interpreter itself: a wrapper script found first would run under the layer too, only slower.
    static let interpreter: String? = {
        let search = Process()
        let output = Pipe()
        search.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        search.arguments = ["python3", "-c", "import sys; print(sys.executable)"]
        search.standardOutput = output
        search.standardError = FileHandle.nullDevice
        guard (try? search.run()) != nil else { return nil }
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        search.waitUntilExit()
        let path = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .newlines)
        return search.terminationStatus == 0 && !path.isEmpty ? path : nil
    }()

    private static let loop = """
        import os, sys
        fd = os.open("data.mdb", os.O_RDWR | os.O_CREAT, 0o600)
        for line in sys.stdin:
            try: print(eval(line), flush=True)
            except OSError as error: print("errno", error.errno, flush=True)
        """

    let folder: TemporaryFolder
    let control: FaultControl
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var isGone = false

    init(setup: String = "", script: String = PreloadedPython.loop) throws {
        folder = try TemporaryFolder()
        control = try FaultControl(path: folder.file("control"))
        let faults = try #require(
            FaultPreload.environment(trace: folder.file("trace"), control: control.path),
            "libFaultLayer.so is not next to the tests")
        process.executableURL = URL(fileURLWithPath: try #require(Self.interpreter))
        process.arguments = ["-c", setup + "\n" + script]
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        process.environment = ProcessInfo.processInfo.environment.merging(faults) { $1 }
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    /// The value of an expression as Python prints it, "errno ..." if it failed, nil if the process is gone.
    func run(_ expression: String) -> String? {
        input.fileHandleForWriting.write(Data((expression + "\n").utf8))
        var line = Data()
        while line.last != UInt8(ascii: "\n") {
            let more = output.fileHandleForReading.availableData
            if more.isEmpty {
                isGone = true
                return nil
            }
            line += more
        }
        return String(decoding: line.dropLast(), as: UTF8.self)
    }

    /// Lets the process end; the number of the signal that ended it, or 0.
    @discardableResult
    func finish() throws -> Int32 {
        // Not by closing its input: processes started meanwhile by other tests may hold that pipe open too.
        if !isGone { input.fileHandleForWriting.write(Data("sys.exit()\n".utf8)) }
        process.waitUntilExit()
        return process.terminationReason == .uncaughtSignal ? process.terminationStatus : 0
    }

    func trace() throws -> Trace { try Trace(contentsOf: folder.file("trace")) }

    func image() throws -> FileImage { try FileImage(contentsOf: folder.file("data.mdb")) }
}
