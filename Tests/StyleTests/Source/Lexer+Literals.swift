extension Lexer {
    /// Reads a string or a regular expression, if one begins here.
    mutating func readLiteral() -> Bool {
        var hashes = 0
        while peek(hashes) == UInt8(ascii: "#") { hashes += 1 }
        if comes("\"", at: hashes) {
            readString(hashes: hashes)
        } else if hashes > 0, comes("/", at: hashes) {
            readDelimited(opening: hashes + 1, closing: "/" + String(repeating: "#", count: hashes))
        } else if startsBareExpression() {
            readDelimited(opening: 1, closing: "/")
        } else {
            return false
        }
        return true
    }

    private mutating func readString(hashes: Int) {
        let start = position
        let firstLine = line
        let pounds = String(repeating: "#", count: hashes)
        // The token goes in front of those of its interpolations; its text is known only at the end.
        let place = tokens.count
        var content: [UInt8] = []
        position += hashes
        let quotes = startsBlock() ? "\"\"\"" : "\""
        position += quotes.utf8.count
        while position < bytes.count, !comes(quotes + pounds) {
            if peek() == Self.newline, quotes.utf8.count == 1 { break }
            if comes("\\" + pounds) {
                readEscape(hashes: hashes)
            } else {
                content.append(peek())
                skip()
            }
        }
        if comes(quotes + pounds) { position += quotes.utf8.count + hashes }
        let text = String(decoding: content, as: UTF8.self)
        let token = Token(kind: .literal, text: text, line: firstLine, range: start..<position)
        tokens.insert(token, at: place)
    }

    /// Whether three quotes open a string of several lines: only then is the rest of the line blank.
    private func startsBlock() -> Bool {
        guard comes("\"\"\"") else { return false }
        var distance = 3
        while Self.isBlank(peek(distance)), peek(distance) != Self.newline { distance += 1 }
        return peek(distance) == Self.newline
    }

    /// Skips an escaped character, or reads the code of an interpolation with its parentheses.
    private mutating func readEscape(hashes: Int) {
        position += 1 + hashes
        if peek() == UInt8(ascii: "(") {
            readSymbol()
            readCode(untilParenthesis: true)
        } else {
            skip()
        }
    }

    private mutating func readDelimited(opening: Int, closing: String) {
        let start = position
        let firstLine = line
        position += opening
        let contentStart = position
        while position < bytes.count, !comes(closing) {
            if peek() == UInt8(ascii: "\\") { skip() }
            skip()
        }
        let contentEnd = min(position, bytes.count)
        position = min(position + closing.utf8.count, bytes.count)
        let text = String(decoding: bytes[contentStart..<contentEnd], as: UTF8.self)
        tokens.append(Token(kind: .literal, text: text, line: firstLine, range: start..<position))
    }

    /// Whether a slash opens an expression rather than divides: it stands where a value begins, touches what
    /// follows and has its pair on the same line.
    private func startsBareExpression() -> Bool {
        guard peek() == UInt8(ascii: "/"), !Self.isBlank(peek(1)), peek(1) != UInt8(ascii: ")") else {
            return false
        }
        if let last = tokens.last {
            let opens = last.kind == .symbol && "([{,=:".contains(last.text)
            guard opens || last.isWord("return") || last.isWord("in") else { return false }
        }
        var distance = 1
        while peek(distance) != 0, peek(distance) != Self.newline {
            if peek(distance) == UInt8(ascii: "/") { return true }
            distance += peek(distance) == UInt8(ascii: "\\") ? 2 : 1
        }
        return false
    }
}
