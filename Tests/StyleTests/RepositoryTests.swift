import Testing

/// Every rule, held against the repository as it is.
@Suite("The repository keeps its rules") struct RepositoryTests {
    private let repository = Repository.current

    @Test("the walk has found the repository")
    func walk() {
        #expect(repository.swiftFiles.contains { $0.path == "Sources/HubBytes/ByteBuffer.swift" })
        #expect(repository.textFiles.contains { $0.path == ".swift-format" })
        #expect(!repository.textFiles.contains { $0.path.hasPrefix(".build/") || $0.path.hasPrefix(".git/") })
    }

    @Test("imports follow the layer table")
    func imports() { expectNone(repository.swiftFiles.flatMap(ImportRule.findings)) }

    @Test("the manifest follows the layer table")
    func manifest() {
        let manifest = SourceFile(path: "Package.swift", text: repository.text(of: "Package.swift"))
        expectNone(ManifestRule.findings(in: manifest))
    }

    @Test("the architecture page shows the layer table")
    func architecturePage() {
        expectNone(ArchitecturePageRule.findings(in: repository.text(of: ArchitecturePageRule.path)))
    }

    @Test("files are short")
    func files() { expectNone(repository.swiftFiles.flatMap(LengthRule.fileFindings)) }

    @Test("functions are short")
    func functions() { expectNone(repository.swiftFiles.flatMap(LengthRule.bodyFindings)) }

    @Test("every escape from the compiler's checks has its reason")
    func safety() { expectNone(sources.flatMap(SafetyRule.findings)) }

    @Test("what other targets see is documented")
    func documentation() { expectNone(sources.flatMap(DocumentationRule.findings)) }

    @Test("nothing in the layers prints or forces")
    func calls() { expectNone(sources.flatMap(CallRule.findings)) }

    @Test("types and files have telling names")
    func names() {
        expectNone(repository.swiftFiles.flatMap(NameRule.findings))
        expectNone(codeFiles.flatMap { NameRule.findings(inPath: $0.path) })
    }

    @Test("no file marks unfinished work")
    func marks() { expectNone(codeFiles.flatMap { WordRule.findings(inUnfinished: $0.text, path: $0.path) }) }

    @Test("no file names a path of one machine")
    func paths() {
        expectNone(repository.textFiles.flatMap { WordRule.findings(inPaths: $0.text, path: $0.path) })
    }

    @Test("the root holds what it may")
    func topLevel() { expectNone(TopLevelRule.findings(in: repository.topLevel)) }

    @Test("the README and the checks run the same tests")
    func commands() {
        let readme = repository.text(of: "README.md")
        expectNone(CommandRule.findings(readme: readme, script: repository.text(of: ".ci/run")))
    }

    private var sources: [SourceFile] { repository.swiftFiles.filter { $0.target != nil } }

    private var codeFiles: [Repository.TextFile] {
        repository.textFiles.filter { Repository.isCode($0.path) }
    }

    /// One issue for each finding, so that one run shows them all.
    private func expectNone(_ findings: [Finding]) {
        for finding in findings { Issue.record("\(finding)") }
    }
}
