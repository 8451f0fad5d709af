import HubBytes
import Randomness

@testable import HubClient

/// A client's core with a link to a model hub that loses what is on it, one step at a time.
final class SimulatedClient {
    /// What is on its way to the hub.
    enum Up {
        case frame(ClientFrame)
        case message(number: UInt64)
    }

    /// What is on its way to the client.
    enum Down {
        case welcome
        case subscribed(id: UInt64, consumer: String, position: UInt64)
        case receipt(number: UInt64, offset: UInt64, sequence: UInt64, isDuplicate: Bool)
        case delivery(ModelHub.Given)
    }

    let name: String
    let consumer: String?
    var core: ClientCore
    private let lane = PostLane { _ in }
    private var waiting = Submission()
    private var effects = Effects()
    private(set) var connection: Int?
    private var isOpening = false
    private(set) var up: [Up] = []
    private(set) var down: [Down] = []
    /// Outcomes of each message, by its number.
    private(set) var outcomes: [UInt64: Int] = [:]
    private(set) var failures = 0
    private(set) var published: UInt64 = 0
    /// What the application was given, in order.
    private(set) var given: [UInt64] = []
    /// What it refused, and so should get once more for each time.
    private(set) var refused: [UInt64: Int] = [:]
    /// What it has and has not settled.
    private var held: [UInt64] = []
    private let waiter = Waiter<HubReply>()

    init(_ name: String, consumer: String?, seed: UInt64) {
        self.name = name
        self.consumer = consumer
        var options = ClientOptions()
        options.reconnect.attemptsMax = nil
        options.waitsForHub = true
        core = ClientCore(options, seed: seed)
        core.start(now: 0, &effects)
        var wanted = SubscribeOptions()
        wanted.consumer = consumer
        wanted.acknowledgement = .manual
        wanted.inFlightMax = 8
        wanted.from = .all
        core.subscribe(1, .topics([">"]), wanted, waiter, &effects)
        perform(now: 0, hub: nil)
    }

    var isQuiet: Bool {
        up.isEmpty && down.isEmpty && held.isEmpty && waiting.isEmpty && core.outbox.isEmpty && core.isOnline
    }

    // MARK: What the application does

    func publish(now: Int64) {
        published += 1
        _ = waiting.append(written: Array("\(published)".utf8), .lane(lane, tag: published))
        pump(now: now)
    }

    func settleOne(_ random: inout SplitMix64, mayRefuse: Bool, now: Int64) {
        guard !held.isEmpty else { return }
        let offset = held.remove(at: random.below(held.count))
        if mayRefuse, random.once(in: 6) {
            refused[offset, default: 0] += 1
            core.settle(1, offset, .refused, delay: nil, reason: nil, &effects)
        } else {
            core.settle(1, offset, .acknowledged, delay: nil, reason: nil, &effects)
        }
        perform(now: now, hub: nil)
    }

    // MARK: The link

    /// A connection comes about, if one is wanted.
    func open(_ number: Int, now: Int64) {
        guard isOpening else { return }
        isOpening = false
        connection = number
        core.opened(now: now, &effects)
        perform(now: now, hub: nil)
    }

    /// The connection breaks, with all that is on it.
    func cut(_ hub: inout ModelHub, now: Int64) {
        guard let connection else { return }
        hub.disconnect(connection)
        self.connection = nil
        up.removeAll()
        down.removeAll()
        core.lost(.transport("cut"), now: now, &effects)
        perform(now: now, hub: nil)
    }

    func tick(now: Int64) {
        core.tick(now: now, &effects)
        perform(now: now, hub: nil)
    }

    /// The hub gets the next thing that was sent.
    func deliverUp(_ hub: inout ModelHub) {
        guard !up.isEmpty, let connection else { return }
        switch up.removeFirst() {
        case .message(let number):
            let taken = hub.publish(
                id: "\(number)", from: name, topic: name, data: Array("\(number)".utf8))
            down.append(
                .receipt(
                    number: number, offset: taken.offset, sequence: taken.sequence,
                    isDuplicate: taken.isDuplicate))
        case .frame(.hello): down.append(.welcome)
        case .frame(.subscribe(let id, _, let options, let from)):
            var start: UInt64?
            if case .offset(let offset) = from { start = offset }
            if case .all = from { start = 0 }
            let (consumer, position) = hub.subscribe(
                connection, name: options.consumer, topics: [">"], from: start, isExplicit: true,
                inFlightMax: options.inFlightMax)
            down.append(.subscribed(id: id, consumer: consumer, position: position))
        case .frame(.settle(let consumer, let verdict, let offsets, _, _)):
            for offset in offsets {
                hub.settle(consumer, offset, verdict == .acknowledged ? .done : .again)
            }
        case .frame: break
        }
    }

    func give(_ hub: inout ModelHub) {
        guard let connection else { return }
        down += hub.give(connection).map { .delivery($0) }
    }

    /// The client gets the next thing that the hub sent.
    func deliverDown(now: Int64) {
        guard !down.isEmpty else { return }
        switch down.removeFirst() {
        case .welcome:
            var info = HubInfo()
            info.epoch = "1"
            info.batchFramesMax = 4
            core.welcomed(info, now: now, &effects)
        case .subscribed(let id, let consumer, let position):
            core.subscribed(id, consumer: consumer, position: position, now: now, &effects)
        case .receipt(let number, let offset, let sequence, let isDuplicate):
            let facts = ReceiptFacts(sequence: sequence, offset: offset, isDuplicate: isDuplicate)
            core.receipted(number, facts, id: RawSpan(), session: RawSpan(), &effects)
        case .delivery(let delivery): take(delivery)
        }
        perform(now: now, hub: nil)
    }

    private func take(_ delivery: ModelHub.Given) {
        let key = delivery.consumer.withBytes { core.key(ofConsumer: $0) }
        guard let key else { return }
        if core.delivered(key, offset: delivery.offset, time: 1, &effects) == .handOut(key: key) {
            given.append(delivery.offset)
            held.append(delivery.offset)
        }
    }

    /// What the application has of a consumer that is gone with its connection can be settled no more.
    func forgetHeld() { if consumer == nil { held.removeAll() } }

    // MARK: What the core wants

    private func perform(now: Int64, hub: Int?) {
        while true {
            var wanted = Effects()
            swap(&wanted, &effects)
            for (_, list) in wanted.posts {
                for outcome in list {
                    switch outcome {
                    case .receipt(let receipt): outcomes[receipt.tag, default: 0] += 1
                    case .failure: failures += 1
                    }
                }
            }
            if wanted.connects { isOpening = true }
            if connection != nil { up += wanted.frames.map { .frame($0) } }
            pump(now: now)
            if !effects.connects, effects.frames.isEmpty, effects.posts.isEmpty { return }
        }
    }

    private func pump(now: Int64) {
        guard core.isOnline, connection != nil else { return }
        if !waiting.isEmpty {
            core.outbox.take { content in
                content.removeAll(next: waiting.end)
                swap(&content, &waiting)
            }
        }
        while let run = core.nextRun(now: now, &effects) {
            var text = ""
            core.outbox.withBytes(of: run.chunk, run.range) { text = $0.text }
            if text.hasPrefix("[") { text = String(text.dropFirst().dropLast()) }
            up += text.split(separator: ",").compactMap { UInt64($0).map { .message(number: $0) } }
        }
    }
}
