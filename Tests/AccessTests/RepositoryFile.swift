import FoundationEssentials

/// Files of the repository that tests read.
enum RepositoryFile {
    private static let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

    static func path(_ name: String) -> String { "/\(root)/\(name)" }
}
