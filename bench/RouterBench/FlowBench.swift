import AllocationCounter
import HubBytes
import HubModel
import HubRouter

/// The whole router on one thread, without a disk: messages are published, numbered, applied, delivered and
/// acknowledged, in blocks as a busy hub makes them.
struct FlowBench {
    let messages: Int
    let rounds: Int
    /// How acknowledgements come.
    enum Acknowledgements: String { case none, cumulative, single, never }

    static let sessions = 1000
    static let topics = 100
    static let blockRecords = 2048

    private var payload = [UInt8](repeating: UInt8(ascii: "x"), count: 256)

    init(messages: Int, rounds: Int) {
        self.messages = messages
        self.rounds = rounds
    }

    func run() {
        print("flow: \(Self.sessions) sessions, \(Self.topics) topics, 256 B, blocks of \(Self.blockRecords)")
        for (acknowledgements, hasIDs) in [
            (Acknowledgements.cumulative, false), (.cumulative, true), (.single, true), (.none, true),
        ] {
            measure(acknowledgements, hasIDs: hasIDs)
        }
        for acknowledgements in [Acknowledgements.none, .cumulative] { fanOut(100, acknowledgements) }
    }

    // MARK: One consumer

    private func measure(_ acknowledgements: Acknowledgements, hasIDs: Bool) {
        var hub = BenchHub(consumers: 1, acknowledgements, sessions: Self.sessions, topics: Self.topics)
        var stopwatch = Stopwatch(
            "acks \(acknowledgements.rawValue), \(hasIDs ? "with" : "without") ids", operations: messages)
        hub.publish(messages / 4, payload, hasIDs: hasIDs, blockRecords: Self.blockRecords)
        var allocations: UInt64 = 0
        for _ in 0..<rounds {
            let before = allocation_count()
            stopwatch.measure {
                hub.publish(messages, payload, hasIDs: hasIDs, blockRecords: Self.blockRecords)
            }
            allocations = allocation_count() - before
        }
        precondition(hub.deliveries == messages / 4 + messages * rounds, "all were delivered, each once")
        let each = (Double(allocations) / Double(messages) * 1000).rounded() / 1000
        stopwatch.report(", \(each) allocations a message")
    }

    // MARK: Many consumers

    private func fanOut(_ consumers: Int, _ acknowledgements: Acknowledgements) {
        let messages = max(1, self.messages / consumers)
        var hub = BenchHub(consumers: consumers, acknowledgements, sessions: 10, topics: 1)
        var stopwatch = Stopwatch(
            "deliveries to each of \(consumers), acks \(acknowledgements.rawValue)",
            operations: messages * consumers)
        hub.publish(messages, payload, hasIDs: true, blockRecords: 256)
        for _ in 0..<rounds {
            stopwatch.measure { hub.publish(messages, payload, hasIDs: true, blockRecords: 256) }
        }
        precondition(hub.deliveries == messages * consumers * (rounds + 1), "all were delivered, each once")
        stopwatch.report()
    }
}

/// A router with a publisher and consumers, each with a connection of its own.
struct BenchHub: ~Copyable {
    private var router: Router
    private var open = Block(firstOffset: .zero, capacity: 4 << 20)
    private var effects = Effects()
    private var now = Timestamp(microseconds: 1_700_000_000_000_000)
    private let publisher = ConnectionID(index: 0, generation: 1)
    private let acknowledgements: FlowBench.Acknowledgements
    private var sessions: [[UInt8]]
    private var topics: [[UInt8]]
    private var next: UInt64 = 0
    private var consumers = 0
    private(set) var deliveries = 0
    private var last: [ConsumerHandle: Offset] = [:]

    init(consumers: Int, _ acknowledgements: FlowBench.Acknowledgements, sessions: Int, topics: Int) {
        self.acknowledgements = acknowledgements
        self.sessions = (0..<sessions).map { Array("session-\($0)".utf8) }
        self.topics = (0..<topics).map { Array("jobs.new.\($0)".utf8) }
        router = Router(now: now)
        connect(publisher, "publisher")
        addConsumers(consumers)
    }

    /// More consumers of everything, each with an agent and a connection of its own.
    mutating func addConsumers(_ count: Int) {
        for number in consumers + 1..<consumers + 1 + count {
            let connection = ConnectionID(index: UInt32(number), generation: 1)
            connect(connection, "consumer-\(number)")
            subscribe(connection, "work-\(number)")
        }
        consumers += count
        turn()
        turn()
    }

