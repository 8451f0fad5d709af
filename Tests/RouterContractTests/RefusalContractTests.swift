import HubModel
import HubRouter
import Testing

@Suite("Refusals of bad proposals")
struct RefusalContractTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let code: RefusalCode
        /// What the sentence must say.
        let word: String
        let act: @Sendable (Hub) throws -> Void

        init(
            _ name: String, _ code: RefusalCode, _ word: String,
            _ act: @escaping @Sendable (Hub) throws -> Void
        ) {
            testDescription = name
            self.code = code
            self.word = word
            self.act = act
        }

        static func publishing(_ name: String, _ code: RefusalCode, _ word: String, _ draft: Draft) -> Case {
            Case(name, code, word) { try $0.publish("alice", draft) }
        }

        static func settings(
            _ name: String, _ word: String, _ change: @escaping @Sendable (inout ConsumerSettings) -> Void
        ) -> Case {
            Case(name, .badField, word) { hub in try hub.subscribe("alice", "jobs") { change(&$0) } }
        }
    }

    static let long = String(repeating: "x", count: 300)

    static let messages: [Case] = [
        .publishing("an empty topic", .badTopic, "empty", Draft(on: "")),
        .publishing("an empty token", .badTopic, "empty token", Draft(on: "a..b")),
        .publishing("a wildcard in a topic", .badTopic, "patterns", Draft(on: "a.*")),
        .publishing("a topic that is too long", .badTopic, "255", Draft(on: long)),
        .publishing("a space in a topic", .badTopic, "space", Draft(on: "a b")),
        .publishing(
            "a topic with too many tokens", .badTopic, "32",
            Draft(on: (0...32).map { "\($0)" }.joined(separator: "."))),
        .publishing("a topic of the hub's own", .badTopic, "$", Draft(on: "$status.bob")),
        .publishing("an empty agent id", .badName, "agent id", Draft(to: "")),
        .publishing("an agent id that is too long", .badName, "250", Draft(to: long)),
        .publishing("a message to nobody", .missingField, "topic or an agent", Draft(.message, .implied)),
        .publishing(
            "a payload that is too large", .tooLarge, "1000",
            Draft(String(repeating: "x", count: 1001), on: "a")),
        .publishing("an id that is too long", .badName, "255", Draft(on: "a", id: long)),
        .publishing("an id with a control character", .badName, "control", Draft(on: "a", id: "a\u{7}")),
        .publishing(
            "a correlation id that is too long", .tooLarge, "255", Draft(on: "a") { $0.correlation = long }),
        .publishing("a cause that is too long", .tooLarge, "255", Draft(on: "a") { $0.cause = long }),
        .publishing("a trace context that is too long", .tooLarge, "255", Draft(on: "a") { $0.trace = long }),
        .publishing(
            "annotations that are too long", .tooLarge, "65536",
            Draft(on: "a") { $0.annotations = String(repeating: "x", count: 65_537) }),
        .publishing(
            "an expiry before time began", .badField, "expiry",
            Draft(on: "a") { $0.expiry = Timestamp(microseconds: -1) }),
        .publishing(
            "an expiry after time ends", .badField, "expiry",
            Draft(on: "a") { $0.expiry = Timestamp(microseconds: .max) }),
        .publishing(
            "a session id that is too long", .badName, "504", Draft(on: "a") { $0.session = long + long }),
        .publishing("a bookkeeping record", .badField, "agents do not write", Draft(.delivery, .topic, "a")),
        .publishing("a command without an id", .missingField, "id", Draft(.command, .agent, "bob")),
        .publishing(
            "a retained command", .badField, "retained", .command("c", to: "bob") { $0.isRetained = true }),
        .publishing(
            "a command that waits too long", .badField, "3600", .command("c", to: "bob", within: 3_600_001)),
        .publishing("an answer to nothing", .missingField, "command", Draft(.response, .agent, "bob")),
        .publishing("an answer to an unknown command", .unknownMessage, "nope", .answer("nope")),
    ]

    static let subscriptions: [Case] = [
        Case("no pattern", .badField, "1 to 256") {
            try $0.subscribe("alice", .topics([]), as: "", from: .new, { _ in })
        },
        Case("too many patterns", .badField, "1 to 256") {
            let patterns = (0...256).map { TopicPattern(unchecked: "t\($0)") }
            try $0.subscribe("alice", .topics(patterns), as: "", from: .new, { _ in })
        },
        Case("a consumer name that is too long", .badName, "128") {
            try $0.subscribe("alice", "a", as: long)
        },
        Case("a consumer name with a space", .badName, "space") {
            try $0.subscribe("alice", "a", as: "my work")
        },
        .settings("nothing in flight", "max_in_flight") { $0.inFlightMax = 0 },
        .settings("too much in flight", "65536") { $0.inFlightMax = 65_537 },
        .settings("no time to acknowledge", "ack_wait_ms") { $0.ackWaitMilliseconds = 9 },
        .settings("more than a day to acknowledge", "86400000") { $0.ackWaitMilliseconds = 86_400_001 },
        .settings("no delivery", "max_deliver") { $0.deliveriesMax = 0 },
        .settings("too many deliveries", "1000") { $0.deliveriesMax = 1001 },
        .settings("a negative first delay", "backoff.initial_ms") { $0.backoffInitialMilliseconds = -1 },
        .settings("delays that shrink", "backoff.factor") { $0.backoffFactorThousandths = 999 },
        .settings("a longest delay over a day", "backoff.max_ms") { $0.backoffMaxMilliseconds = 86_400_001 },
        .settings("more jitter than delay", "backoff.jitter") { $0.backoffJitterPercent = 101 },
    ]

    static let others: [Case] = [
        Case("an empty agent id at connecting", .badName, "agent id") { try $0.connect("") },
        Case("a tenant's name that is too long", .badName, "64") { try $0.connect("dora", tenant: long) },
        Case("a connection that has not said whose it is", .unauthorized, "says so first") {
            try $0.publish(through: ConnectionID(index: 77, generation: 1), Draft(on: "a"))
        },
        Case("an acknowledgement from a stranger", .unknownConsumer, "subscribe first") {
            try $0.router.settle(
                $0.consumer("bob"), .acknowledged, from: .zero, through: .zero,
                by: $0.connection(of: "alice"),
                now: $0.now, &$0.effects)
        },
        Case("the end of a subscription that is another's", .unknownConsumer, "subscribe first") {
            try $0.router.unsubscribe($0.consumer("bob"), $0.connection(of: "alice"), now: $0.now)
        },
        Case("a range that ends before it begins", .badField, "behind") {
            try $0.settle("bob", .acknowledged, from: Offset(3), through: Offset(2))
        },
        Case("a heartbeat with too many messages", .tooLarge, "65536") {
            try $0.beat("alice", workingOn: Array(repeating: .zero, count: 65_537))
        },
        Case("a bad name to be watched", .badName, "agent id") { try $0.watch("alice", "a b") },
        Case("a session's bad name", .badName, "session id") { try $0.step("alice", .open, "") },
        Case("a session with nobody possible", .badName, "agent id") {
            try $0.step("alice", .open, "s", with: "b b")
        },
        Case("an unknown session that is accepted", .unknownSession, "open it first") {
            try $0.step("alice", .accept, "s")
        },
        Case("an unknown session that is closed", .unknownSession, "open it first") {
            try $0.step("alice", .close, "s")
        },
        Case("a reason that is too large", .tooLarge, "1000") {
            try $0.step("alice", .open, "s", text: String(repeating: "x", count: 1001))
        },
        Case("a step's id that is too long", .badName, "255") { try $0.step("alice", .open, "s", id: long) },
        Case("a step's trace context that is too long", .tooLarge, "255") {
            try $0.step("alice", .open, "s", trace: long)
        },
    ]

    private func check(_ it: Case) throws {
        let hub = try Hub("alice", "bob") { $0.payloadBytesMax = 1000 }
        try hub.subscribe("bob", "a")
        hub.run()
        let head = hub.head
        let refusal = try #require(try hub.refusal(it.act), "it was taken")
        #expect(refusal.code == it.code)
        #expect(refusal.message.contains(it.word), "the sentence is: \(refusal.message)")
        #expect(refusal.message.split(separator: " ").count >= 5, "the sentence is: \(refusal.message)")
        // It changes nothing, and harms nobody.
        hub.run()
        #expect(hub.head == head)
        try hub.publish("alice", "good", on: "a")
        hub.run()
        #expect(try hub.texts("bob") == ["good"])
    }

    @Test("A bad message is refused with a word for programs and a sentence for people", arguments: messages)
    func badMessage(_ it: Case) throws { try check(it) }

    @Test("A bad subscription is refused, and the sentence says what is allowed", arguments: subscriptions)
    func badSubscription(_ it: Case) throws { try check(it) }

    @Test("Whatever else is bad is refused, and harms nobody", arguments: others)
    func otherBadThings(_ it: Case) throws { try check(it) }

    @Test("No more names are taken than are allowed, and known ones go on working")
    func nameLimit() throws {
        let hub = try Hub("alice") { $0.namesMax = 10 }
        try hub.publish("alice", "one", on: "a")
        hub.run()
        var refusal: Refusal?
        for number in 1...10 where refusal == nil {
            refusal = try hub.refusal { try $0.publish("alice", "x", on: "t\(number)") }
        }
        #expect(refusal?.code == .limitReached)
        #expect(refusal?.message.contains("10 names") == true)
        hub.run()
        let tag = try hub.publish("alice", "two", on: "a")
        hub.run()
        #expect(hub.receipt(tag)?.sequence == SequenceNumber(2))
    }

    @Test("A session or a status that would be one name too many is refused, and one that is known goes on")
    func impliedNameLimit() throws {
        let hub = try Hub("alice", "bob", "carol") { $0.namesMax = 12 }
        try hub.publish("alice", "one", to: "bob")
        hub.run()
        var last: Refusal?
        for number in 1...12 where last == nil {
            last = try hub.refusal { try $0.publish("alice", "x", on: "t\(number)") }
        }
        #expect(last?.code == .limitReached)
        #expect(try hub.refusal { try $0.publish("alice", "x", to: "carol") }?.code == .limitReached)
        #expect(
            try hub.refusal { try $0.publish("alice", .status("busy")) }?.code == .limitReached)
        let tag = try hub.publish("bob", "two", to: "alice")
        hub.run()
        #expect(hub.receipt(tag)?.sequence == SequenceNumber(2))
    }
}
