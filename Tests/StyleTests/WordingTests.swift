import Testing

@Suite("The rules for names, words and documentation") struct WordingTests {
    private func file(_ text: String, path: String = "Sources/HubModel/Sample.swift") -> SourceFile {
        SourceFile(path: path, text: text)
    }

    @Test(
        "a type with an empty name is found",
        arguments: [
            "struct TopicUtils {}", "final class SessionManager {}", "enum Helpers {}",
            "protocol CommonName {}",
            "typealias MiscBag = Int", "actor HTTPHelper {}", "enum Util {}",
        ])
    func typeNames(_ text: String) {
        #expect(NameRule.findings(in: file("\n" + text)).map(\.line) == [2])
    }

    @Test("a type whose name only contains those letters is left alone")
    func goodTypeNames() {
        let text = "struct Commons {}\nstruct Utility {}\nstruct Management {}\nextension FileManager {}"
        #expect(NameRule.findings(in: file(text)).isEmpty)
    }

    @Test("a file with an empty name is found, also by its folder")
    func fileNames() {
        #expect(NameRule.findings(inPath: "Sources/HubModel/String+Utils.swift").count == 1)
        #expect(NameRule.findings(inPath: "Tests/Helpers/Sample.swift").count == 1)
        #expect(NameRule.findings(inPath: "bench/load_helper.py").count == 1)
        #expect(NameRule.findings(inPath: "Sources/HubModel/TopicName.swift").isEmpty)
    }

    @Test("names fall apart into their words")
    func camelCase() {
        #expect(
            NameRule.camelCaseWords(of: "HTTPFrameReader+Trailers") == [
                "HTTP", "Frame", "Reader", "Trailers",
            ])
        #expect(NameRule.camelCaseWords(of: "load_UTF8x") == ["load", "UTF", "x"])
    }

    @Test("a mark of unfinished work is found", arguments: WordRule.marks)
    func marks(_ mark: String) {
        let findings = WordRule.findings(inUnfinished: "one\n// \(mark): later\n", path: "bench/load.py")
        #expect(findings.map(\.line) == [2])
        #expect(
            WordRule.findings(inUnfinished: "x\(mark)x \(mark.lowercased())", path: "bench/load.py").isEmpty)
    }

    @Test(
        "a path of one machine is found",
        arguments: [
            "see ../" + "shared/x", "cd /" + "work/x", "`/" + "home/me`", "(/" + "Users/me)",
            "=/" + "root/x",
        ])
    func machinePaths(_ text: String) {
        #expect(WordRule.findings(inPaths: "one\n\(text)", path: "docs/style.md").map(\.line) == [2])
    }

    @Test("paths inside the repository, addresses and topics are left alone")
    func goodPaths() {
        let text = "docs/style.md\nagents/" + "work/1\nhttps://example.org/" + "home/x\nthe work/rest balance"
        #expect(WordRule.findings(inPaths: text, path: "docs/style.md").isEmpty)
    }

    @Test(
        "a declaration that others see and nobody explains is found",
        arguments: [
            "package func f() {}", "public struct S {}", "package var x: Int { 1 }",
            "package static let x = 1",
            "package typealias T = Int", "@inlinable\npackage init() {}", "// a note\npackage enum E {}",
        ])
    func undocumented(_ text: String) {
        let keywordLine = text.contains("\n") ? 3 : 2
        #expect(DocumentationRule.findings(in: file("\n" + text)).map(\.line) == [keywordLine])
        #expect(DocumentationRule.findings(in: file("/// It is.\n" + text)).isEmpty)
    }

    @Test("a requirement of a protocol that others see is found")
    func requirements() {
        let text = "/// It is.\npackage protocol P {\n    /// Does.\n    func f()\n    func g()\n}"
        #expect(DocumentationRule.findings(in: file(text)).map(\.line) == [5])
    }

    @Test("cases, extensions, and what stays inside the target need no documentation")
    func exempt() {
        let text =
            "extension S {}\nfunc f() {}\npackage extension S {}\nprivate let x = 1\npackage import HubBytes"
        #expect(DocumentationRule.findings(in: file(text)).isEmpty)
        #expect(DocumentationRule.findings(in: file("/// It is.\npackage enum E {\n    case a\n}")).isEmpty)
        #expect(
            DocumentationRule.findings(in: file("public func f() {}", path: "Tests/T/Sample.swift")).isEmpty)
    }
}