    private mutating func connect(_ connection: ConnectionID, _ name: String) {
        name.withBytes { name in
            "default".withBytes { tenant in
                do {
                    try router.connect(connection, agent: name, tenant: tenant, now: now, &open, &effects)
                } catch { fatalError("\(error)") }
            }
        }
    }

    private mutating func subscribe(_ connection: ConnectionID, _ name: String) {
        name.withBytes { name in
            var subscription = Subscription(name: name, .topics([.everything]))
            subscription.settings.acknowledgement = acknowledgements == .none ? .automatic : .explicit
            subscription.settings.inFlightMax = 65_536
            do {
                try router.subscribe(subscription, connection, now: now, &open, &effects)
            } catch { fatalError("\(error)") }
        }
    }

    /// Publishes messages, block by block; the deliveries of each are acknowledged while the next is filled.
    mutating func publish(_ count: Int, _ payload: [UInt8], hasIDs: Bool, blockRecords: Int) {
        var id = ByteBuffer(capacity: 64)
        id.append(zeros: 16)
        payload.withBytes { payload in
            var left = count
            while left > 0 {
                let some = min(left, blockRecords)
                for _ in 0..<some { propose(payload, &id, hasIDs) }
                left -= some
                turn()
            }
        }
    }

    private mutating func propose(_ payload: RawSpan, _ id: inout ByteBuffer, _ hasIDs: Bool) {
        next += 1
        id.patch(Self.letters(DeterministicRandom.mix(next)), at: 0)
        id.patch(Self.letters(next), at: 8)
        Self.propose(
            payload, id.bytes.extracting(0..<(hasIDs ? 16 : 0)), topics[Int(next) % topics.count],
            sessions[Int(next) % sessions.count], publisher, now, &router, &open, &effects)
    }

    /// Eight letters from a to p, one for each four of the lowest bits.
    private static func letters(_ number: UInt64) -> UInt64 {
        var spread = number & 0xffff_ffff
        spread = (spread | spread << 16) & 0x0000_ffff_0000_ffff
        spread = (spread | spread << 8) & 0x00ff_00ff_00ff_00ff
        spread = (spread | spread << 4) & 0x0f0f_0f0f_0f0f_0f0f
        return spread + 0x6161_6161_6161_6161
    }

    private static func propose(
        _ payload: RawSpan, _ id: RawSpan, _ topic: [UInt8], _ session: [UInt8], _ publisher: ConnectionID,
        _ now: Timestamp, _ router: inout Router, _ open: inout Block, _ effects: inout Effects
    ) {
        topic.withBytes { topic in
            session.withBytes { session in
                var parts = RecordParts(payload: payload)
                parts.id = id
                var proposal = Proposal(.message, to: .topic, topic, parts)
                proposal.session = session
                do {
                    try router.publish(proposal, from: publisher, now: now, &open, &effects)
                } catch { fatalError("\(error)") }
            }
        }
    }

    private mutating func turn() {
        now = now.adding(milliseconds: 1)
        router.finishTurn(now: now, &open)
        router.stamp(&open, &effects)
        open.seal()
        router.apply(open, now: now, &effects)
        open.reset(firstOffset: open.nextOffset)
        deliveries += effects.deliveries.count
        acknowledge()
        effects.removeAll()
        router.tick(now: now, &open, &effects)
    }

    private mutating func acknowledge() {
        switch acknowledgements {
        case .none, .never: return
        case .single:
            for delivery in effects.deliveries {
                settle(delivery.consumer, delivery.offset, delivery.offset, delivery.connection)
            }
        case .cumulative:
            var index = 0
            while index < effects.deliveries.count {
                let delivery = effects.deliveries[index]
                last[delivery.consumer] = delivery.offset
                index += 1
            }
            for (consumer, offset) in last {
                settle(consumer, .zero, offset, ConnectionID(index: consumer.index + 1, generation: 1))
            }
            last.removeAll(keepingCapacity: true)
        }
    }

    private mutating func settle(
        _ consumer: ConsumerHandle, _ from: Offset, _ through: Offset, _ connection: ConnectionID
    ) {
        var unused = Effects()
        do {
            try router.settle(
                consumer, .acknowledged, from: from, through: through, by: connection, now: now, &unused)
        } catch { fatalError("\(error)") }
    }
}
