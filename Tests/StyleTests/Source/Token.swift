/// A piece of Swift source as the rules see it: comments are kept apart, and a literal is one token.
struct Token: Equatable {
    enum Kind {
        case word
        case number
        /// One character of punctuation or of an operator.
        case symbol
        /// A string or a regular expression.
        case literal
    }

    let kind: Kind
    /// As written; of a literal only what stands between its delimiters, without interpolations.
    let text: String
    /// Where it begins, from 1.
    let line: Int
    /// Where it lies in the bytes of the file: tells tokens that touch from tokens with space between.
    let range: Range<Int>

    /// Whether this is the given word.
    func isWord(_ word: String) -> Bool { kind == .word && text == word }

    /// Whether this is the given character of punctuation.
    func isSymbol(_ symbol: String) -> Bool { kind == .symbol && text == symbol }
}

/// One line of a comment, with its slashes.
struct Comment: Equatable {
    let text: String
    let line: Int
}
