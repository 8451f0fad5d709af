import Foundation

/// Words that have no place in the text of a file, whatever its language.
enum WordRule {
    /// Marks of unfinished work, spelled in halves so that this file passes its own rule.
    static let marks = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]

    /// Finds marks of unfinished work: what is left to do is tracked elsewhere, not in the code.
    static func findings(inUnfinished text: String, path: String) -> [Finding] {
        findings(in: text, path: path, pattern: "\\b(" + marks.joined(separator: "|") + ")\\b") {
            "the mark \($0): finish it or write down why it is so"
        }
    }

    /// Finds paths of the machine that somebody worked on.
    static func findings(inPaths text: String, path: String) -> [Finding] {
        // In halves again. A path counts where it begins: `network/work/x` and a home page's address do not.
        let places = [
            "\\.\\./" + "shared", "/" + "work/", "/" + "root/", "/" + "home/\\w", "/" + "Users/\\w",
        ]
        let pattern = "(?<![\\w.~})/-])(" + places.joined(separator: "|") + ")"
        return findings(in: text, path: path, pattern: pattern) {
            "the path \($0) exists on one machine only"
        }
    }

    private static func findings(
        in text: String, path: String, pattern: String, sentence: (String) -> String
    ) -> [Finding] {
        guard text.range(of: pattern, options: .regularExpression) != nil else { return [] }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.enumerated().compactMap { index, line in
            guard let place = line.range(of: pattern, options: .regularExpression) else { return nil }
            return Finding(path: path, line: index + 1, sentence: sentence(String(line[place])))
        }
    }
}
