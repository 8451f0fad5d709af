/// Reads the attributes and modifiers in front of a declaration's keyword.
struct ModifierReader {
    let tokens: [Token]

    /// Where the declaration with this keyword begins.
    func firstToken(ofDeclarationAt keyword: Int) -> Int {
        var first = keyword
        while first > 0, let earlier = start(ofModifierEndingAt: first - 1) { first = earlier }
        return first
    }

    /// The modifiers in a range of tokens, each as written but without spaces.
    func modifiers(in range: Range<Int>) -> [String] {
        var found: [String] = []
        var end = range.upperBound
        while end > range.lowerBound, let first = start(ofModifierEndingAt: end - 1) {
            found.append(tokens[first..<end].map(\.text).joined())
            end = first
        }
        return found.reversed()
    }

    /// The first token that is no part of an attribute or modifier.
    func firstKeyword(from start: Int) -> Token? {
        var index = start
        while index < tokens.count {
            if tokens[index].isSymbol("@") {
                index += 2
            } else if tokens[index].isSymbol("(") {
                index = (tokens[index...].firstIndex { $0.isSymbol(")") } ?? tokens.count) + 1
            } else if Self.modifiers.contains(tokens[index].text) {
                index += 1
            } else {
                return tokens[index]
            }
        }
        return nil
    }

    private func start(ofModifierEndingAt last: Int) -> Int? {
        var word = last
        if tokens[last].isSymbol(")") {
            guard let opening = parenthesis(closedAt: last), opening > 0 else { return nil }
            word = opening - 1
        }
        guard tokens[word].kind == .word else { return nil }
        if let attribute = start(ofAttributeNamedAt: word) { return attribute }
        // `.open` at the end of the declaration before is a member of something, and `case open` a name.
        if word > 0, tokens[word - 1].isSymbol(".") || tokens[word - 1].isWord("case") { return nil }
        return Self.modifiers.contains(tokens[word].text) ? word : nil
    }

    /// Where the `@` stands in front of a name that may have dots.
    private func start(ofAttributeNamedAt word: Int) -> Int? {
        var first = word
        while first >= 2, tokens[first - 1].isSymbol("."), tokens[first - 2].kind == .word { first -= 2 }
        return first >= 1 && tokens[first - 1].isSymbol("@") ? first - 1 : nil
    }

    private func parenthesis(closedAt last: Int) -> Int? {
        var depth = 0
        for index in stride(from: last, through: 0, by: -1) {
            if tokens[index].isSymbol(")") { depth += 1 }
            if tokens[index].isSymbol("(") { depth -= 1 }
            if depth == 0 { return index }
        }
        return nil
    }

    static let modifiers: Set = [
        "public", "package", "internal", "fileprivate", "private", "open", "static", "class", "final",
        "override",
        "required", "convenience", "lazy", "weak", "unowned", "mutating", "nonmutating", "borrowing",
        "consuming",
        "indirect", "nonisolated", "isolated", "dynamic", "prefix", "postfix", "infix",
    ]
}
