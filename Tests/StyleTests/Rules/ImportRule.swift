/// Imports go down the layers, and each C module has one door.
enum ImportRule {
    /// Finds imports that the layer table does not allow.
    static func findings(in file: SourceFile) -> [Finding] {
        let imports = file.declarations.filter { $0.kind == .import }
        if let target = file.target, LayerTable.imports(of: target) == nil {
            return [file.finding(1, "the target \(target) is not in the layer table")]
        }
        return imports.compactMap { declaration in
            if LayerTable.comparisons.contains(where: {
                file.path.hasPrefix($0.key) && $0.value == declaration.name
            }) {
                return nil
            }
            return objection(to: declaration.name, in: file.target).map {
                file.finding(declaration.keywordLine, $0)
            }
        }
    }

    private static func objection(to module: String, in target: String?) -> String? {
        if let owner = LayerTable.doors[module], owner != target {
            return "\(module) may be imported by \(owner) alone"
        }
        guard let target, let allowed = LayerTable.imports(of: target), !allowed.contains(module) else {
            return nil
        }
        return "\(target) may not import \(module)"
    }
}
