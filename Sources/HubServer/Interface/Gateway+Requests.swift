import HubBytes
package import HubConnection
import HubModel
package import HubProtocols

/// The hub's HTTP interface: `docs/protocol/openapi.json` describes it.
extension Gateway {
    /// Where it is.
    static let interfacePath = ["api", "hub", "v1"]

    /// A request has content: as much as a message may have, and what is around it.
    package mutating func intake(_ request: HTTPRequestView, _ web: inout WebConnections) -> WebIntake {
        switch request.head.method {
        case .post, .patch, .put, .delete: .take(upTo: desk.hub.frames.payloadBytesMax + (64 << 10))
        default: .take(upTo: 0)
        }
    }

    /// A request came, with all of its content.
    package mutating func request(
        _ token: WebToken, _ request: HTTPRequestView, _ content: RawSpan, _ web: inout WebConnections,
        _ loop: inout EventLoop
    ) {
        if showHealth(token, request, &web, &loop) { return }
        if Self.wantsDescription(request) { return describe(token, &web, &loop) }
        do throws(Refusal) {
            let identity = try identity(token, request, &web, &loop)
            let call = try Call(token, request, content, identity)
            try answer(call, &web, &loop)
        } catch {
            desk.refuse(token, error, &web, &loop)
        }
    }

    /// What the interface is like is no secret.
    private static func wantsDescription(_ request: HTTPRequestView) -> Bool {
        switch request.head.method {
        case .get, .head: request.path.text == "/api/hub/v1/openapi.json"
        default: false
        }
    }

    func describe(_ token: WebToken, _ web: inout WebConnections, _ loop: inout EventLoop) {
        OpenAPIDocument.text.withBytes { web.answer(token, .ok, type: "application/json", $0, &loop) }
    }

    /// Whom a request comes from.
    func identity(
        _ token: WebToken, _ request: HTTPRequestView, _ web: inout WebConnections, _ loop: inout EventLoop
    ) throws(Refusal) -> Identity {
        let listener = web.listener(of: token.connection)
        if let objection = desk.hub.objection(toHostOf: request, listener) {
            throw Refusal(.forbidden, objection)
        }
        var shown = ShownCredentials()
        shown.certificate = web.identity(of: token.connection)
        shown.bearer = request.bearer
        let admission = desk.hub.admission(listener)
        if let agent = request.fields.value(of: "X-Agent")?.text {
            shown.agent = try AgentID(agent)
        } else if admission == .everyone {
            shown.agent = Self.anyone
        }
        return try desk.hub.authenticator.admit(
            shown, from: loop.peer(token.connection)?.networkAddress, admission, now: Core.clock())
    }

    /// Who asks without saying who he is, where nobody has to.
    private static let anyone = AgentID(unchecked: "anonymous")

    /// Routes a message that came by HTTP; the answer is its receipt.
    mutating func publish(
        _ call: Call, _ web: inout WebConnections, _ loop: inout EventLoop
    ) throws(Refusal) {
        guard !desk.isOverfull else {
            throw Refusal(
                .limitReached, "too much waits to be routed; try again", retryAfterMilliseconds: 1000)
        }
        let identity = call.identity
        let publication = try publication(call)
        if let objection = desk.objection(to: publication, of: identity) { throw objection }
        let visitor = try VisitorTable.visitor(
            identity.agent.text, tenant: identity.tenant.text, &desk, now: loop.now)
        let token = call.token
        visitor.ask(.publish(publication), &desk, loop) { outcome, desk, web, loop in
            switch outcome {
            case .receipt(let receipt, let session):
                session.withBytes { session in
                    desk.scratch.removeAll()
                    NativeWriter.receipt(receipt, re: RawSpan(), session: session, to: &desk.scratch)
                }
                let status: HTTPStatus = receipt.durability == .memory ? .accepted : .ok
                web.answer(token, status, type: "application/json", desk.scratch.bytes, &loop)
            case .done: web.answer(token, .ok, sentence: "done", &loop)
            case .refused(let refusal): desk.refuse(token, refusal, &web, &loop)
            }
        }
    }

    /// The one message of a request, read as a frame.
    private mutating func publication(_ call: Call) throws(Refusal) -> Publication {
        let limits = desk.hub.frames
        return try Self.publication(call, limits, &desk.intake.bytes)
    }

    private static func publication(
        _ call: Call, _ limits: NativeLimits, _ texts: inout ByteBuffer
    ) throws(Refusal) -> Publication {
        let one = Refusal(
            .badField, "one message, command, response or status is taken here at a time: one object")
        if call.content.first(where: { !" \t\r\n".utf8.contains($0) }) == UInt8(ascii: "[") { throw one }
        let found: Result<Publication, Refusal> = call.content.withBytes { content in
            var reader = NativeReader(content, limits: limits, isMessageUnlessSaid: true)
            do throws(NativeFault) {
                guard case .publication(let publication) = try reader.next(&texts) else {
                    return .failure(one)
                }
                return .success(publication)
            } catch {
                return .failure(error.refusal)
            }
        }
        return try found.get()
    }
}

extension Desk {
    /// Answers a request with what was wrong with it, with the status that goes with it or another.
    mutating func refuse(
        _ token: WebToken, _ refusal: Refusal, as status: HTTPStatus? = nil, _ web: inout WebConnections,
        _ loop: inout EventLoop, _ addFields: (inout WebReply) -> Void = { _ in }
    ) {
        let status = status ?? refusal.code.status
        scratch.removeAll()
        NativeWriter.errorBody(refusal, details: RawSpan(), to: &scratch)
        guard var reply = web.reply(token, status, loop) else { return }
        reply.field("Content-Type", "application/json")
        if let pause = refusal.retryAfterMilliseconds {
            reply.field("Retry-After", UInt64(max(1, (pause + 999) / 1000)))
        }
        if refusal.code == .unauthorized { reply.field("WWW-Authenticate", "Bearer") }
        addFields(&reply)
        web.finish(reply, scratch.bytes, &loop)
    }
}
