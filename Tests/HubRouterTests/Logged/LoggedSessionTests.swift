import HubModel
import Testing

@testable import HubRouter

/// What the log says of sessions, and of those who want to hear no more of them for now.
@Suite struct LoggedSessionTests {
    private typealias Scene = LoggedScene
    private static let session = LoggedScene.session
    private static let ada = LoggedScene.ada
    private static let bob = LoggedScene.bob

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

    // MARK: Numbers of open sessions

    @Test func `Open sessions are counted by tenant and by who opened them`() {
        let scene = Scene()
        func add(_ kind: MessageKind, _ session: UInt32, from agent: NameID) {
            scene.add(kind, session: NameID(session), from: agent)
        }
        for (session, agent) in [(UInt32(10), Self.ada), (11, Self.ada), (12, Self.bob)] {
            add(.sessionOpen, session, from: agent)
        }
        add(.sessionOpen, 10, from: Self.bob)
        add(.sessionAccept, 10, from: Self.bob)
        #expect(scene.state.openSessions == [Scene.tenant: 3, Self.ada: 2, Self.bob: 1])
        #expect(scene.state.openSessionCount == 3)
        add(.sessionReject, 11, from: Self.bob)
        add(.sessionClose, 10, from: Self.bob)
        add(.sessionClose, 10, from: Self.ada)
        #expect(
            scene.state.openSessions == [Scene.tenant: 1, Self.bob: 1] && scene.state.openSessionCount == 1)
        add(.sessionOpen, 10, from: Self.bob)
        #expect(scene.state.openSessions == [Scene.tenant: 2, Self.bob: 2])
    }

    @Test func `Whoever has no open session is not counted, live and loaded`() {
        let scene = Scene()
        scene.add(.sessionOpen, session: Self.session, from: Self.ada)
        scene.add(.sessionClose, session: Self.session, from: Self.ada)
        #expect(scene.state.openSessions.isEmpty && scene.state.openSessionCount == 0)
        var database = StateDatabase()
        database.write(scene.takeChanges())
        #expect(scene.load(database).differences(from: scene.state) == [])
    }

    // MARK: Pauses

    @Test func `Each agent may hold a session back, and lets go for itself alone`() {
        let scene = Scene()
        func pausedBy() -> [NameID]? { scene.state.pauses[Self.session]?.agents.map(\.agent) }
        scene.add(.pause, session: Self.session, from: Self.bob)
        scene.add(.pause, session: Self.session, from: Self.ada)
        scene.add(.pause, session: Self.session, from: Self.bob)
        #expect(pausedBy() == [Self.ada, Self.bob])
        scene.add(.resume, session: Self.session, from: Self.bob)
        #expect(pausedBy() == [Self.ada])
        scene.add(.resume, session: Self.session, from: Self.bob)
        scene.add(.resume, session: Self.session, from: Self.ada)
        #expect(scene.state.pauses.isEmpty)
    }

    @Test func `A pause is of everything or of new work, and the last word counts`() {
        for (payload, scope) in [
            ([], PauseScope.everything), ([UInt8(0)], .everything), ([1], .work), ([2], .everything),
            ([1, 9], .work),
        ] {
            let scene = Scene()
            scene.add(.pause, session: Self.session, from: Self.ada) { $0.payload = [1] }
            scene.add(.pause, session: Self.session, from: Self.ada) { $0.payload = payload }
            #expect(scene.state.pauses[Self.session]?.scope(of: Self.ada) == scope)
            #expect(scene.state.pauses[Self.session]?.scope(of: Self.bob) == nil)
        }
    }

    @Test func `A pause of everything covers every kind, one of work what begins work`() {
        for kind in MessageKind.allCases {
            #expect(PauseScope.everything.covers(kind))
            #expect(PauseScope.work.covers(kind) == (kind == .command || kind == .sessionOpen))
        }
    }
}
