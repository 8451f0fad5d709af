import Testing

@Suite("The rules for calls, commands and the root folder") struct CallTests {
    private func lines(_ text: String, path: String = "Sources/HubModel/Sample.swift") -> [Int] {
        CallRule.findings(in: SourceFile(path: path, text: text)).map(\.line)
    }

    @Test("printing in a layer is found", arguments: ["print(x)", "debugPrint(x)", "dump(x)"])
    func print(_ call: String) {
        #expect(lines("func f() {\n    \(call)\n}") == [2])
        #expect(lines("func f() {\n    \(call)\n}", path: "Sources/agenthub/main.swift").isEmpty)
        #expect(lines("func f() {\n    \(call)\n}", path: "Tests/StyleTests/Sample.swift").isEmpty)
    }

    @Test("methods of that name and text are left alone")
    func otherPrints() { #expect(lines("func print(_ x: Int) { page.print(x) } // print(x)").isEmpty) }

    @Test("forcing is found", arguments: ["try! f()", "x as! Int", "x!", "f()!.count", "x[0]!", "a?.b!"])
    func forcing(_ expression: String) { #expect(lines("func f() {\n    let y = \(expression)\n}") == [2]) }

    @Test("negations and comparisons are left alone")
    func negations() { #expect(lines("if !x, a != b, (!c) { return !f(!d) }\nlet e = [!f]").isEmpty) }

    @Test("a stray entry in the root folder is found")
    func topLevel() {
        let entries = ["Package.swift", "notes.md", ".ci", "Sources", "LICENSE"]
        #expect(TopLevelRule.findings(in: entries).map(\.path) == ["notes.md"])
        #expect(TopLevelRule.findings(in: ["README.md", "Tests", "docs", "bench", "config"]).isEmpty)
    }

    @Test("a README whose test command the checks do not run is found")
    func commands() {
        let readme = "Run `swift test`:\n```\na && swift test\n```\n"
        #expect(CommandRule.findings(readme: readme, script: "run 'a && swift test'").isEmpty)
        #expect(CommandRule.findings(readme: readme, script: "run 'swift test'").map(\.line) == [3])
        #expect(CommandRule.findings(readme: "Run `swift test`.", script: "").map(\.line) == [1])
    }

    @Test("git's ignored names are left out of the walk")
    func ignored() {
        let list = IgnoreList(gitignore: "# built\n.build/\n*.mdb\nperf.data*\n")
        #expect(list.contains(".build") && list.contains("data.mdb") && list.contains("perf.data.old"))
        #expect(list.contains(".git"))
        #expect(!list.contains("data.md") && !list.contains("build") && !list.contains(".gitignore"))
    }
}
