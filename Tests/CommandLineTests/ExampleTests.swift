import Foundation
import Testing

@testable import agenthub

/// Calls that help pages and documents show are calls that the program takes.
@Suite struct ExampleTests {
    /// The words of a line, as Bash makes them: those of `agenthub` alone, up to what follows it.
    private func words(_ line: String) throws -> [[String]] {
        let run = try CommandRun.shell(
            #"""
            folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder" || exit 1
            agenthub() { printf '%s\0' "$@" >&3; printf '\n\0' >&3; }
            for name in jq head tail man source docker sleep ls sudo; do eval "$name() { :; }"; done
            exec 3>&1
            eval "$line" > /dev/null 2>&1
            """#, environment: ["line": line])
        var calls: [[String]] = [[]]
        for word in run.output.split(separator: "\0", omittingEmptySubsequences: false) {
            if word == "\n" { calls.append([]) } else { calls[calls.count - 1].append(String(word)) }
        }
        return calls.dropLast()
    }

    private func check(_ line: String) throws {
        // Files that examples write are none of the test's business.
        let calls = try words(line.split(separator: " > ").first.map { String($0) } ?? line)
        #expect(!calls.isEmpty, "\(line)")
        for call in calls {
            do {
                _ = try ArgumentParser(root: Program.root).parse(call)
            } catch {
                Issue.record("\(line): \(error.message)")
            }
        }
    }

    @Test("each example of a help page is a call that the program takes")
    func helpPages() throws {
        var count = 0
        func look(_ command: CommandSpec) throws {
            for example in command.examples {
                try check(example.call)
                count += 1
            }
            for inner in command.subcommands { try look(inner) }
        }
        try look(Program.root)
        #expect(count > 40)
    }

    @Test(
        "each call in the documents is one that the program takes", arguments: ["docs/cli.md", "README.md"])
    func documents(path: String) throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
        var count = 0
        for line in text.split(separator: "\n") {
            let isPrompt = line.hasPrefix("$ ")
            let call = isPrompt ? String(line.dropFirst(2)) : String(line)
            guard isPrompt || call.hasPrefix("agenthub "), call.contains("agenthub ") else { continue }
            guard isPrompt || !call.contains(": ") || call.contains("'") else { continue }
            try check(call)
            count += 1
        }
        #expect(count > (path == "README.md" ? 8 : 25))
    }

    @Test("every command is in docs/cli.md")
    func everyCommand() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: root.appendingPathComponent("docs/cli.md"), encoding: .utf8)
        let headings = page.split(separator: "\n").filter { $0.hasPrefix("#") }.joined(separator: "\n")
        for command in Program.root.subcommands {
            #expect(headings.contains(command.name), "docs/cli.md has nothing about \(command.name)")
        }
    }
}
