/// What the README tells people to run is what the checks run.
enum CommandRule {
    /// Finds a test command of the README that the script does not hold, in single quotes, in the same words.
    static func findings(readme: String, script: String) -> [Finding] {
        let lines = readme.split(separator: "\n", omittingEmptySubsequences: false)
        let commands = lines.indices.filter { lines[$0].contains("swift test") && isCommand($0, in: lines) }
        guard let index = commands.first, commands.count == 1 else {
            return [
                Finding(
                    path: "README.md", line: 1, sentence: "there must be exactly one `swift test` command")
            ]
        }
        guard !script.contains("'" + lines[index] + "'") else { return [] }
        return [
            Finding(
                path: "README.md", line: index + 1, sentence: "the script of the checks runs another command")
        ]
    }

    /// Whether a line stands in a fenced block: an odd number of fences is above it.
    private static func isCommand(_ index: Int, in lines: [Substring]) -> Bool {
        lines[..<index].count { $0.hasPrefix("```") } % 2 == 1
    }
}
