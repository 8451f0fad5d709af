/// `Package.swift` declares exactly the dependencies that the layer table allows.
///
/// It reads the two shapes that the manifest uses: `layer("Name", [...])` and
/// `.executableTarget(name: "Name", dependencies: [...])`.
enum ManifestRule {
    /// Finds targets whose declared dependencies differ from the table, or that are on one side only.
    static func findings(in manifest: SourceFile) -> [Finding] {
        let targets = targets(in: manifest.tokens)
        let missing = LayerTable.layers.map(\.key).filter { name in !targets.contains { $0.name == name } }
        return missing.map { manifest.finding(1, "the target \($0) of the layer table is not declared") }
            + targets.compactMap { target in
                objection(to: target).map { manifest.finding(target.line, $0) }
            }
    }

    private struct Target {
        let name: String
        let dependencies: Set<String>
        let line: Int
    }

    private static func objection(to target: Target) -> String? {
        guard let allowed = LayerTable.imports(of: target.name) else {
            return "the target \(target.name) is not in the layer table"
        }
        let expected = allowed.subtracting(LayerTable.toolchainModules)
        guard target.dependencies != expected else { return nil }
        let difference = target.dependencies.symmetricDifference(expected).sorted().joined(separator: ", ")
        return "\(target.name): the layer table and the declared dependencies differ in \(difference)"
    }

    private static func targets(in tokens: [Token]) -> [Target] {
        tokens.indices.compactMap { index in
            guard tokens[index].isWord("layer") || tokens[index].isWord("executableTarget") else {
                return nil
            }
            return target(declaredAt: index, in: tokens)
        }
    }

    /// The first literal behind the word is the name, those in the first brackets are the dependencies.
    private static func target(declaredAt index: Int, in tokens: [Token]) -> Target? {
        let rest = tokens[(index + 1)...]
        guard rest.first?.isSymbol("(") == true,
            let name = rest.prefix(4).first(where: { $0.kind == .literal }),
            let opening = rest.firstIndex(where: { $0.isSymbol("[") })
        else { return nil }
        let listed = tokens[opening...].prefix { !$0.isSymbol("]") }.filter { $0.kind == .literal }
        return Target(name: name.text, dependencies: Set(listed.map(\.text)), line: tokens[index].line)
    }
}
