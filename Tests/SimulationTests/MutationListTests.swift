import Foundation
import Testing

/// The list of deliberate bugs, which `Tests/Mutations/run` puts into the router, is about the router as it is.
@Suite("The list of mutations")
struct MutationListTests {
    struct Mutation: CustomTestStringConvertible {
        let name: String
        let path: String
        let old: String
        let new: String

        var testDescription: String { name }
    }

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static let mutations: [Mutation] = {
        let file = root.appendingPathComponent("Tests/Mutations/mutations.txt")
        let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        return text.components(separatedBy: "\n== ").dropFirst().compactMap { entry in
            let parts = entry.components(separatedBy: "\n-- ")
            guard parts.count == 2, let end = parts[1].firstIndex(of: "\n"),
                let name = parts[0].split(separator: "\n").first
            else { return nil }
            let texts = parts[1][parts[1].index(after: end)...].components(separatedBy: "\n++\n")
            guard texts.count == 2 else { return nil }
            return Mutation(
                name: String(name), path: String(parts[1][..<end]), old: texts[0],
                new: texts[1].trimmingCharacters(in: .newlines))
        }
    }()

    @Test("has ten entries at least, each with a name of its own")
    func names() throws {
        let file = Self.root.appendingPathComponent("Tests/Mutations/mutations.txt")
        let entries = try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n== ").count - 1
        #expect(Self.mutations.count == entries)
        #expect(entries >= 10)
        #expect(Set(Self.mutations.map(\.name)).count == entries)
    }

    @Test("names texts that are in the sources once, and changes them", arguments: mutations)
    func textIsThere(mutation: Mutation) throws {
        let file = Self.root.appendingPathComponent(mutation.path)
        let source = try String(contentsOf: file, encoding: .utf8)
        #expect(source.components(separatedBy: mutation.old).count == 2)
        #expect(mutation.old != mutation.new)
        #expect(mutation.path.hasPrefix("Sources/HubRouter/"))
    }
}
