/// What other targets see has a sentence of its own.
enum DocumentationRule {
    /// Finds declarations in `Sources` that are visible outside their target and have no `///` above them.
    static func findings(in file: SourceFile) -> [Finding] {
        guard file.target != nil else { return [] }
        return file.declarations.compactMap { declaration in
            guard isCovered(declaration, in: file),
                !file.commentBlock(above: declaration.firstLine).contains(where: { $0.text.hasPrefix("///") })
            else { return nil }
            return file.finding(
                declaration.keywordLine,
                "\(declaration.kind.rawValue) \(declaration.name) has no documentation")
        }
    }

    /// Requirements of a protocol are as visible as the protocol. An extension is documented by its members.
    private static func isCovered(_ declaration: Declaration, in file: SourceFile) -> Bool {
        switch declaration.kind {
        case .import, .extension, .case, .accessor, .deinit: return false
        default: break
        }
        if declaration.isVisibleOutside { return true }
        guard let parent = declaration.parent.map({ file.declarations[$0] }) else { return false }
        return parent.kind == .protocol && parent.isVisibleOutside
    }
}
