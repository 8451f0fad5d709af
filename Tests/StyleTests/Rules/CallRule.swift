/// Calls and operators that a hub which runs for months cannot afford.
enum CallRule {
    /// Finds `print`, `try!`, `as!` and forced optionals in `Sources`; the command line may print.
    static func findings(in file: SourceFile) -> [Finding] {
        guard let target = file.target else { return [] }
        return file.tokens.indices.compactMap { index in
            let line = file.tokens[index].line
            if target != "agenthub", isPrint(index, in: file.tokens) {
                return file.finding(line, "print in a layer: only the command line writes to standard output")
            }
            guard file.tokens[index].isSymbol("!"), index > 0 else { return nil }
            return objection(toMarkAt: index, in: file.tokens).map { file.finding(line, $0) }
        }
    }

    private static func isPrint(_ index: Int, in tokens: [Token]) -> Bool {
        guard ["print", "debugPrint", "dump"].contains(tokens[index].text), tokens[index].kind == .word,
            index + 1 < tokens.count, tokens[index + 1].isSymbol("(")
        else { return false }
        // A method of that name is somebody else's.
        guard index > 0 else { return true }
        return !tokens[index - 1].isSymbol(".") && !tokens[index - 1].isWord("func")
    }

    /// What is wrong with an exclamation mark: it touches what it forces, while a negation follows a space.
    private static func objection(toMarkAt index: Int, in tokens: [Token]) -> String? {
        let forced = tokens[index - 1]
        guard forced.range.upperBound == tokens[index].range.lowerBound else { return nil }
        if forced.isWord("try") || forced.isWord("as") {
            return "\(forced.text)! stops the hub where an error could be handled"
        }
        let endsValue =
            forced.kind == .word || forced.kind == .literal || [")", "]", "}", "?"].contains(forced.text)
        return endsValue ? "a forced optional stops the hub without a word" : nil
    }
}
