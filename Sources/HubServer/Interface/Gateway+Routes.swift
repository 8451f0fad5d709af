import HubBytes
import HubConnection
import HubModel
import HubProtocols

/// Who answers which request.
extension Gateway {
    /// What a path can be asked for; empty if nothing has it.
    static func methods(of path: [String]) -> [HTTPMethod] {
        guard path.starts(with: interfacePath) else { return path == ["agents"] ? [.get] : [] }
        let rest = path.dropFirst(interfacePath.count)
        switch (rest.first, rest.count) {
        case ("messages", 1): return [.post]
        case ("consumers", 2): return [.get, .patch, .delete]
        case ("dead-letters", 2): return [.get, .post, .delete]
        case ("messages", 2), ("agents", 1), ("sessions", 1), ("sessions", 2), ("topics", 1), ("state", 1),
            ("consumers", 1), ("dead-letters", 1), ("events", 1), ("openapi.json", 1):
            return [.get]
        case ("sessions", 3), ("topics", 3): return rest.last == "messages" ? [.get] : []
        default: return []
        }
    }

    /// Answers a request, or has it answered later.
    mutating func answer(
        _ call: Call, _ web: inout WebConnections, _ loop: inout EventLoop
    ) throws(Refusal) {
        let allowed = Self.methods(of: call.path)
        guard !allowed.isEmpty else {
            throw Refusal(
                .unknownMessage, "there is nothing here; /api/hub/v1/openapi.json has what there is")
        }
        let method: HTTPMethod? = call.method == .head ? .get : call.method
        guard let method, allowed.contains(method) else { return refuseMethod(call, allowed, &web, &loop) }
        let path = call.path == ["agents"] ? call.path : Array(call.path.dropFirst(Self.interfacePath.count))
        if method == .get {
            try show(call, path, &web, &loop)
        } else {
            try change(call, method, path, &web, &loop)
        }
    }

    private mutating func show(
        _ call: Call, _ path: [String], _ web: inout WebConnections, _ loop: inout EventLoop
    ) throws(Refusal) {
        switch (path[0], path.count) {
        case ("agents", _): try listAgents(call)
        case ("messages", _): try showMessage(call, path[1])
        case ("sessions", 1): try listSessions(call)
        case ("sessions", 2): try showSession(call, path[1])
        case ("sessions", _): try sessionMessages(call, path[1])
        case ("topics", 1): try listTopics(call)
        case ("topics", _): try topicMessages(call, path[1])
        case ("consumers", 1): try listConsumers(call)
        case ("consumers", _): try showConsumer(call, path[1])
        case ("dead-letters", 1): try listDeadLetters(call)
        case ("dead-letters", _): try showDeadLetter(call, path[1])
        case ("state", _): try showState(call)
        case ("events", _): try beginEvents(call, &web, &loop)
        default:
            OpenAPIDocument.text.withBytes {
                web.answer(call.token, .ok, type: "application/json", $0, &loop)
            }
        }
    }

    private mutating func change(
        _ call: Call, _ method: HTTPMethod, _ path: [String], _ web: inout WebConnections,
        _ loop: inout EventLoop
    ) throws(Refusal) {
        switch (path[0], method) {
        case ("messages", _): try publish(call, &web, &loop)
        case ("consumers", .delete): try deleteConsumer(call, path[1], &web, &loop)
        case ("consumers", _): try changeConsumer(call, path[1], &web, &loop)
        default: try settleDeadLetter(call, path[1], redrive: method == .post, &web, &loop)
        }
    }

    private mutating func refuseMethod(
        _ call: Call, _ allowed: [HTTPMethod], _ web: inout WebConnections, _ loop: inout EventLoop
    ) {
        let words = allowed.map(\.word).joined(separator: ", ")
        desk.scratch.removeAll()
        NativeWriter.errorBody(
            Refusal(.badField, "this path takes \(words)"), details: RawSpan(), to: &desk.scratch)
        guard var reply = web.reply(call.token, .methodNotAllowed, loop) else { return }
        reply.field("Content-Type", "application/json")
        words.withBytes { try? reply.field("Allow", $0) }
        web.finish(reply, desk.scratch.bytes, &loop)
    }
}

extension HTTPMethod {
    /// As it is written in a request, of those that the interface takes.
    fileprivate var word: String {
        switch self {
        case .post: "POST"
        case .patch: "PATCH"
        case .delete: "DELETE"
        default: "GET"
        }
    }
}
