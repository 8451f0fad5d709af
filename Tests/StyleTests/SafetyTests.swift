import Testing

@Suite("The rule for escapes from the compiler's checks") struct SafetyTests {
    private func lines(_ text: String) -> [Int] {
        SafetyRule.findings(in: SourceFile(path: "Sources/HubBytes/Sample.swift", text: text)).map(\.line)
    }

    @Test(
        "an escape without a reason is found",
        arguments: [
            "let x = unsafe pointer.pointee", "call(unsafe pointer.pointee)",
            "return unsafeBitCast(x, to: Int.self)",
            "let y = text.baseAddress.unsafelyUnwrapped", "log(\"\\(unsafe pointer.pointee)\")",
            "unowned(unsafe) let z = self",
        ])
    func noReason(_ statement: String) {
        #expect(lines("struct S {\n    func f() {\n        \(statement)\n    }\n}") == [3])
        #expect(
            lines("struct S {\n    func f() {\n        // Safety: so it is.\n        \(statement)\n    }\n}")
                .isEmpty)
    }

    @Test("a reason above the declaration counts, even above its attributes")
    func reasonAbove() {
        #expect(lines("// Safety: so it is.\n@inlinable\npackage init() {\n    unsafe f()\n}").isEmpty)
        #expect(lines("/// Does.\n// Safety: so it is.\nfunc g() { unsafe f() }").isEmpty)
    }

    @Test("a reason of another declaration does not count")
    func foreignReason() {
        #expect(lines("// Safety: so it is.\nfunc f() { unsafe g() }\nfunc h() { unsafe g() }") == [3])
        #expect(lines("// Safety: so it is.\n\nfunc f() { unsafe g() }") == [3])
        #expect(lines("// Safety: so it is.\nstruct S {\n    func f() { unsafe g() }\n}") == [3])
    }

    @Test("the reason of a function inside a function is its own")
    func nestedReason() {
        let text =
            "func f() {\n    func g() {\n        // Safety: so it is.\n        unsafe h()\n    }\n    unsafe h()\n}"
        #expect(lines(text) == [6])
    }

    @Test("a reason in one accessor does not cover the other, one above the property covers both")
    func accessors() {
        let property = """
                var x: Int {
                    get { unsafe f() }
                    set {
                        // Safety: so it is.
                        unsafe g()
                    }
                }
            }
            """
        #expect(lines("struct S {\n" + property) == [3])
        #expect(lines("struct S {\n    // Safety: so.\n" + property).isEmpty)
    }

    @Test("a conformance without a reason is found")
    func conformance() {
        #expect(
            lines("struct S {\n    // Safety: so.\n    var x = 1\n}\nextension S: @unchecked Sendable {}")
                == [5])
        #expect(lines("// Safety: one owner.\nextension S: @unchecked Sendable {}").isEmpty)
        #expect(lines("final class C: @unchecked Sendable {\n    // Safety: inside.\n}") == [1])
    }

    @Test("an unguarded variable without a reason is found")
    func variable() {
        #expect(lines("struct S {\n    nonisolated(unsafe) static var x = 1\n}") == [2])
        #expect(
            lines("struct S {\n    // Safety: set once.\n    nonisolated(unsafe) static var x = 1\n}").isEmpty
        )
    }

    @Test("a stored property may give its reason in its value")
    func storedValue() {
        #expect(
            lines("struct S {\n    let x = {\n        // Safety: so.\n        unsafe f()\n    }()\n}").isEmpty
        )
        #expect(
            lines("struct S {\n    let x = unsafe f()\n    // Safety: of y.\n    let y = unsafe f()\n}") == [
                2
            ])
    }

    @Test("a function with several escapes is found once")
    func onePerDeclaration() { #expect(lines("func f() {\n    unsafe g()\n    unsafe h()\n}") == [2]) }

    @Test("a mark without a reason behind it does not count")
    func emptyReason() { #expect(lines("func f() {\n    // Safety:\n    unsafe g()\n}") == [3]) }

    @Test("code at the top of a file needs its reason directly above")
    func topLevel() {
        #expect(lines("unsafe f()\n") == [1])
        #expect(lines("// Safety: so.\nunsafe f()\n").isEmpty)
    }

    @Test("attributes that pass the duty on, words in text and names alike are left alone")
    func noEscape() {
        #expect(lines("@unsafe func f() { }\n@safe struct S { let unsafeCount = 1 }").isEmpty)
        #expect(lines("func f() { log(\"unsafe\") } // unsafe").isEmpty)
    }
}
