import HubBytes
import HubConnection
import HubModel
import HubProtocols
import HubRouter
import HubSystem

/// How an agent shows who it is.
extension NativeConversation {
    /// A hello: the first frame, or the second with the answer to a challenge.
    func take(
        _ hello: NativeHello, _ desk: inout Desk, _ web: inout WebConnections, _ loop: inout EventLoop
    ) {
        guard phase == .silent else {
            return refuse(
                Refusal(.conflict, "the agent has said who it is; another one takes another connection"),
                id: hello.id, &desk, &web, &loop)
        }
        do throws(Refusal) {
            guard let identity = try identity(hello, &desk, &web, &loop) else { return }
            enter(identity, hello, &desk)
        } catch {
            desk.hub.journal?.warning(
                "somebody was not let in",
                [
                    "agent": LogValue(hello.agent ?? ""), "code": LogValue(error.code.rawValue),
                    "peer": LogValue(loop.peer(connection)?.description ?? ""),
                ])
            end(error, &desk, &web, &loop)
        }
    }

    /// Whom a hello shows; nil if a challenge was sent, to be answered with the next one.
    private func identity(
        _ hello: NativeHello, _ desk: inout Desk, _ web: inout WebConnections, _ loop: inout EventLoop
    ) throws(Refusal) -> Identity? {
        let hub = desk.hub
        let address = loop.peer(connection)?.networkAddress
        if let signature = hello.signature {
            return try admit(signature, address, hub)
        }
        var shown = ShownCredentials()
        shown.certificate = web.identity(of: connection)
        shown.bearer = hello.token ?? bearer
        if let agent = hello.agent { shown.agent = try AgentID(agent) }
        bearer = nil
        let admission = hub.admission(web.listener(of: connection))
        if admission == .credentials, shown.bearer == nil, shown.certificate == nil, let agent = shown.agent,
            challenge == nil
        {
            sendChallenge(to: agent, hello.id, &desk, &web, &loop)
            return nil
        }
        return try hub.authenticator.admit(shown, from: address, admission, now: Core.clock())
    }

    private func admit(
        _ signature: String, _ address: IPAddress?, _ hub: HubContext
    ) throws(Refusal) -> Identity {
        guard let bytes = signature.withBytes({ Base64Decoding.bytes($0, .standard) }) else {
            throw Refusal(.badField, "`signature` is no base64")
        }
        return try bytes.withBytes { (bytes) throws(Refusal) in
            // Taken out: whatever becomes of it, it is answered once.
            guard let challenge = challenge.take() else {
                throw Refusal(
                    .unauthorized, "there is no challenge to answer; say hello without `signature` first")
            }
            return try hub.authenticator.admit(
                challenge, signature: bytes, connection: challengeNumber, from: address, now: Core.clock())
        }
    }

    private func sendChallenge(
        to agent: AgentID, _ id: Slice, _ desk: inout Desk, _ web: inout WebConnections,
        _ loop: inout EventLoop
    ) {
        let made = desk.hub.authenticator.challenge(
            TenantAgent(.default, agent), connection: challengeNumber, now: Core.clock())
        let text = made.text
        challenge = consume made
        desk.write(re: id) { NativeWriter.challenge(nonce: text, re: $0, to: &$1) }
        send(&desk, &web, &loop)
    }

    /// The agent has shown who it is: it takes a seat.
    private func enter(_ identity: Identity, _ hello: NativeHello, _ desk: inout Desk) {
        introduced(&desk)
        desk.hub.journal?.info(
            "an agent came",
            [
                "agent": LogValue(identity.agent.text), "tenant": LogValue(identity.tenant.text),
                "by": LogValue(identity.proof.word), "client": LogValue(hello.client ?? ""),
                "connection": LogValue("\(desk.loop).\(challengeNumber)"),
            ])
        challenge = nil
        self.identity = identity
        session = hello.session ?? ""
        takesBatches = hello.takesBatches
        epoch = hello.epoch
        known = hello.offset
        let seat = desk.seats.take(self)
        self.seat = seat
        let liveness =
            hello.heartbeatSeconds.map { Liveness.beats(everyMilliseconds: Int64($0) * 1000) } ?? Liveness()
        ask(
            .hello, hello.id, seat,
            .connect(
                Introduction(agent: identity.agent.text, tenant: identity.tenant.text, .agent(liveness))),
            &desk)
    }

    /// Looks at an agent again whose credentials may have ended, or whose rights may be others now.
    func renew(_ desk: inout Desk, _ web: inout WebConnections, _ loop: inout EventLoop) {
        guard let known = identity, phase != .ended else { return }
        let authenticator = desk.hub.authenticator
        let now = Core.clock()
        guard authenticator.isOutdated(known, now: now) else { return }
        do throws(Refusal) {
            let renewed = try authenticator.renew(known, now: now)
            identity = renewed
            if renewed.rights !== known.rights { rightsChanged(&desk, &web, &loop) }
        } catch {
            end(error, &desk, &web, &loop)
        }
    }
}

extension SocketAddress {
    /// The network address; nil for a socket in the file system.
    var networkAddress: IPAddress? {
        switch self {
        case .ip(let address, _): address
        case .unix: nil
        }
    }
}
