import HubModel
import Testing

@testable import HubRouter

/// What the log says of commands.
@Suite struct LoggedCommandTests {
    private typealias Scene = LoggedScene
    private static let session = LoggedScene.session
    private static let ada = LoggedScene.ada
    private static let bob = LoggedScene.bob

    @discardableResult
    private func command(_ id: String, in scene: Scene, from sender: NameID = ada) -> Offset {
        scene.add(.command, session: Self.session, from: sender, to: Self.bob) { draft in
            draft.id = Array(id.utf8)
            draft.header.expiry = scene.time.adding(milliseconds: 30_000)
        }
    }

    @discardableResult
    private func respond(_ id: String, in scene: Scene, to sender: NameID = ada) -> Offset {
        scene.add(.response, session: Self.session, from: Self.bob, to: sender) {
            $0.correlation = Array(id.utf8)
        }
    }

    private func waiting(_ scene: Scene) -> [String] {
        scene.state.commands.values.filter(\.isOpen).sorted { $0.offset < $1.offset }
            .map { "\($0.sender) \(String(decoding: $0.id, as: UTF8.self))" }
    }

    @Test func `A command waits until it is answered, and is remembered then`() {
        let scene = Scene()
        let place = command("a", in: scene)
        let expected = LoggedCommand(
            offset: place, sender: Self.ada, destination: Self.bob, tenant: Scene.tenant,
            session: Self.session,
            sequence: .first, deadline: scene.lastTime.adding(milliseconds: 30_000), id: Array("a".utf8))
        #expect(scene.state.commands == [place: expected] && expected.isOpen)
        command("b", in: scene)
        let answer = respond("a", in: scene)
        #expect(waiting(scene) == ["#30 b"])
        let ended = scene.state.command(of: Self.ada, Array("a".utf8))
        #expect(ended?.end == answer && ended?.endedAt == scene.lastTime && ended?.isOpen == false)
    }

    @Test func `Two senders may give their commands the same id`() {
        let scene = Scene()
        let first = command("a", in: scene)
        let second = command("a", in: scene, from: Self.bob)
        #expect(scene.state.command(of: Self.ada, Array("a".utf8))?.offset == first)
        #expect(scene.state.command(of: Self.bob, Array("a".utf8))?.offset == second)
        #expect(scene.state.command(of: NameID(32), Array("a".utf8)) == nil)
        respond("a", in: scene, to: Self.bob)
        #expect(waiting(scene) == ["#30 a"])
    }

    @Test func `An answer that is late, to another's command or to none changes nothing`() {
        let scene = Scene()
        command("a", in: scene)
        command("b", in: scene)
        respond("b", in: scene)
        let before = scene.state.commands
        respond("b", in: scene)
        respond("c", in: scene)
        respond("", in: scene)
        respond("a", in: scene, to: NameID(32))
        respond("a", in: scene, to: .none)
        #expect(scene.state.commands == before && waiting(scene) == ["#30 a"])
    }

    @Test func `A sender that uses an id again means the newer command`() {
        let scene = Scene()
        command("a", in: scene)
        respond("a", in: scene)
        let second = command("a", in: scene)
        let third = command("a", in: scene)
        #expect(Array(scene.state.commands.keys) == [third] && third > second)
        respond("a", in: scene)
        #expect(waiting(scene) == [] && scene.state.commandsByID == [Array("a".utf8): [third]])
    }

    // MARK: How long they are remembered

    @Test func `A command that ended is forgotten ten minutes later, one that waits never`() {
        let scene = Scene()
        let open = command("open", in: scene)
        let ended = command("ended", in: scene)
        respond("ended", in: scene)
        // The answer was taken a second ago by now.
        scene.rest(milliseconds: EndedCommands.milliseconds - 1000)
        respond("none", in: scene)
        #expect(Set(scene.state.commands.keys) == [open, ended])
        respond("none", in: scene)
        #expect(Array(scene.state.commands.keys) == [open] && scene.state.commandsByID.count == 1)
        #expect(scene.state.ended.count == 0)
    }

    @Test
    func `What the newest record's time makes old is forgotten where the log has come to it, not before`() {
        let scene = Scene()
        command("a", in: scene)
        respond("a", in: scene)
        var database = StateDatabase()
        database.write(scene.takeChanges())
        let before = scene.drafts.count
        command("b", in: scene)
        scene.rest(milliseconds: 2 * EndedCommands.milliseconds)
        scene.add(.message, from: Self.ada)
        #expect(scene.state.commands.count == 2)
        var state = scene.load(database)
        state.apply(scene.drafts[before...], scene.names)
        #expect(state.differences(from: scene.state) == [])
    }

    /// Commands with ids that are not used again, or that are used again at once, end one after the other.
    private func endMany(_ count: Int, isUsedAgain: Bool, in scene: Scene) {
        for number in 0..<count {
            command(isUsedAgain ? "again" : "m-\(number)", in: scene)
            respond(isUsedAgain ? "again" : "m-\(number)", in: scene)
        }
    }

    @Test func `Of too many commands that ended the first are forgotten, live and loaded`() {
        let scene = Scene(.init(entries: 1, idBytes: 256, milliseconds: 1000))
        scene.step = 0
        command("first", in: scene)
        respond("first", in: scene)
        // Ids that are used again leave nothing behind that would count.
        endMany(50, isUsedAgain: true, in: scene)
        endMany(EndedCommands.countMax - 2, isUsedAgain: false, in: scene)
        #expect(scene.state.commands.count == EndedCommands.countMax)
        #expect(scene.state.command(of: Self.ada, Array("first".utf8)) != nil)
        var database = StateDatabase()
        database.write(scene.takeChanges())
        var state = scene.load(database)
        #expect(state.ended.count == scene.state.ended.count)
        let before = scene.drafts.count
        for id in ["x", "y"] {
            command(id, in: scene)
            respond(id, in: scene)
        }
        #expect(scene.state.command(of: Self.ada, Array("first".utf8)) == nil)
        #expect(scene.state.commands.count == EndedCommands.countMax)
        state.apply(scene.drafts[before...], scene.names)
        #expect(state.differences(from: scene.state) == [])
    }
}
