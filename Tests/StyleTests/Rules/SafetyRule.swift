/// Whoever leaves what the compiler can check says why that is sound, in a `// Safety:` comment.
///
/// The comment stands in the body of the function or accessor that needs it, or in the comment directly above
/// the declaration. For a stored property it may also stand in its value; for a type or an extension only the
/// comment above counts, as everything else in them belongs to a member.
enum SafetyRule {
    /// Finds declarations that use an escape from the checks and carry no reason: one finding each.
    static func findings(in file: SourceFile) -> [Finding] {
        var known: Set<Int> = []
        return file.tokens.indices.compactMap { index in
            guard let escape = escape(at: index, in: file.tokens) else { return nil }
            let line = file.tokens[index].line
            guard let declaration = file.innermostDeclaration(around: index) else {
                return hasReason(above: line, in: file) ? nil : file.finding(line, sentence(escape))
            }
            guard !hasReason(declaration, in: file), known.insert(declaration).inserted else { return nil }
            return file.finding(line, sentence(escape))
        }
    }

    private static func sentence(_ escape: String) -> String { "\(escape) without a `// Safety:` comment" }

    /// The name of the escape from the compiler's checks that this token is, if it is one.
    private static func escape(at index: Int, in tokens: [Token]) -> String? {
        let token = tokens[index]
        guard token.kind == .word else { return nil }
        let previous = index > 0 ? tokens[index - 1].text : ""
        if token.text == "unchecked", previous == "@" { return "@unchecked" }
        if token.text == "unsafe" {
            // `@unsafe` passes the duty on to the caller: it is no escape.
            if previous == "@" || previous == "." { return nil }
            guard previous == "(", index > 1, tokens[index - 2].kind == .word else { return "unsafe" }
            let modifier = tokens[index - 2].text
            return modifier == "nonisolated" || modifier == "unowned" ? "\(modifier)(unsafe)" : "unsafe"
        }
        return calls.contains(token.text) ? token.text : nil
    }

    /// Calls that need a reason even where the compiler asks for no `unsafe` in front of them.
    private static let calls: Set = [
        "unsafeBitCast", "unsafeDowncast", "unsafelyUnwrapped", "assumingMemoryBound", "withMemoryRebound",
    ]

    private static func hasReason(_ index: Int, in file: SourceFile) -> Bool {
        let declaration = file.declarations[index]
        if hasReason(above: declaration.firstLine, in: file) { return true }
        if !declaration.isType, hasReason(inside: index, in: file) { return true }
        // What is said of a property or subscript holds for its accessors.
        if declaration.kind == .accessor, let parent = declaration.parent {
            return hasReason(parent, in: file)
        }
        return false
    }

    private static func hasReason(above line: Int, in file: SourceFile) -> Bool {
        file.commentBlock(above: line).contains(where: isReason)
    }

    /// Whether a reason stands in the lines of a declaration, those of declarations inside it left out.
    private static func hasReason(inside index: Int, in file: SourceFile) -> Bool {
        let declaration = file.declarations[index]
        let inner = file.declarations.filter {
            $0.tokens.lowerBound > declaration.tokens.lowerBound
                && declaration.tokens.contains($0.tokens.lowerBound)
        }
        let innerLines = inner.map { lines(of: $0, in: file) }
        return file.comments.contains { comment in
            (declaration.firstLine...declaration.lastLine).contains(comment.line) && isReason(comment)
                && !innerLines.contains { $0.contains(comment.line) }
        }
    }

    /// The lines of a declaration and of the comment above it.
    private static func lines(of declaration: Declaration, in file: SourceFile) -> ClosedRange<Int> {
        let above = file.commentBlock(above: declaration.firstLine).count
        return declaration.firstLine - above...declaration.lastLine
    }

    /// Whether a comment is a reason: the mark alone is none.
    private static func isReason(_ comment: Comment) -> Bool {
        let mark = "// Safety:"
        return comment.text.hasPrefix(mark) && comment.text.dropFirst(mark.count).contains { $0 != " " }
    }
}
