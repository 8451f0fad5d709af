/// The table in `docs/architecture.md` is the layer table.
enum ArchitecturePageRule {
    static let path = "docs/architecture.md"

    /// Finds rows that are missing or whose last column names other modules than the layer table.
    static func findings(in page: String) -> [Finding] {
        let lines = page.split(separator: "\n", omittingEmptySubsequences: false)
        return LayerTable.layers.compactMap { target, imports in
            guard let index = lines.firstIndex(where: { $0.hasPrefix("| `\(target)` |") }) else {
                return Finding(path: path, line: 1, sentence: "the table has no row for \(target)")
            }
            guard modules(inLastColumnOf: lines[index]) != imports else { return nil }
            return Finding(
                path: path, line: index + 1, sentence: "the row of \(target) and the layer table differ")
        }
    }

    private static func modules(inLastColumnOf row: Substring) -> Set<String> {
        let columns = row.split(separator: "|")
        // What stands between backticks: every second part.
        let parts = columns.last?.split(separator: "`", omittingEmptySubsequences: false) ?? []
        return Set(parts.enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) })
    }
}
