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
        do throws(Refusal) {
            let identity = try identity(token, request, &web, &loop)
            let call = try Call(token, request, content, identity)
            try answer(call, &web, &loop)
        } catch {
            desk.refuse(token, error, &web, &loop)
        }
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
        let identity = call.identity
        let publication = try publication(call)
        if let objection = desk.objection(to: publication, of: identity) { throw objection }
        let visitor = VisitorTable.visitor(
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
        var found: Publication?
        var refusal: Refusal?
        call.content.withBytes { content in
            var reader = NativeReader(content, limits: limits, typeMayBeLeftOut: true)
            do throws(NativeFault) {
                while let frame = try reader.next(&texts) {
                    guard case .publication(let publication) = frame, found == nil else {
                        refusal = Refusal(
                            .badField, "one message, command, answer or status is taken here at a time")
                        return
                    }
                    found = publication
                }
            } catch {
                refusal = error.refusal
            }
        }
        if let refusal { throw refusal }
        guard let found else { throw Refusal(.missingField, "the request has no message") }
        return found
    }
}

extension Desk {
    /// Answers a request with what was wrong with it.
    mutating func refuse(
        _ token: WebToken, _ refusal: Refusal, _ web: inout WebConnections, _ loop: inout EventLoop
    ) {
        scratch.removeAll()
        NativeWriter.errorBody(refusal, details: RawSpan(), to: &scratch)
        guard var reply = web.reply(token, refusal.code.status, loop) else { return }
        reply.field("Content-Type", "application/json")
        if let pause = refusal.retryAfterMilliseconds {
            reply.field("Retry-After", UInt64(max(1, (pause + 999) / 1000)))
        }
        if refusal.code == .unauthorized { reply.field("WWW-Authenticate", "Bearer") }
        web.finish(reply, scratch.bytes, &loop)
    }
}
