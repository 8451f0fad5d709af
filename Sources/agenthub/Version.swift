import HubModel
import HubProtocols
import HubStorage

/// What this program is.
enum Version {
    /// The program's number; `-dev` until it is released.
    static let program = "0.1.0-dev"

    static let command = CommandSpec(
        name: "version", summary: "Show which AgentHub this is",
        options: [OptionSpec(name: "json", summary: "Write JSON")],
        examples: [.init(call: "agenthub version --json", purpose: "For scripts.")]
    ) { (arguments, console) throws(CommandFailure) in
        let checksum = Checksum.isAccelerated ? "processor" : "table"
        guard arguments.has("json") else {
            try console.write("agenthub \(program), log format \(BlockLayout.version)\n")
            return .done
        }
        var json = JSONWriter()
        json.beginObject()
        json.key("version")
        json.string(program)
        json.key("log_format")
        json.number(BlockLayout.version)
        json.key("checksum_by")
        json.string(checksum)
        json.endObject()
        json.newline()
        try console.write(json.bytes)
        return .done
    }
}
