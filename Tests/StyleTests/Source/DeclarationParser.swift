/// Finds the declarations in a file's tokens by their keywords and braces.
///
/// Constants and variables inside functions are left out: to every rule they are part of the function's code.
struct DeclarationParser {
    /// What lies between two braces.
    private struct Scope {
        enum Kind { case members, accessors, code }
        let kind: Kind
        /// The declaration whose braces these are; nil for the file and for statements and closures.
        let owner: Int?
        let openingLine: Int
        /// Parentheses and brackets that are open.
        var depth = 0
        /// The newest declaration here, while it may still get braces.
        var pending: Int?
        /// Whether the pending variable has got its value: braces behind that are closures.
        var hasValue = false
    }

    private let tokens: [Token]
    private var scopes = [Scope(kind: .members, owner: nil, openingLine: 0)]
    private(set) var declarations: [Declaration] = []

    /// Reads all of `tokens`.
    init(_ tokens: [Token]) {
        self.tokens = tokens
        for index in tokens.indices { read(index) }
        finishPending(before: tokens.count)
    }

    private mutating func read(_ index: Int) {
        let scope = scopes.count - 1
        let token = tokens[index]
        switch (token.kind, token.text) {
        case (.symbol, "("), (.symbol, "["): scopes[scope].depth += 1
        case (.symbol, ")"), (.symbol, "]"): scopes[scope].depth -= 1
        case (.symbol, "="): if scopes[scope].depth == 0 { scopes[scope].hasValue = true }
        case (.symbol, "{"): open(index)
        case (.symbol, "}"): close(index)
        case (.word, _):
            guard scopes[scope].depth == 0, let kind = kind(at: index) else { return }
            begin(kind, at: index)
        default: break
        }
    }

    private mutating func begin(_ kind: Declaration.Kind, at index: Int) {
        let first = ModifierReader(tokens: tokens).firstToken(ofDeclarationAt: index)
        finishPending(before: first)
        declarations.append(
            Declaration(
                kind: kind, name: name(at: index, of: kind),
                modifiers: ModifierReader(tokens: tokens).modifiers(in: first..<index),
                parent: scopes.last { $0.owner != nil }?.owner,
                firstLine: tokens[first].line, keywordLine: tokens[index].line, lastLine: tokens[index].line,
                tokens: first..<index + 1, bodyLines: nil))
        scopes[scopes.count - 1].pending = declarations.count - 1
        scopes[scopes.count - 1].hasValue = false
    }

    private mutating func open(_ index: Int) {
        let scope = scopes[scopes.count - 1]
        guard scope.depth == 0, let owner = scope.pending, let kind = bracesKind(of: owner, at: index) else {
            scopes.append(Scope(kind: .code, owner: nil, openingLine: tokens[index].line))
            return
        }
        scopes[scopes.count - 1].pending = nil
        scopes.append(Scope(kind: kind, owner: owner, openingLine: tokens[index].line))
    }

    private mutating func close(_ index: Int) {
        finishPending(before: index)
        guard scopes.count > 1, let scope = scopes.popLast(), let owner = scope.owner else { return }
        let line = tokens[index].line
        declarations[owner].tokens = declarations[owner].tokens.lowerBound..<index + 1
        declarations[owner].lastLine = line
        if scope.kind == .code { declarations[owner].bodyLines = max(0, line - scope.openingLine - 1) }
    }

    /// Ends a declaration that has no braces where the next one begins.
    private mutating func finishPending(before end: Int) {
        guard let pending = scopes[scopes.count - 1].pending else { return }
        scopes[scopes.count - 1].pending = nil
        let first = declarations[pending].tokens.lowerBound
        declarations[pending].tokens = first..<max(end, first + 1)
        declarations[pending].lastLine = tokens[max(end, first + 1) - 1].line
    }

    /// What the braces that open here are to the pending declaration; nil if they are not its own.
    private func bracesKind(of owner: Int, at index: Int) -> Scope.Kind? {
        let declaration = declarations[owner]
        if declaration.isType { return .members }
        switch declaration.kind {
        case .func, .`init`, .deinit, .accessor: return .code
        case .subscript: return startsAccessors(index) ? .accessors : .code
        case .var, .let:
            if scopes[scopes.count - 1].hasValue { return startsAccessors(index) ? .accessors : nil }
            return startsAccessors(index) ? .accessors : .code
        default: return nil
        }
    }

    private func startsAccessors(_ brace: Int) -> Bool {
        guard let word = ModifierReader(tokens: tokens).firstKeyword(from: brace + 1) else { return false }
        return Self.accessors.contains(word.text)
    }

    /// The kind of declaration whose keyword this word is, if it is one here.
    private func kind(at index: Int) -> Declaration.Kind? {
        let word = tokens[index].text
        let previous = index > 0 ? tokens[index - 1].text : ""
        let next = index + 1 < tokens.count ? tokens[index + 1].text : ""
        // `Thing.init`, `import struct Library.Thing` and `switch(default: 1)` declare nothing.
        guard previous != ".", previous != "import", next != ":" else { return nil }
        let scope = scopes[scopes.count - 1]
        if scope.kind == .accessors { return Self.accessors.contains(word) ? .accessor : nil }
        guard let kind = Declaration.Kind(rawValue: word), kind != .accessor else { return nil }
        switch kind {
        case .class: return Self.classMembers.contains(next) ? nil : kind
        case .actor: return next.first?.isUppercase == true ? kind : nil
        case .func, .struct, .enum, .protocol, .extension: return kind
        case .case: return holdsCases(scope) && !Self.patterns.contains(previous) ? kind : nil
        case .var, .let: return scope.kind == .members && !Self.patterns.contains(previous) ? kind : nil
        default: return scope.kind == .members ? kind : nil
        }
    }

    private func holdsCases(_ scope: Scope) -> Bool {
        scope.kind == .members && scope.owner.map { declarations[$0].kind == .enum } == true
    }

    private func name(at index: Int, of kind: Declaration.Kind) -> String {
        if [.`init`, .deinit, .subscript, .accessor].contains(kind) { return tokens[index].text }
        var next = index + 1
        if kind == .import, next + 1 < tokens.count, Self.importKinds.contains(tokens[next].text) {
            next += 1
        }
        guard next < tokens.count, tokens[next].kind == .symbol else {
            return next < tokens.count ? tokens[next].text : ""
        }
        // An operator: everything up to its parameters.
        return tokens[next...].prefix { $0.kind == .symbol && $0.text != "(" }.map(\.text).joined()
    }

    private static let accessors: Set = [
        "get", "set", "willSet", "didSet", "_read", "_modify", "unsafeAddress", "unsafeMutableAddress",
    ]
    private static let classMembers: Set = ["func", "var", "let", "subscript", "override", "final"]
    private static let patterns: Set = ["if", "while", "guard", "for", "case", "catch", ",", "("]
    private static let importKinds: Set = [
        "struct", "class", "enum", "protocol", "typealias", "func", "let", "var",
    ]
}
