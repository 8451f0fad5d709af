/// Rows of several columns under titles, each as wide as what is in it.
struct Columns {
    private let titles: [String]
    private var rows: [[String]] = []

    init(_ titles: String...) { self.titles = titles }

    mutating func row(_ cells: String...) {
        precondition(cells.count == titles.count)
        rows.append(cells)
    }

    /// The text of rows that are there already.
    static func text(_ titles: [String], _ rows: [[String]], _ style: TextStyle) -> String {
        precondition(rows.allSatisfy { $0.count == titles.count })
        return Columns(titles: titles, rows: rows).text(style)
    }

    private init(titles: [String], rows: [[String]]) {
        self.titles = titles
        self.rows = rows
    }

    /// The text; a row is a line without spaces at its end.
    func text(_ style: TextStyle) -> String {
        let widths = titles.indices.map { column in
            ([titles] + rows).reduce(0) { max($0, $1[column].count) }
        }
        func line(_ cells: [String]) -> String {
            var line = ""
            for (cell, width) in zip(cells, widths) {
                line += cell + String(repeating: " ", count: width - cell.count + 2)
            }
            while line.hasSuffix(" ") { line.removeLast() }
            return line
        }
        return style.dim(line(titles)) + "\n" + rows.map { line($0) + "\n" }.joined()
    }
}
