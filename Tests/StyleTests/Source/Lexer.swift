/// Cuts Swift source into tokens and comments.
///
/// It knows just enough of the language that braces and words inside comments and literals are not taken for
/// code, while code inside string interpolations is.
struct Lexer {
    let bytes: [UInt8]
    var position = 0
    var line = 1
    var tokens: [Token] = []
    var comments: [Comment] = []

    /// Reads all of `text`.
    init(_ text: String) {
        bytes = Array(text.utf8)
        readCode(untilParenthesis: false)
    }

    /// The byte that many places ahead; 0, which no source contains, beyond the end.
    func peek(_ distance: Int = 0) -> UInt8 {
        position + distance < bytes.count ? bytes[position + distance] : 0
    }

    /// Whether `text` comes that many places ahead.
    func comes(_ text: String, at distance: Int = 0) -> Bool {
        var distance = distance
        for byte in text.utf8 {
            guard peek(distance) == byte else { return false }
            distance += 1
        }
        return true
    }

    /// Moves on by one byte and keeps count of the lines.
    mutating func skip() {
        if peek() == Self.newline { line += 1 }
        position += 1
    }

    /// Adds a token that goes from `start` to here.
    mutating func add(_ kind: Token.Kind, from start: Int) {
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        tokens.append(Token(kind: kind, text: text, line: line, range: start..<position))
    }

    /// Reads to the end, or behind the parenthesis that closes an interpolation.
    mutating func readCode(untilParenthesis: Bool) {
        var depth = 0
        while position < bytes.count {
            if readTrivia() || readLiteral() || readWord() || readNumber() { continue }
            let byte = peek()
            readSymbol()
            if byte == UInt8(ascii: "(") { depth += 1 }
            if byte == UInt8(ascii: ")") {
                depth -= 1
                if untilParenthesis, depth < 0 { return }
            }
        }
    }

    /// Reads one character of punctuation.
    mutating func readSymbol() {
        let start = position
        position += 1
        add(.symbol, from: start)
    }

    private mutating func readTrivia() -> Bool {
        if comes("//") {
            readLineComment()
        } else if comes("/*") {
            readBlockComment()
        } else if Self.isBlank(peek()) {
            skip()
        } else {
            return false
        }
        return true
    }

    private mutating func readLineComment() {
        let start = position
        while position < bytes.count, peek() != Self.newline { position += 1 }
        comments.append(Comment(text: String(decoding: bytes[start..<position], as: UTF8.self), line: line))
    }

    /// Block comments nest in Swift.
    private mutating func readBlockComment() {
        let start = position
        let firstLine = line
        var depth = 0
        repeat {
            if comes("/*") {
                depth += 1
                position += 2
            } else if comes("*/") {
                depth -= 1
                position += 2
            } else {
                skip()
            }
        } while depth > 0 && position < bytes.count
        let text = String(decoding: bytes[start..<min(position, bytes.count)], as: UTF8.self)
        for (index, part) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            comments.append(Comment(text: String(part), line: firstLine + index))
        }
    }

    /// A word in backticks keeps them, so that it is never taken for a keyword.
    private mutating func readWord() -> Bool {
        let start = position
        if peek() == UInt8(ascii: "`") {
            repeat { position += 1 } while position < bytes.count && peek() != UInt8(ascii: "`")
            position = min(position + 1, bytes.count)
        } else {
            guard Self.startsWord(peek()) else { return false }
            while Self.startsWord(peek()) || Self.isDigit(peek()) { position += 1 }
        }
        add(.word, from: start)
        return true
    }

    /// `0x1f`, `1_000`, `2.5`; the dots of `1...9` are not part of the number.
    private mutating func readNumber() -> Bool {
        guard Self.isDigit(peek()) else { return false }
        let start = position
        while Self.startsWord(peek()) || Self.isDigit(peek())
            || (peek() == UInt8(ascii: ".") && Self.isDigit(peek(1)))
        {
            position += 1
        }
        add(.number, from: start)
        return true
    }

    static let newline = UInt8(ascii: "\n")

    static func isBlank(_ byte: UInt8) -> Bool {
        byte == newline || byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
            || byte == UInt8(ascii: "\r")
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func startsWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "_"), UInt8(ascii: "$"), 0x80...: true
        default: false
        }
    }
}
