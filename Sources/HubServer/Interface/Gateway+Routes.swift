import HubBytes
import HubConnection
import HubModel
import HubProtocols

/// Who answers which request.
extension Gateway {
    /// What is not below the interface's path: that is where one looks for it.
    private static let outside = ["agents", "health", "ready", "metrics"]

    /// What a path can be asked for; empty if nothing has it.
    static func methods(of path: [String]) -> [HTTPMethod] {
        guard path.starts(with: interfacePath) else {
            return path.count == 1 && outside.contains(path[0]) ? [.get] : []
        }
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
        if method == .options { return tellMethods(call, allowed, &web, &loop) }
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
        default: describe(call.token, &web, &loop)
        }
    }

    private mutating func change(
        _ call: Call, _ method: HTTPMethod, _ path: [String], _ web: inout WebConnections,
        _ loop: inout EventLoop
    ) throws(Refusal) {
        guard call.hasJSON || !Self.takesContent(path[0], method) else {
            return refuseContent(call, &web, &loop)
        }
        switch (path[0], method) {
        case ("messages", _): try publish(call, &web, &loop)
        case ("consumers", .delete): try deleteConsumer(call, path[1], &web, &loop)
        case ("consumers", _): try changeConsumer(call, path[1], &web, &loop)
        default: try settleDeadLetter(call, path[1], redrive: method == .post, &web, &loop)
        }
    }

    private static func takesContent(_ kind: String, _ method: HTTPMethod) -> Bool {
        method == .patch || kind == "messages"
    }

    private mutating func refuseContent(
        _ call: Call, _ web: inout WebConnections, _ loop: inout EventLoop
    ) {
        desk.refuse(
            call.token,
            Refusal(.badField, "the content is JSON, and so says `Content-Type: application/json`"),
            as: .unsupportedMediaType, &web, &loop
        ) { $0.field("Accept", "application/json") }
    }

    private mutating func refuseMethod(
        _ call: Call, _ allowed: [HTTPMethod], _ web: inout WebConnections, _ loop: inout EventLoop
    ) {
        let words = Self.words(allowed)
        desk.refuse(
            call.token, Refusal(.badField, "this path takes \(words)"), as: .methodNotAllowed, &web, &loop
        ) { reply in words.withBytes { try? reply.field("Allow", $0) } }
    }

    private mutating func tellMethods(
        _ call: Call, _ allowed: [HTTPMethod], _ web: inout WebConnections, _ loop: inout EventLoop
    ) {
        guard var reply = web.reply(call.token, .noContent, loop) else { return }
        Self.words(allowed).withBytes { try? reply.field("Allow", $0) }
        web.finish(reply, RawSpan(), &loop)
    }

    private static func words(_ methods: [HTTPMethod]) -> String {
        methods.map(\.word).joined(separator: ", ")
    }
}

extension HTTPMethod {
    /// As it is written in a request, of those that the interface takes.
    fileprivate var word: String {
        switch self {
        case .post: "POST"
        case .patch: "PATCH"
        case .delete: "DELETE"
        default: "GET, HEAD"
        }
    }
}
