/// The first thing that a newcomer sees is short.
enum TopLevelRule {
    /// What the root of the repository may hold besides dotfiles.
    static let allowed: Set = [
        "Package.swift", "Sources", "Tests", "bench", "config", "docs", "README.md", "LICENSE",
    ]

    /// Finds entries of the root that belong elsewhere.
    static func findings(in entries: [String]) -> [Finding] {
        entries.filter { !$0.hasPrefix(".") && !allowed.contains($0) }.sorted().map {
            Finding(path: $0, line: 1, sentence: "the root of the repository holds nothing of this name")
        }
    }
}
