import Foundation

/// The files of the repository that this test was built from.
struct Repository {
    /// A text file, by its path from the root.
    struct TextFile {
        let path: String
        let text: String
    }

    /// Everything that git would take, ignored files left out.
    let textFiles: [TextFile]
    /// The Swift files of `Sources`, `Tests` and `bench`, taken apart.
    let swiftFiles: [SourceFile]
    /// The names in the root folder.
    let topLevel: [String]

    /// Read once for all tests.
    static let current = Repository(root: root)

    private static var root: URL {
        var folder = URL(filePath: #filePath).deletingLastPathComponent()
        while !FileManager.default.fileExists(atPath: folder.appending(path: "Package.swift").path) {
            precondition(folder.path != "/", "the tests lie outside of a package")
            folder.deleteLastPathComponent()
        }
        return folder
    }

    private init(root: URL) {
        let ignored = IgnoreList(gitignore: Self.text(of: root.appending(path: ".gitignore")) ?? "")
        let paths = Self.paths(below: root, prefix: "", ignored: ignored)
        textFiles = paths.sorted().compactMap { path in
            Self.text(of: root.appending(path: path)).map { TextFile(path: path, text: $0) }
        }
        swiftFiles = textFiles.filter { $0.path.hasSuffix(".swift") && Self.isCode($0.path) }
            .map { SourceFile(path: $0.path, text: $0.text) }
        topLevel = Self.names(in: root).filter { !ignored.contains($0) }
    }

    /// The text of one file; empty if it is not there.
    func text(of path: String) -> String { textFiles.first { $0.path == path }?.text ?? "" }

    /// Whether a path lies where code lies.
    static func isCode(_ path: String) -> Bool {
        ["Sources/", "Tests/", "bench/"].contains { path.hasPrefix($0) }
    }

    private static func paths(below folder: URL, prefix: String, ignored: IgnoreList) -> [String] {
        names(in: folder).flatMap { name -> [String] in
            guard !ignored.contains(name) else { return [] }
            let entry = folder.appending(path: name)
            let kind =
                try? FileManager.default.attributesOfItem(atPath: entry.path)[.type] as? FileAttributeType
            switch kind {
            case .typeDirectory: return paths(below: entry, prefix: prefix + name + "/", ignored: ignored)
            case .typeRegular: return [prefix + name]
            default: return []
            }
        }
    }

    private static func names(in folder: URL) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    }

    /// Nil for a file that is no text: a zero byte near its beginning says so, as it does to git.
    private static func text(of file: URL) -> String? {
        guard let data = try? Data(contentsOf: file), !data.prefix(8000).contains(0) else { return nil }
        return String(data: data, encoding: .utf8)
    }
}
