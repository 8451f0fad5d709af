/// Names say what a thing is; these words say only that somebody did not know.
enum NameRule {
    /// Words that no file, folder or type may have in its name.
    static let bannedWords: Set = ["util", "utils", "manager", "helper", "helpers", "common", "misc"]

    /// Finds types with a banned word in their name.
    static func findings(in file: SourceFile) -> [Finding] {
        file.declarations.compactMap { declaration in
            let isNamedHere =
                declaration.isType && declaration.kind != .extension || declaration.kind == .typealias
            guard isNamedHere, let word = bannedWord(in: declaration.name) else { return nil }
            return file.finding(declaration.keywordLine, "the type name \(declaration.name) says \"\(word)\"")
        }
    }

    /// Finds a path with a banned word in it.
    static func findings(inPath path: String) -> [Finding] {
        guard let word = bannedWord(in: path) else { return [] }
        return [Finding(path: path, line: 1, sentence: "the file name says \"\(word)\"")]
    }

    private static func bannedWord(in name: String) -> String? {
        camelCaseWords(of: name).first { bannedWords.contains($0.lowercased()) }
    }

    /// `HTTPFrameReader+Trailers` has the words `HTTP`, `Frame`, `Reader` and `Trailers`.
    static func camelCaseWords(of name: String) -> [String] {
        let characters = Array(name)
        var words: [String] = []
        var word = ""
        for (index, character) in characters.enumerated() {
            let beginsWord = character.isUppercase && endsWord(before: index, in: characters)
            if beginsWord || !character.isLetter {
                if !word.isEmpty { words.append(word) }
                word = ""
            }
            if character.isLetter { word.append(character) }
        }
        return word.isEmpty ? words : words + [word]
    }

    /// A capital begins a word after a small letter, and as the last of several capitals.
    private static func endsWord(before index: Int, in characters: [Character]) -> Bool {
        guard index > 0 else { return false }
        let isBeforeSmall = index + 1 < characters.count && characters[index + 1].isLowercase
        return characters[index - 1].isLowercase || isBeforeSmall
    }
}
