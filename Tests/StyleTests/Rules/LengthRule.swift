/// Files and functions stay short enough to be read at once.
enum LengthRule {
    /// Lines of a file; about 250 is the aim.
    static let fileLinesMax = 400
    /// Lines between the braces of a function; about 40 is the aim.
    static let bodyLinesMax = 70

    /// Finds the file itself, if it is too long.
    static func fileFindings(in file: SourceFile) -> [Finding] {
        guard file.lineCount > fileLinesMax, !file.isGeneratedTable else { return [] }
        return [file.finding(1, "the file has \(file.lineCount) lines, more than \(fileLinesMax)")]
    }

    /// Finds functions, initialisers, subscripts and accessors that are too long.
    static func bodyFindings(in file: SourceFile) -> [Finding] {
        guard !file.isGeneratedTable else { return [] }
        return file.declarations.compactMap { declaration in
            guard let lines = declaration.bodyLines, lines > bodyLinesMax else { return nil }
            return file.finding(
                declaration.keywordLine,
                "the body of \(declaration.name) has \(lines) lines, more than \(bodyLinesMax)")
        }
    }
}
