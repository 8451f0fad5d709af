import HubModel
import HubRouter
import Testing

@Suite("Topics")
struct TopicContractTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let pattern: String
        let topic: String
        let isMatch: Bool
        var testDescription: String { "\(pattern) \(isMatch ? "wants" : "does not want") \(topic)" }

        init(_ pattern: String, _ topic: String, _ isMatch: Bool) {
            self.pattern = pattern
            self.topic = topic
            self.isMatch = isMatch
        }
    }

    static let cases = [
        Case("jobs", "jobs", true), Case("jobs", "jobs.new", false), Case("jobs.new", "jobs", false),
        Case("jobs", "job", false), Case("jobs", "Jobs", false),
        Case("jobs.*", "jobs.new", true), Case("jobs.*", "jobs", false), Case("jobs.*", "jobs.new.eu", false),
        Case("*.new", "jobs.new", true), Case("*.new", "new", false), Case("jobs.*.eu", "jobs.new.eu", true),
        Case("jobs.*.eu", "jobs.new.us", false), Case("*", "jobs", true), Case("*", "jobs.new", false),
        Case("*.*", "jobs.new", true), Case(">", "jobs", true), Case(">", "jobs.new.eu", true),
        Case("jobs.>", "jobs.new", true), Case("jobs.>", "jobs.new.eu", true), Case("jobs.>", "jobs", false),
        Case("*.>", "jobs", false), Case("*.>", "jobs.new", true),
    ]

    @Test("A pattern's * stands for one token, > for all the rest, whoever is asked", arguments: cases)
    func matching(_ it: Case) throws {
        let hub = try Hub("alice", "live", "late")
        try hub.subscribe("live", it.pattern)
        try hub.publish("alice", "one", on: it.topic)
        hub.run()
        #expect(try hub.texts("live") == (it.isMatch ? ["one"] : []))
        try hub.subscribe("late", it.pattern, from: .all)
        hub.run()
        #expect(try hub.texts("late") == (it.isMatch ? ["one"] : []))
        try hub.publish("alice", "two", on: it.topic)
        hub.run()
        #expect(try hub.texts("late") == (it.isMatch ? ["two"] : []))
    }

    @Test(
        "Wildcards in the first place do not stand for topics of the hub's own",
        arguments: [
            Case(">", "$status.alice", false), Case("*.alice", "$status.alice", false),
            Case("$status.*", "$status.alice", true), Case("$status.alice", "$status.alice", true),
            Case("$status.>", "$status.alice", true),
        ])
    func ownTopics(_ it: Case) throws {
        let hub = try Hub("alice", "live", "late")
        try hub.subscribe("live", it.pattern)
        try hub.publish("alice", .status("busy"))
        hub.run()
        #expect(try hub.texts("live") == (it.isMatch ? ["busy"] : []))
        try hub.subscribe("late", it.pattern, from: .all)
        hub.run()
        #expect(try hub.texts("late") == (it.isMatch ? ["busy"] : []))
    }

    @Test("A consumer with several patterns is given a message once, however many match")
    func severalPatterns() throws {
        let hub = try Hub("alice", "bob")
        try hub.subscribe("bob", "jobs.*", "jobs.new", ">")
        try hub.publish("alice", "one", on: "jobs.new")
        hub.run()
        #expect(try hub.texts("bob") == ["one"])
    }

    @Test("Everyone who wants a topic is given each of its messages, in order")
    func fanOut() throws {
        let hub = try Hub("alice", "bob", "carol", "dave")
        for agent in ["bob", "carol", "dave"] { try hub.subscribe(agent, "jobs") }
        try hub.publish("alice", all: numbered(1...5), on: "jobs")
        hub.run()
        for agent in ["bob", "carol", "dave"] { #expect(try hub.texts(agent) == numbered(1...5)) }
    }

    @Test("A sender that wants the topic is given its own messages too")
    func ownMessages() throws {
        let hub = try Hub("alice")
        try hub.subscribe("alice", "jobs")
        try hub.publish("alice", "one", on: "jobs")
        hub.run()
        #expect(try hub.texts("alice") == ["one"])
    }

    @Test("Who subscribes or goes between two messages to a known topic is heard at once")
    func changesAreSeen() throws {
        let hub = try Hub("alice", "bob")
        try hub.publish("alice", "before", on: "jobs")
        hub.run()
        try hub.subscribe("bob", "jobs")
        try hub.publish("alice", "during", on: "jobs")
        hub.run()
        try hub.unsubscribe("bob")
        try hub.publish("alice", "after", on: "jobs")
        hub.run()
        #expect(try hub.texts("bob") == ["during"])
    }

    @Test("A message that nobody wants is kept for whoever comes and asks")
    func nobodyWantsIt() throws {
        let hub = try Hub("alice")
        try hub.publish("alice", "one", on: "jobs")
        hub.run()
        try hub.connect("bob")
        try hub.subscribe("bob", "jobs", from: .all)
        hub.run()
        #expect(try hub.texts("bob") == ["one"])
    }

    @Test("A name that went with a refused block is nobody's, and its number is another's")
    func namesAfterRefusal() throws {
        let hub = try Hub("alice", "bob")
        try hub.subscribe("bob", "first")
        try hub.publish("alice", "lost", on: "first")
        hub.refuseAll()
        #expect(try !hub.knows(.topic, "first"))
        try hub.publish("alice", "other", on: "second")
        try hub.publish("alice", "again", on: "first")
        hub.run()
        #expect(try hub.texts("bob") == ["again"])
        #expect(hub.records(.message).map(\.session) == ["topic:second", "topic:first"])
    }
}
