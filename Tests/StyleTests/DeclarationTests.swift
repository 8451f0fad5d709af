import Testing

@Suite("The declaration parser") struct DeclarationTests {
    private func declarations(_ source: String) -> [Declaration] {
        SourceFile(path: "Sources/HubModel/Sample.swift", text: source).declarations
    }

    private func names(_ source: String) -> [String] {
        declarations(source).map { "\($0.kind.rawValue) \($0.name)" }
    }

    @Test("members are found with their kinds and names")
    func members() {
        let source = """
            package struct Box<Item>: ~Copyable where Item: Sendable {
                let item: Item
                package private(set) var count = 0
                typealias Key = Int
                init(item: consuming Item) { self.item = item }
                deinit { }
                subscript(index: Int) -> Int { index }
                static func < (left: Self, right: Self) -> Bool { true }
            }
            """
        #expect(
            names(source) == [
                "struct Box", "let item", "var count", "typealias Key", "init init", "deinit deinit",
                "subscript subscript", "func <",
            ])
        #expect(declarations(source).dropFirst().allSatisfy { $0.parent == 0 })
    }

    @Test("locals, patterns, labels and members after a dot declare nothing")
    func notDeclarations() {
        let source = """
            func f(var: Int) {
                let x = 1
                if case let y? = x { var z = y }
                call(struct: Box.init(1), in: .init())
            }
            """
        #expect(names(source) == ["func f"])
    }

    @Test("functions and types inside functions are found")
    func locals() {
        #expect(
            names("func f() { struct S { var x = 1 }\n func g() { } }") == [
                "func f", "struct S", "var x", "func g",
            ])
    }

    @Test("the cases of an enum are found, those of a switch are not")
    func cases() {
        #expect(names("enum E {\n case a, b(Int)\n func f() { switch self { case .a: break } } }").count == 3)
    }

    @Test("modifiers and attributes belong to the declaration")
    func modifiers() {
        let found = declarations(
            "let a = f(1)\n\n@inlinable @_lifetime(borrow self)\npackage static func b() {}")
        #expect(found[1].modifiers == ["@inlinable", "@_lifetime(borrowself)", "package", "static"])
        #expect(found[1].firstLine == 3)
        #expect(found[1].keywordLine == 4)
        #expect(found[0].lastLine == 1)
    }

    @Test("a member that is called like a modifier is none of the declaration behind it")
    func memberNames() {
        let found = declarations(
            "var a = State.open\nprivate var b = 1\nenum E {\n case open\n var c: Int { 1 }\n}")
        #expect(found.first { $0.name == "b" }?.modifiers == ["private"])
        #expect(found.first { $0.name == "c" }?.modifiers == [])
    }

    @Test("accessors are found with their bodies, an implicit getter is the variable's body")
    func accessors() {
        let found = declarations(
            """
            struct S {
                var a: Int {
                    @_lifetime(borrow self) borrowing get {
                        1
                    }
                    set(new) { }
                }
                var b: Int {
                    1
                }
                var c = 1 {
                    didSet { }
                }
            }
            """)
        #expect(found.map(\.name) == ["S", "a", "get", "set", "b", "c", "didSet"])
        #expect(found.map(\.bodyLines) == [nil, nil, 1, 0, 1, nil, 0])
        #expect(found[2].parent == 1)
    }

    @Test("closures in an initial value are no accessors, and the value ends where the next member begins")
    func initialValues() {
        let found = declarations("struct S {\n let a: Int = {\n 1\n }()\n\n // b\n var b: Int { 1 }\n}")
        #expect(found.map(\.name) == ["S", "a", "b"])
        #expect(found[1].lastLine == 4)
        #expect(found[1].bodyLines == nil)
    }

    @Test("requirements of a protocol have no bodies")
    func requirements() {
        let found = declarations(
            "protocol P {\n func f()\n var x: Int { get set }\n init()\n}\nfunc g() {\n\n}")
        #expect(found.map(\.name) == ["P", "f", "x", "get", "set", "init", "g"])
        #expect(found.map(\.bodyLines) == [nil, nil, nil, nil, nil, nil, 1])
    }
}
