import HubBytes
import HubProtocols
import HubServer
import HubSystem

/// A hub with a name: where it is, and what to show it.
struct NamedContext: Equatable {
    var url: String
    var token: String?
    /// A file with the authorities that the hub's certificate may come from.
    var authorityFile: String?
}

/// The contexts of a user, in a file that nobody else may read, because tokens are in it.
struct ContextFile: Equatable {
    /// The one that is used where none is named.
    var current: String?
    /// All of them, by name, in the order of their names.
    var contexts: [String: NamedContext] = [:]

    /// Where it is: in the user's folder for configuration.
    static var path: String? {
        if let folder = CurrentProcess.variable("XDG_CONFIG_HOME"), folder.hasPrefix("/") {
            return "\(folder)/agenthub/contexts.json"
        }
        guard let home = CurrentProcess.variable("HOME"), home.hasPrefix("/") else { return nil }
        return "\(home)/.config/agenthub/contexts.json"
    }

    private static let nameLengthMax = 64

    /// Whether contexts can have this name.
    static func isName(_ name: String) -> Bool {
        let letters = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
                UInt8(ascii: "."):
                true
            default: false
            }
        }
        return letters && (1...nameLengthMax).contains(name.utf8.count)
    }

    /// What the file says; nothing if it is not there.
    static func load() throws(CommandFailure) -> ContextFile {
        guard let path, Directory.exists(path) else { return ContextFile() }
        do throws(AccessError) {
            let bytes = try SecretFile.read(path)
            do throws(JSONTextError) {
                let value = try bytes.withBytes { (bytes) throws(JSONTextError) in
                    try JSONReader.value(bytes)
                }
                return ContextFile(value)
            } catch {
                throw AccessError(.content, "\(path): \(error.description)")
            }
        } catch {
            throw .access(error)
        }
    }

    /// Has the file say this.
    func save() throws(CommandFailure) {
        guard let path = Self.path else {
            throw .absent("there is no folder for contexts: set HOME or XDG_CONFIG_HOME")
        }
        var writer = JSONWriter()
        writer.value(json)
        writer.newline()
        let bytes = writer.bytes.array
        let folder = path.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" }
        do throws(SystemError) { try Directory.createWithParents(folder) } catch { throw .system(error) }
        do throws(AccessError) {
            try bytes.withBytes { (bytes) throws(AccessError) in try SecretFile.replace(path, bytes) }
        } catch {
            throw .access(error)
        }
    }

    // MARK: As JSON

    /// What a file says. What cannot be meant is left out.
    init(_ value: JSONValue) {
        for member in value["contexts"]?.object?.members ?? [] {
            guard let url = member.value["url"]?.text, Self.isName(member.name) else { continue }
            contexts[member.name] = NamedContext(
                url: url, token: member.value["token"]?.text, authorityFile: member.value["ca"]?.text)
        }
        current = value["current"]?.text
    }

    init() {}

    /// The file's content.
    var json: JSONValue {
        var entries = JSONObject()
        for (name, context) in contexts.sorted(by: { $0.key < $1.key }) {
            var entry = JSONObject()
            entry["url"] = .string(context.url)
            entry["token"] = context.token.map { .string($0) }
            entry["ca"] = context.authorityFile.map { .string($0) }
            entries[name] = .object(entry)
        }
        var file = JSONObject()
        file["current"] = current.map { .string($0) }
        file["contexts"] = .object(entries)
        return .object(file)
    }
}
