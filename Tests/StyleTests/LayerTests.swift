import Testing

@Suite("The rules for layers") struct LayerTests {
    private func importLines(_ path: String, _ text: String) -> [Int] {
        ImportRule.findings(in: SourceFile(path: path, text: text)).map(\.line)
    }

    @Test("an import against the layer table is found")
    func upward() {
        let finding = ImportRule.findings(
            in: SourceFile(
                path: "Sources/HubModel/Sample.swift", text: "import HubBytes\nimport HubStorage\n"))
        #expect(
            finding.map(\.description) == [
                "Sources/HubModel/Sample.swift:2: HubModel may not import HubStorage"
            ])
    }

    @Test(
        "an import is found however it is written",
        arguments: [
            "package import HubRouter", "public import HubRouter", "internal import HubRouter",
            "@testable import HubRouter", "@_spi(Inner) import HubRouter", "import struct HubRouter.Router",
            "import enum HubRouter.Effect",
        ])
    func spellings(_ line: String) {
        #expect(importLines("Sources/HubStorage/Sample.swift", "import HubModel\n\n\(line)\n") == [3])
    }

    @Test("imports that the layer table allows are left alone")
    func downward() {
        let text = "package import HubModel\nimport Synchronization\nimport CLMDB\n// import HubServer\n"
        #expect(importLines("Sources/HubStorage/Log.swift", text).isEmpty)
    }

    @Test("a target that the layer table does not know is found")
    func unknownTarget() { #expect(importLines("Sources/HubExtra/Sample.swift", "struct S {}") == [1]) }

    @Test(
        "a C module outside its one target is found", arguments: ["CLMDB", "CChecksum", "COpenSSL", "CLinux"])
    func doors(_ module: String) {
        #expect(importLines("Sources/HubServer/Sample.swift", "\nimport \(module)") == [2])
        #expect(importLines("Tests/HubStorageTests/Sample.swift", "\nimport \(module)") == [2])
        #expect(importLines("bench/load/Sample.swift", "\nimport \(module)") == [2])
    }

    @Test("tests and benchmarks may import the system's modules")
    func systemModules() {
        #expect(importLines("Tests/HubStorageTests/Sample.swift", "import Foundation\nimport Glibc").isEmpty)
        #expect(importLines("bench/load/Sample.swift", "import Foundation\nimport Glibc").isEmpty)
        #expect(importLines("Sources/HubRouter/Sample.swift", "import Foundation\nimport Glibc") == [1, 2])
    }

    /// A manifest that follows the table, with what a test wants replaced.
    private func manifest(replacing target: String = "", with line: String = "") -> SourceFile {
        let lines = LayerTable.layers.map { name, imports in
            let listed = imports.subtracting(LayerTable.toolchainModules).sorted().map { "\"\($0)\"" }
            let dependencies = listed.joined(separator: ", ")
            if name == target { return line }
            return name == "agenthub"
                ? ".executableTarget(name: \"\(name)\", dependencies: [\(dependencies)])"
                : "layer(\"\(name)\", [\(dependencies)]),"
        }
        return SourceFile(path: "Package.swift", text: lines.joined(separator: "\n"))
    }

    @Test("a manifest that follows the layer table is left alone")
    func goodManifest() { #expect(ManifestRule.findings(in: manifest()).isEmpty) }

    @Test("a dependency too many in the manifest is found")
    func extraDependency() {
        let findings = ManifestRule.findings(
            in: manifest(replacing: "HubModel", with: "layer(\"HubModel\", [\"HubBytes\", \"CLMDB\"]),"))
        #expect(findings.map(\.line) == [2])
        #expect(findings.first?.sentence.hasSuffix("differ in CLMDB") == true)
    }

    @Test("a dependency missing in the manifest is found")
    func missingDependency() {
        let line = ".executableTarget(name: \"agenthub\", dependencies: [\"HubModel\"])"
        #expect(ManifestRule.findings(in: manifest(replacing: "agenthub", with: line)).map(\.line) == [11])
    }

    @Test("a target on one side only is found")
    func strayTargets() {
        let sentences = ManifestRule.findings(
            in: manifest(replacing: "HubRouter", with: "layer(\"HubExtra\", [])")
        )
        .map(\.sentence)
        #expect(
            sentences == [
                "the target HubRouter of the layer table is not declared",
                "the target HubExtra is not in the layer table",
            ])
    }

    private func page(_ row: (String, Set<String>) -> String) -> String {
        LayerTable.layers.map(row).joined(separator: "\n")
    }

    private func goodRow(_ target: String, _ imports: Set<String>) -> String {
        "| `\(target)` | what it holds | \(imports.map { "`\($0)`" }.joined(separator: ", ")) |"
    }

    @Test("an architecture page that shows the layer table is left alone")
    func goodPage() { #expect(ArchitecturePageRule.findings(in: page(goodRow)).isEmpty) }

    @Test("a row of the architecture page that differs or is missing is found")
    func badPage() {
        let differing = page { $0 == "HubModel" ? "| `HubModel` | names | `CLMDB` |" : goodRow($0, $1) }
        #expect(ArchitecturePageRule.findings(in: differing).map(\.line) == [2])
        let missing = page { $0 == "HubRouter" ? "" : goodRow($0, $1) }
        #expect(
            ArchitecturePageRule.findings(in: missing).map(\.sentence) == [
                "the table has no row for HubRouter"
            ])
    }
}
