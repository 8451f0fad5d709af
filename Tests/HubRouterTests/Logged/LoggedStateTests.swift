import HubModel
import Testing

@testable import HubRouter

/// What the log says of sessions, commands, agents and topics.
@Suite struct LoggedStateTests {
    private typealias Scene = LoggedScene
    private static let session = LoggedScene.session
    private static let topic = LoggedScene.topic
    private static let ada = LoggedScene.ada
    private static let bob = LoggedScene.bob

    // MARK: Sequences

    @Test func `Each session counts its own messages`() {
        let scene = Scene()
        #expect(scene.state.lastSequence(of: Self.session) == .none)
        for _ in 0..<3 { scene.add(.message, session: Self.session, from: Self.ada, to: Self.topic) }
        scene.add(.message, from: Self.ada, to: Self.topic)
        scene.add(.message, session: NameID(5000), from: Self.ada, to: Self.topic)
        #expect(scene.state.lastSequence(of: Self.session) == SequenceNumber(3))
        #expect(scene.state.lastSequence(of: NameID(5000)) == .first)
        #expect(scene.state.lastSequence(of: NameID(4999)) == .none)
        #expect(scene.state.lastSequence(of: NameID(UInt32.max)) == .none)
        #expect(scene.state.lastSequence(of: .none) == .none)
    }

    @Test func `The state knows up to where it is true, and when the newest record was taken`() {
        let scene = Scene()
        #expect(scene.state.appliedTo == .zero && scene.state.time == .none)
        scene.add(.registration, from: Self.ada)
        scene.add(.system)
        #expect(scene.state.appliedTo == Offset(2) && scene.state.time == scene.lastTime)
    }

    // MARK: Sessions

    @Test func `A session is proposed, and accepted, rejected or closed`() {
        for (kinds, phase, isOpen) in [
            ([MessageKind.sessionOpen], SessionPhase.proposed, true),
            ([.sessionOpen, .sessionAccept], .accepted, true),
            ([.sessionOpen, .sessionReject], .rejected, false),
            ([.sessionOpen, .sessionClose], .closed, false),
            ([.sessionOpen, .sessionAccept, .sessionClose], .closed, false),
            ([.sessionOpen, .sessionAccept, .sessionClose, .sessionOpen], .proposed, true),
        ] {
            let scene = Scene()
            for kind in kinds {
                let isOpener = kind == .sessionOpen
                scene.add(
                    kind, session: Self.session, from: isOpener ? Self.ada : Self.bob,
                    to: isOpener ? Self.bob : .none)
            }
            let expected = LoggedSession(
                tenant: Scene.tenant, opener: Self.ada, partner: Self.bob, phase: phase, since: scene.lastTime
            )
            #expect(scene.state.sessions == [Self.session: expected])
            #expect(scene.state.sessions[Self.session]?.isOpen == isOpen)
        }
    }

    @Test func `Whoever accepts a session that was opened to anyone is its other party`() {
        let scene = Scene()
        scene.add(.sessionOpen, session: Self.session, from: Self.ada)
        #expect(scene.state.sessions[Self.session]?.partner == NameID.none)
        scene.add(.sessionAccept, session: Self.session, from: Self.bob)
        #expect(scene.state.sessions[Self.session]?.partner == Self.bob)
        scene.add(.sessionAccept, session: Self.session, from: NameID(99))
        #expect(scene.state.sessions[Self.session]?.partner == Self.bob)
    }

    @Test func `A step that comes too late for its session is passed over`() {
        for (kinds, late) in [
            ([MessageKind.sessionOpen], MessageKind.sessionOpen),
            ([.sessionOpen, .sessionAccept], .sessionOpen),
            ([.sessionOpen, .sessionAccept], .sessionAccept),
            ([.sessionOpen, .sessionAccept], .sessionReject),
            ([.sessionOpen, .sessionReject], .sessionAccept),
            ([.sessionOpen, .sessionReject], .sessionClose),
            ([.sessionOpen, .sessionClose], .sessionAccept),
            ([.sessionOpen, .sessionClose], .sessionReject),
            ([.sessionOpen, .sessionClose], .sessionClose),
        ] {
            let scene = Scene()
            for kind in kinds { scene.add(kind, session: Self.session, from: Self.ada, to: Self.bob) }
            let before = scene.state.sessions
            scene.add(late, session: Self.session, from: NameID(99))
            #expect(scene.state.sessions == before, "\(late) after \(kinds)")
        }
    }

    @Test(arguments: [
        MessageKind.sessionAccept, .sessionReject, .sessionClose, .pause, .resume, .message,
    ])
    func `A session that nobody opened has no state but its numbers`(kind: MessageKind) {
        let scene = Scene()
        scene.add(kind, session: Self.session, from: Self.ada)
        #expect(scene.state.sessions.isEmpty && scene.state.lastSequence(of: Self.session) == .first)
    }

