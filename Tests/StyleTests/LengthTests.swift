import Testing

@Suite("The rules for lengths") struct LengthTests {
    private func file(_ text: String) -> SourceFile {
        SourceFile(path: "bench/load/Sample.swift", text: text)
    }

    private func lines(_ count: Int) -> String { String(repeating: "// line\n", count: count) }

    @Test("a file over 400 lines is found")
    func longFile() {
        let findings = LengthRule.fileFindings(in: file(lines(401)))
        #expect(
            findings.map(\.description) == [
                "bench/load/Sample.swift:1: the file has 401 lines, more than 400"
            ])
    }

    @Test("a file of 400 lines is left alone, with or without a newline at its end")
    func shortFile() {
        #expect(LengthRule.fileFindings(in: file(lines(400))).isEmpty)
        #expect(LengthRule.fileFindings(in: file(lines(399) + "// last")).isEmpty)
    }

    @Test(
        "a body over 70 lines is found at its keyword",
        arguments: [
            "@inlinable\npackage func f()", "init()", "subscript(index: Int) -> Int", "var x: Int", "deinit",
        ])
    func longBody(_ head: String) {
        let findings = LengthRule.bodyFindings(in: file("struct S {\n\(head) {\n" + lines(71) + "}\n}"))
        #expect(findings.map(\.line) == [head.hasPrefix("@") ? 3 : 2])
    }

    @Test("an accessor over 70 lines is found, its variable is not")
    func longAccessor() {
        let text = "struct S {\nvar x: Int {\nget { 1 }\nset {\n" + lines(71) + "}\n}\n}"
        #expect(LengthRule.bodyFindings(in: file(text)).map(\.line) == [4])
    }

    @Test("a body of 70 lines, a long type and a long value are left alone")
    func shortBody() {
        #expect(LengthRule.bodyFindings(in: file("func f() {\n" + lines(70) + "}")).isEmpty)
        #expect(LengthRule.bodyFindings(in: file("struct S {\n" + lines(100) + "}")).isEmpty)
        #expect(LengthRule.bodyFindings(in: file("let table = [\n" + lines(100) + "]\nfunc f() { }")).isEmpty)
    }

    @Test("braces in strings and comments do not end a body")
    func bracesInText() {
        let text = "func f() {\nlet x = \"}\" // }\n" + lines(70) + "}"
        #expect(LengthRule.bodyFindings(in: file(text)).map(\.line) == [1])
    }

    @Test("a generated table may be as long as it is")
    func generatedTable() {
        let table = file("// Generated table: bench/tables.py\nfunc f() {\n" + lines(500) + "}")
        #expect(LengthRule.fileFindings(in: table).isEmpty)
        #expect(LengthRule.bodyFindings(in: table).isEmpty)
    }
}
