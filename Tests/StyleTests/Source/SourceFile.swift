/// A Swift file, taken apart once for all rules.
struct SourceFile {
    /// From the root of the repository.
    let path: String
    let lineCount: Int
    let tokens: [Token]
    let comments: [Comment]
    let declarations: [Declaration]
    /// Tables that a program wrote are as long as they are.
    let isGeneratedTable: Bool
    /// Comments that have their line for themselves, by line.
    private let standaloneComments: [Int: Comment]

    /// Takes `text` apart.
    init(path: String, text: String) {
        self.path = path
        lineCount =
            text.split(separator: "\n", omittingEmptySubsequences: false).count
            - (text.hasSuffix("\n") ? 1 : 0)
        isGeneratedTable = text.hasPrefix("// Generated table:")
        let lexer = Lexer(text)
        tokens = lexer.tokens
        comments = lexer.comments
        declarations = DeclarationParser(lexer.tokens).declarations
        let codeLines = Set(lexer.tokens.map(\.line))
        standaloneComments = Dictionary(
            lexer.comments.filter { !codeLines.contains($0.line) }.map { ($0.line, $0) },
            uniquingKeysWith: { first, _ in first })
    }

    /// The folder below `Sources`, which is the target's name; nil for tests and benchmarks.
    var target: String? {
        let parts = path.split(separator: "/")
        return parts.count > 2 && parts[0] == "Sources" ? String(parts[1]) : nil
    }

    /// The comment lines directly above a line, from top to bottom.
    func commentBlock(above line: Int) -> [Comment] {
        var block: [Comment] = []
        var above = line - 1
        while let comment = standaloneComments[above] {
            block.append(comment)
            above -= 1
        }
        return block.reversed()
    }

    /// The smallest declaration that a token is part of, by its place in the list.
    func innermostDeclaration(around token: Int) -> Int? {
        // Declarations come in the order in which they begin, so the last that holds the token lies deepest.
        declarations.lastIndex { $0.tokens.contains(token) }
    }

    /// A finding on a line of this file.
    func finding(_ line: Int, _ sentence: String) -> Finding {
        Finding(path: path, line: line, sentence: sentence)
    }
}
