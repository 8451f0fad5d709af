import Foundation
import Glibc
import Testing

/// Memory of many sessions, in a process of their own: what other tests take meanwhile would count as well.
@Suite(.enabled(if: !isSanitized, "sanitizers take memory of their own")) struct MemoryTests {
    /// The figures of a run in kB, by what they are of.
    private func measure(_ words: String...) throws -> [String: Double] {
        var folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent()
        for argument in CommandLine.arguments where argument.contains(".xctest") {
            folder = URL(fileURLWithPath: argument).deletingLastPathComponent()
        }
        let program = try PeerProgram([folder.appendingPathComponent("TLSBench").path] + words)
        #expect(program.finish() == 0)
        var figures: [String: Double] = [:]
        for line in program.text.split(separator: "\n") {
            let parts = line.components(separatedBy: ": ")
            guard parts.count > 1, let last = parts.last, last.contains(" kB each"),
                let number = Double(last.prefix { $0 != " " })
            else { continue }
            figures[parts[parts.count - 2].trimmingCharacters(in: .whitespaces)] = number
        }
        return figures
    }

    @Test("An idle session takes at most 25 kB", arguments: ["idle", "idle-mtls"])
    func idle(_ command: String) throws {
        let figures = try measure(command, "sessions=2000")
        #expect(figures.count == 1)
        for (name, figure) in figures { #expect((1...25).contains(figure), "\(name): \(figure)") }
    }

    @Test("A thousand handshakes that stop half-way take bounded memory")
    func halfOpen() throws {
        let figures = try measure("half-open", "sessions=1000")
        #expect(figures.count == 5)
        for (name, figure) in figures { #expect((1...64).contains(figure), "\(name): \(figure)") }
    }
}

/// Whether a sanitizer is in this process.
private let isSanitized = dlsym(nil, "__asan_init") != nil || dlsym(nil, "__tsan_init") != nil
