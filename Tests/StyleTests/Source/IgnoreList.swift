/// The names that `.gitignore` leaves out. It holds names with at most one star; no other pattern is understood.
struct IgnoreList {
    private let patterns: [String]

    /// Reads the lines of a `.gitignore`.
    init(gitignore: String) {
        let lines = gitignore.split(separator: "\n").filter { !$0.hasPrefix("#") }
        patterns = [".git"] + lines.map { $0.hasSuffix("/") ? String($0.dropLast()) : String($0) }
    }

    /// Whether a file or folder of this name is left out.
    func contains(_ name: String) -> Bool {
        patterns.contains { pattern in
            guard let star = pattern.firstIndex(of: "*") else { return name == pattern }
            let tail = pattern[pattern.index(after: star)...]
            return name.count >= pattern.count - 1 && name.hasPrefix(pattern[..<star]) && name.hasSuffix(tail)
        }
    }
}
