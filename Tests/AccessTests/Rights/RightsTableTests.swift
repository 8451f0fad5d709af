import FoundationEssentials
import HubBytes
import HubModel
import HubServer
import Testing

/// Who may do what: every role against everything that can be asked, as one table. Each answer of the code is compared
/// with the one below, which was written by hand.
@Suite struct RightsTableTests {
    /// What can be asked, in the order of the columns below.
    private typealias Question = (name: String, ask: @Sendable (CompiledRights, inout AccessChecks) -> Bool)

    private static let requests: [Question] = [
        ("publish jobs.new", { r, c in "jobs.new".withBytes { c.mayPublish(r, topic: $0) } }),
        ("publish $dead.x", { r, c in "$dead.x".withBytes { c.mayPublish(r, topic: $0) } }),
        ("message to planner", { r, c in "planner".withBytes { c.mayPublish(r, agent: $0) } }),
        ("command planner", { r, c in "planner".withBytes { c.mayCommand(r, agent: $0) } }),
        ("command topic", { r, c in "jobs.new".withBytes { c.mayCommand(r, topic: $0) } }),
        ("subscribe jobs.new", { r, _ in r.maySubscribe(TopicPattern(unchecked: "jobs.new")) }),
        ("subscribe >", { r, _ in r.maySubscribe(.everything) }),
        ("subscribe $status.>", { r, _ in r.maySubscribe(TopicPattern(unchecked: "$status.>")) }),
        ("subscribe $dead.>", { r, _ in r.maySubscribe(TopicPattern(unchecked: "$dead.>")) }),
        ("watch planner", { r, _ in "planner".withBytes { r.mayWatch(agent: $0) } }),
        ("use session run-1", { r, _ in "run-1".withBytes { r.mayUse(session: $0) } }),
        ("use session dm:a:b", { r, _ in "dm:a:b".withBytes { r.mayUse(session: $0) } }),
        ("use session topic:x", { r, _ in "topic:x".withBytes { r.mayUse(session: $0) } }),
        ("replay own session", { r, _ in "run-1".withBytes { r.mayReplay(session: $0, isParty: true) } }),
        (
            "replay others' session",
            { r, _ in "run-1".withBytes { r.mayReplay(session: $0, isParty: false) } }
        ),
        ("replay others' dm", { r, _ in "dm:a:b".withBytes { r.mayReplay(session: $0, isParty: false) } }),
        (
            "replay topic:jobs.new",
            { r, _ in "topic:jobs.new".withBytes { r.mayReplay(session: $0, isParty: false) } }
        ),
    ]
    private static let questions = requests + actions

    private static let actions: [Question] = AdminAction.allCases.map { action in
        (action.rawValue, { r, _ in r.may(action) })
    }

    private static let everyone = [
        "nobody", "sensor", "agent", "observer", "admin", "operator", "no credentials asked",
    ]

    /// A letter for each of `everyone` who may: n, s, a, o, d (admin), p (operator), e (everyone at a hub that asks for
    /// no credentials).
    private static let table: KeyValuePairs<String, String> = [
        "publish jobs.new": "a d e",
        "publish $dead.x": "",
        "message to planner": "s a d e",
        "command planner": "a d e",
        "command topic": "a d e",
        "subscribe jobs.new": "a o d e",
        "subscribe >": "a o d e",
        "subscribe $status.>": "a o d e",
        "subscribe $dead.>": "o d e",
        "watch planner": "a o d e",
        "use session run-1": "s a d e",
        "use session dm:a:b": "",
        "use session topic:x": "",
        "replay own session": "n s a o d p e",
        "replay others' session": "o d e",
        "replay others' dm": "o d e",
        "replay topic:jobs.new": "a o d e",
        "agents.read": "o d e",
        "agents.change": "d e",
        "sessions.read": "o d e",
        "sessions.change": "d e",
        "topics.read": "o d e",
        "consumers.read": "o d e",
        "consumers.change": "d e",
        "messages.read": "o d e",
        "dead.read": "o d e",
        "dead.change": "d e",
        "state.read": "o d e",
        "$hub.metrics": "p e",
        "$hub.read": "p e",
        "$hub.change": "p e",
    ]
    private static let letters = ["n", "s", "a", "o", "d", "p", "e"]

    private static func rights(_ who: String) throws -> Rights {
        switch who {
        case "nobody": return Rights()
        case "sensor":
            var rights = Rights()
            rights.publish = try Grants(["sensors.{agent}.>", "agent:planner"])
            rights.sessions = [try NamePattern("run-*")]
            return rights
        case "no credentials asked": return .everything
        default: return try #require(Role.builtIn.first { $0.name == who }).rights
        }
    }

    @Test("every role may do what the table says and nothing else") func table() throws {
        #expect(Self.table.map(\.key) == Self.questions.map(\.name))
        let pool = RightsPool()
        var checks = AccessChecks()
        // Twice: the second time from memory.
        for _ in 0..<2 {
            for (who, letter) in zip(Self.everyone, Self.letters) {
                let rights = pool.compiled(try Self.rights(who).resolved(for: try AgentID("sensor-7")))
                for (row, question) in zip(Self.table, Self.questions) {
                    let expected = row.value.split(separator: " ").contains { $0 == letter }
                    let answer = question.ask(rights, &checks)
                    #expect(answer == expected, "\(who): \(question.name)")
                }
            }
        }
    }

    @Test("the table of the documentation says the same") func documentation() throws {
        let rows = Self.table.map { key, value in
            "| \(key) | "
                + Self.letters.dropFirst(2).map {
                    value.split(separator: " ").contains(Substring($0)) ? "yes" : "–"
                }
                .joined(separator: " | ") + " |"
        }
        let page = try String(contentsOfFile: RepositoryFile.path("docs/access.md"), encoding: .utf8)
        for row in rows { #expect(page.contains(row), "\(row)") }
    }
}
