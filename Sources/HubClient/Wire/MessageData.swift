import HubBytes
import HubProtocols

/// The data of commands, answers and statuses.
enum MessageData {
    static func command(_ name: String, _ arguments: Payload) throws(ClientError) -> Payload {
        try arguments.check()
        return object { writer in
            writer.key("command")
            writer.string(name)
            if !arguments.bytes.isEmpty {
                writer.key("args")
                arguments.bytes.withBytes { writer.embed($0) }
            }
        }
    }

    static func response(
        to command: String, status: String, result: Payload, error: String?
    ) throws(ClientError) -> Payload {
        try result.check()
        return object { writer in
            writer.key("command_id")
            writer.string(command)
            writer.key("status")
            writer.string(status)
            if !result.bytes.isEmpty {
                writer.key("result")
                result.bytes.withBytes { writer.embed($0) }
            }
            if let error {
                writer.key("error")
                writer.string(error)
            }
        }
    }

    static func status(_ word: String, currentTask: String?, progress: Double?) -> Payload {
        object { writer in
            writer.key("status")
            writer.string(word)
            if let currentTask {
                writer.key("current_task")
                writer.string(currentTask)
            }
            if let progress {
                writer.key("progress")
                writer.number(progress)
            }
        }
    }

    private static func object(_ body: (inout JSONWriter) -> Void) -> Payload {
        var writer = JSONWriter(capacity: 256)
        writer.beginObject()
        body(&writer)
        writer.endObject()
        return .json(writer.bytes.array)
    }
}

extension Payload {
    /// Throws if it is no JSON: one message that is none would spoil all that travel with it.
    func check() throws(ClientError) {
        guard !bytes.isEmpty else { return }
        if let fault = bytes.withBytes({ JSONValidator.fault(in: $0) }) {
            throw .badArgument("the data is not JSON: \(fault)")
        }
    }
}