    @Test func `Each party may hold a session back, and lets go for itself alone`() {
        let scene = Scene()
        func pausedBy() -> [NameID]? { scene.state.sessions[Self.session]?.pausedBy }
        scene.add(.sessionOpen, session: Self.session, from: Self.ada, to: Self.bob)
        scene.add(.pause, session: Self.session, from: Self.ada)
        scene.add(.pause, session: Self.session, from: Self.bob)
        scene.add(.pause, session: Self.session, from: Self.ada)
        #expect(pausedBy() == [Self.bob, Self.ada])
        scene.add(.resume, session: Self.session, from: Self.bob)
        #expect(pausedBy() == [Self.ada])
        scene.add(.resume, session: Self.session, from: Self.bob)
        scene.add(.resume, session: Self.session, from: Self.ada)
        #expect(pausedBy() == [])
    }

    // MARK: Commands

    private func command(_ id: String, in scene: Scene, tenant: NameID = Scene.tenant) {
        scene.add(.command, session: Self.session, from: Self.ada, to: Self.bob) { draft in
            draft.header.tenant = tenant
            draft.id = Array(id.utf8)
            draft.header.expiry = scene.time.adding(milliseconds: 30_000)
        }
    }

    private func respond(_ id: String, in scene: Scene, tenant: NameID = Scene.tenant) {
        scene.add(.response, session: Self.session, from: Self.bob, to: Self.ada) { draft in
            draft.header.tenant = tenant
            draft.correlation = Array(id.utf8)
        }
    }

    private func waiting(_ scene: Scene) -> [String] {
        scene.state.commands.keys.map { "\($0.tenant.rawValue) \(String(decoding: $0.id, as: UTF8.self))" }
            .sorted()
    }

    @Test func `A command waits until it is answered`() {
        let scene = Scene()
        command("a", in: scene)
        let deadline = scene.lastTime.adding(milliseconds: 30_000)
        let key = LoggedState.CommandKey(tenant: Scene.tenant, id: Array("a".utf8))
        #expect(
            scene.state.commands[key]
                == LoggedCommand(
                    offset: .zero, tenant: Scene.tenant, sender: Self.ada, session: Self.session,
                    deadline: deadline, id: key.id))
        command("b", in: scene)
        respond("a", in: scene)
        #expect(waiting(scene) == ["1 b"])
    }

    @Test func `An answer that is late, to another tenant's command or to none changes nothing`() {
        let scene = Scene()
        command("a", in: scene)
        command("a", in: scene, tenant: NameID(2))
        command("b", in: scene)
        respond("b", in: scene)
        respond("b", in: scene)
        respond("c", in: scene)
        respond("", in: scene)
        respond("a", in: scene, tenant: NameID(2))
        #expect(waiting(scene) == ["1 a"])
    }

    @Test func `A command that nobody will answer waits no more`() {
        let scene = Scene()
        command("a", in: scene)
        command("b", in: scene)
        scene.bury(0, .expired)
        #expect(waiting(scene) == ["1 a", "1 b"])
        scene.bury(0, .expired, endsCommand: Array("a".utf8))
        #expect(waiting(scene) == ["1 b"])
        respond("a", in: scene)
        #expect(waiting(scene) == ["1 b"])
    }

    // MARK: Agents

    @Test func `The last status of an agent is kept`() {
        let scene = Scene()
        scene.add(.status, from: Self.ada)
        let place = scene.add(.status, from: Self.ada)
        scene.add(.status, from: Self.bob)
        #expect(scene.state.agents[Self.ada]?.status == place)
        #expect(scene.state.agents[Self.bob]?.status == place.next)
        #expect(scene.state.agents[Self.ada]?.presence == .unknown)
        #expect(scene.state.agents[Self.ada]?.tenant == Scene.tenant)
    }

    @Test func `The last presence of an agent is kept, and since when it is so`() {
        let scene = Scene()
        let status = scene.add(.status, from: Self.ada)
        for presence in [Presence.online, .silent, .offline, .unknown, .online] {
            scene.add(.presence, from: Self.ada) { $0.payload = [presence.rawValue] }
            #expect(scene.state.agents[Self.ada]?.presence == presence)
            #expect(scene.state.agents[Self.ada]?.since == scene.lastTime)
        }
        let since = scene.lastTime
        scene.add(.presence, from: Self.ada) { $0.payload = [] }
        scene.add(.presence, from: Self.ada) { $0.payload = [4] }
        scene.add(.presence, from: Self.bob) { $0.payload = [0xff] }
        #expect(scene.state.agents[Self.ada]?.since == since && scene.state.agents[Self.bob] == nil)
        #expect(scene.state.agents[Self.ada]?.status == status)
    }

    // MARK: Retained messages

    @Test func `The last retained message of a topic is kept, and taken back by an empty one`() {
        let scene = Scene()
        func publish(_ payload: String, _ flags: RecordFlags = .retained, to topic: NameID) -> Offset {
            scene.add(.message, from: Self.ada, to: topic) {
                $0.header.flags = flags
                $0.payload = Array(payload.utf8)
            }
        }
        _ = publish("1", to: Self.topic)
        let second = publish("2", to: Self.topic)
        let other = publish("3", to: NameID(21))
        _ = publish("4", [], to: Self.topic)
        _ = publish("", [], to: Self.topic)
        _ = publish("5", to: .none)
        #expect(scene.state.retained == [Self.topic: second, NameID(21): other])
        _ = publish("", to: Self.topic)
        #expect(scene.state.retained == [NameID(21): other])
        _ = publish("", to: Self.topic)
        #expect(scene.state.retained == [NameID(21): other])
    }
}
