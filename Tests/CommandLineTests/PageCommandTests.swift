import Foundation
import Testing

/// What the program writes for shells and for `man`.
@Suite struct PageCommandTests {
    /// What Bash offers for the last of some words.
    private func offers(_ words: [String]) throws -> Set<String> {
        let quoted = words.map { "'\($0)'" }.joined(separator: " ")
        let run = try CommandRun.shell(
            """
            source <("$agenthub" completion bash)
            COMP_WORDS=(\(quoted)); COMP_CWORD=\(words.count - 1)
            _agenthub
            printf '%s\\n' "${COMPREPLY[@]}"
            """)
        #expect(run.code == 0 && run.complaint.isEmpty, "\(run.complaint)")
        return Set(run.output.split(separator: "\n").map(String.init))
    }

    @Test(
        "Bash is offered commands, options and files where they may stand",
        arguments: [
            (["agenthub", "lo"], ["log"]), (["agenthub", "log", "che"], ["check"]),
            (["agenthub", "config", "d"], ["default"]),
            (["agenthub", "log", "check", "--js"], ["--json"]),
            (["agenthub", "config", "check", "--lo"], ["--log-level", "--log-format"]),
            (
                ["agenthub", "config", "check", "--config", "/etc/host"],
                ["/etc/hosts", "/etc/hostname", "/etc/host.conf"]
            ),
            (["agenthub", "log", "stats", "/etc/host"], ["/etc/hosts", "/etc/hostname", "/etc/host.conf"]),
            (["agenthub", "serve", "--listen", ""], []), (["agenthub", "log", "--json", "dum"], ["dump"]),
            (["agenthub", "nothing", "x"], []),
        ] as [([String], [String])])
    func bash(words: [String], expected: [String]) throws {
        let offered = try offers(words)
        let isFile = expected.first?.hasPrefix("/") == true
        if isFile {
            #expect(!offered.isEmpty && offered.isSubset(of: Set(expected)))
        } else {
            #expect(offered == Set(expected))
        }
    }

    @Test("on top Bash is offered every command that the help has") func commands() throws {
        let help = try CommandRun.agenthub("--help").output
        let offered = try offers(["agenthub", ""])
        #expect(offered.count > 5)
        for word in offered where !word.hasPrefix("-") { #expect(help.contains("\n  \(word) ")) }
    }

    @Test("each shell that is here takes what is written for it", arguments: ["bash", "zsh", "fish"])
    func syntax(shell: String) throws {
        let run = try CommandRun.shell(
            "command -v \(shell) >/dev/null || exit 0; \"$agenthub\" completion \(shell) | \(shell) -n /dev/stdin"
        )
        #expect(run.code == 0 && run.complaint.isEmpty, "\(run.complaint)")
        let script = try CommandRun.agenthub("completion", shell)
        #expect(script.code == 0 && script.output.contains("agenthub log check"))
    }

    @Test("another shell is a wrong call") func unknownShell() throws {
        let run = try CommandRun.agenthub("completion", "tcsh")
        #expect(run.code == 2 && run.complaint.contains("SHELL is bash, zsh or fish"))
    }

    @Test("the page for man has every command, and the formatter has nothing to say against it") func manual()
        throws
    {
        let page = try CommandRun.agenthub("manual")
        #expect(page.code == 0 && page.output.hasPrefix(".TH AGENTHUB 1"))
        for command in ["agenthub serve", "agenthub log check", "agenthub config show", "agenthub manual"] {
            #expect(page.output.contains(".SS \(command)\n"))
        }
        let formatted = try CommandRun.shell(
            "command -v groff >/dev/null || { echo agenthub log check; exit 0; }; \"$agenthub\" manual | groff -man -Tutf8 -ww -rHY=0 | col -bx"
        )
        #expect(formatted.code == 0 && formatted.complaint.isEmpty, "\(formatted.complaint)")
        #expect(formatted.output.contains("agenthub log check"))
    }
}
