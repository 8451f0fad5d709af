package import HubBytes
import HubProtocols

/// The answer to one of the two questions, ready to be sent: JSON on one line.
package struct HealthAnswer: ~Copyable {
    /// 200 or 503.
    package let status: UInt16
    /// The content, of type `application/json`.
    package var content: ByteBuffer

    /// `GET /health`: whether the process is worth keeping.
    package static func health(_ state: HealthState) -> HealthAnswer {
        HealthAnswer(state, isGood: state.isAlive, good: "ok", bad: "failing")
    }

    /// `GET /ready`: whether messages are taken.
    package static func ready(_ state: HealthState) -> HealthAnswer {
        HealthAnswer(state, isGood: state.isReady, good: "ready", bad: "not_ready")
    }

    private init(_ state: HealthState, isGood: Bool, good: String, bad: String) {
        status = isGood ? 200 : 503
        var json = JSONWriter()
        json.beginObject()
        json.key("status")
        json.string(isGood ? good : bad)
        json.key("phase")
        json.string(state.phase.word)
        switch state.phase {
        case .recovering(let done, let all):
            json.key("recovered_records")
            json.number(done)
            json.key("records_to_recover")
            json.number(all)
        case .draining(let left):
            json.key("connections_left")
            json.number(left)
        case .starting, .serving: break
        }
        json.key("storage")
        json.string(state.storageFault == nil ? "ok" : "failing")
        json.key("disk")
        json.string(state.diskLevel.rawValue)
        json.key("reasons")
        json.beginArray()
        for reason in state.reasons { json.string(reason) }
        json.endArray()
        json.endObject()
        json.newline()
        content = ByteBuffer(capacity: 512)
        content.append(json.bytes)
    }
}
