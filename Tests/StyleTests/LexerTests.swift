import Testing

@Suite("The lexer") struct LexerTests {
    private func texts(_ source: String) -> [String] { Lexer(source).tokens.map(\.text) }

    @Test("words, numbers and punctuation are tokens with their lines")
    func tokens() {
        let tokens = Lexer("let x = 0x1f\nreturn 1...9").tokens
        #expect(tokens.map(\.text) == ["let", "x", "=", "0x1f", "return", "1", ".", ".", ".", "9"])
        #expect(tokens.map(\.line) == [1, 1, 1, 1, 2, 2, 2, 2, 2, 2])
        #expect(tokens[3].kind == .number)
    }

    @Test("comments are kept apart from code")
    func comments() {
        let lexer = Lexer("a // { one\n/* } /* nested */ { */ b\n/// doc")
        #expect(lexer.tokens.map(\.text) == ["a", "b"])
        #expect(lexer.comments.map(\.text) == ["// { one", "/* } /* nested */ { */", "/// doc"])
        #expect(lexer.comments.map(\.line) == [1, 2, 3])
    }

    @Test("every line of a block comment is a comment")
    func blockComment() {
        let lexer = Lexer("/* one\n two */\nx")
        #expect(lexer.comments.map(\.line) == [1, 2])
        #expect(lexer.tokens.map(\.line) == [3])
    }

    @Test("a comment that never ends takes the rest of the file")
    func openComment() { #expect(texts("a /* b { ").count == 1) }

    @Test("a string is one token, whatever it holds")
    func string() {
        let tokens = Lexer(#"f("a { \" // b", "")"#).tokens
        #expect(tokens.map(\.kind) == [.word, .symbol, .literal, .symbol, .literal, .symbol])
        #expect(tokens[2].text == "a {  // b")
        #expect(tokens[4].text.isEmpty)
    }

    @Test("a string of several lines is one token and counts its lines")
    func blockString() {
        let tokens = Lexer("let x = \"\"\"\n  a \" { \\\"\"\" b\n  \"\"\"\nend").tokens
        #expect(tokens.map(\.kind) == [.word, .word, .symbol, .literal, .word])
        #expect(tokens.map(\.line) == [1, 1, 1, 1, 4])
    }

    @Test("a raw string ends at its own number of hashes")
    func rawString() {
        #expect(texts(##"#"a " \(b) { "# c"##) == [#"a " \(b) { "#, "c"])
        #expect(texts(##"#"""# c"##) == ["\"", "c"])
        #expect(texts("##\"a\"# b\"## c") == ["a\"# b", "c"])
    }

    @Test("code inside an interpolation is code")
    func interpolation() {
        #expect(
            texts(#""a \(b("c { }") + d) e" f"#) == ["a  e", "(", "b", "(", "c { }", ")", "+", "d", ")", "f"])
        #expect(texts(##"#"a \#(b)"#"##) == ["a ", "(", "b", ")"])
    }

    @Test("a string that never ends takes its line and no more")
    func openString() { #expect(texts("\"a {\nb") == ["a {", "b"]) }

    @Test("regular expressions are literals, divisions are not")
    func regularExpressions() {
        #expect(texts("let r = /a{2}\\/b/\nx") == ["let", "r", "=", "a{2}\\/b", "x"])
        #expect(texts("#/a{/b/# x") == ["a{/b", "x"])
        #expect(texts("a / b / c") == ["a", "/", "b", "/", "c"])
        #expect(texts("reduce(1, /)") == ["reduce", "(", "1", ",", "/", ")"])
    }

    @Test("a word in backticks is no keyword")
    func backticks() { #expect(texts("let `func` = 1") == ["let", "`func`", "=", "1"]) }
}
