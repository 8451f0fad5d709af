import HubBytes
import HubProtocols
import HubSystem

/// The access file: an `AccessDocument` as JSON, for its owner alone.
package struct AccessFile: Sendable {
    /// What it is called inside the data directory.
    package static let name = "access.json"

    /// Where it is.
    package let path: String

    /// The file at a path, whether it is there or not.
    package init(path: String) { self.path = path }

    /// The file of a data directory.
    package init(dataDirectory: String) { self.init(path: "\(dataDirectory)/\(Self.name)") }

    /// A path that the document gives, from the file's own folder.
    package func resolve(_ relative: String) -> String {
        relative.hasPrefix("/") ? relative : "\(SecretFile.folder(of: path))/\(relative)"
    }

    /// What it says. A file that is not there says that nobody comes in.
    package func load() throws(AccessError) -> AccessDocument {
        guard Directory.exists(path) else { return AccessDocument() }
        let bytes = try SecretFile.read(path)
        do throws(AccessError) {
            return try AccessDocument(try Self.parse(bytes))
        } catch {
            throw AccessError(error.kind, "\(path): \(error.description)")
        }
    }

    private static func parse(_ bytes: [UInt8]) throws(AccessError) -> JSONValue {
        var rules = JSONRules.strict
        rules.bytesMax = SecretFile.bytesMax
        rules.valuesMax = 10_000_000
        do throws(JSONTextError) {
            return try bytes.withBytes { (bytes) throws(JSONTextError) in try JSONReader.value(bytes, rules) }
        } catch {
            throw AccessError(.content, error.description)
        }
    }

    /// Changes what it says: reads it, lets `change` work on it, and writes it, while nobody else does the same. If
    /// `change` throws, or leaves everything as it was, nothing is written.
    package func update<Result>(
        _ change: (inout AccessDocument) throws(AccessError) -> Result
    ) throws(AccessError) -> Result {
        try SecretFile.locked("\(path).lock") { () throws(AccessError) in
            let before = try load()
            var document = before
            let result = try change(&document)
            guard document != before || !Directory.exists(path) else { return result }
            // What is written must be readable: the same checks, on the same bytes.
            let text = IndentedJSON.bytes(document.json)
            _ = try AccessDocument(try Self.parse(text))
            try text.withBytes { (bytes) throws(AccessError) in try SecretFile.replace(path, bytes) }
            return result
        }
    }
}
