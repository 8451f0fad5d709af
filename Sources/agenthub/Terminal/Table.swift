/// Rows of two columns under headings.
struct Table {
    private(set) var text = ""
    private let style: TextStyle
    private static let titleColumns = 18

    init(style: TextStyle) { self.style = style }

    mutating func heading(_ title: String) {
        text += text.isEmpty ? "" : "\n"
        text += style.bold(title) + "\n"
    }

    mutating func row(_ title: String, _ value: String) {
        let padding = String(repeating: " ", count: max(1, Self.titleColumns - title.count))
        text += "  \(style.dim(title))\(padding)\(value)\n"
    }
}
