/// A declaration as the rules see it: what it is, how it is marked and where it lies.
struct Declaration {
    enum Kind: String {
        case `import`, `struct`, `class`, `enum`, actor, `protocol`, `extension`
        case `func`, `init`, `deinit`, `subscript`, `var`, `let`, `case`, `typealias`, `associatedtype`
        /// `get`, `set` and their like.
        case accessor
    }

    let kind: Kind
    /// Of an import the module.
    let name: String
    /// Attributes and modifiers as written: `@inlinable`, `package`, `private(set)`.
    let modifiers: [String]
    /// The declaration that this one is a part of, by its place in the file's list.
    let parent: Int?
    /// Where its attributes, modifiers or keyword begin.
    let firstLine: Int
    /// Where its keyword stands.
    let keywordLine: Int
    /// Where it ends.
    var lastLine: Int
    /// Its tokens, from the first attribute to the closing brace.
    var tokens: Range<Int>
    /// Lines between the braces of its code, if it has any.
    var bodyLines: Int?

    /// Whether other targets see it.
    var isVisibleOutside: Bool { modifiers.contains { ["public", "package", "open"].contains($0) } }

    /// Whether it holds members rather than code or a value.
    var isType: Bool {
        switch kind {
        case .struct, .class, .enum, .actor, .protocol, .extension: true
        default: false
        }
    }
}
