package import HubModel
package import HubRouter
import Synchronization

/// What the router's thread counts. It alone calls what counts; any thread reads.
package final class RouterMetrics: MetricSource {
    /// What a consumer says of a delivery.
    package enum Verdict: String, CaseIterable, Sendable {
        case ack, nak, working, term
    }

    /// Where a tenant's messages are counted.
    package struct TenantPlace: Sendable {
        fileprivate let place: LabelledCounters.Place
    }

    private let shard: MetricShard
    private let received, receivedBytes, delivered, deliveredBytes, redelivered, duplicates: Int
    private let receipts, refusals, settlements, deadLetters: Int
    private let timeouts, stalls, gaps, presence: Int
    private let tenants = LabelledCounters(.tenantMessages)
    private let publish = Histogram(.publishSeconds)
    private let delivery = Histogram(.deliverySeconds)
    private let acknowledgement = Histogram(.acknowledgeSeconds)
    private let turn = Histogram(.routerTurnSeconds)
    private let turnCommands = Histogram(.routerTurnCommands)
    private let figures = Mutex<FigureSource?>(nil)

    private static let kindsMax = 65
    private static let refusalPlaces = Dictionary(
        uniqueKeysWithValues: RefusalCode.allCases.enumerated().map { ($1, $0) })

    init() {
        var plan = MetricShard.Plan()
        received = plan.cells(
            .messagesReceived, count: Self.kindsMax,
            Dictionary(
                uniqueKeysWithValues: MessageKind.allCases.filter(\.isProposed).map {
                    (Int($0.rawValue), Self.words("\($0)"))
                }))
        receivedBytes = plan.cell(.messagesReceivedBytes)
        delivered = plan.cell(.messagesDelivered)
        deliveredBytes = plan.cell(.messagesDeliveredBytes)
        redelivered = plan.cell(.messagesRedelivered)
        duplicates = plan.cell(.messagesDuplicate)
        receipts = plan.cells(.receipts, Durability.allCases.map { "\($0)" })
        refusals = plan.cells(.refusals, RefusalCode.allCases.map(\.rawValue))
        settlements = plan.cells(.settlements, Verdict.allCases.map(\.rawValue))
        deadLetters = plan.cells(.deadLetters, ["attempts", "terminated", "expired"])
        timeouts = plan.cell(.commandTimeouts)
        stalls = plan.cell(.consumerStalls)
        gaps = plan.cell(.consumerGaps)
        presence = plan.cell(.presenceChanges)
        shard = MetricShard(plan)
    }

    /// `sessionOpen` as `session_open`.
    static func words(_ name: String) -> String {
        name.reduce(into: "") { $0 += $1.isUppercase ? "_" + $1.lowercased() : String($1) }
    }

    // MARK: Messages

    /// A record was taken into the open block.
    package func received(_ kind: MessageKind, payloadBytes: Int) {
        let place = Int(kind.rawValue)
        precondition(place < Self.kindsMax)
        shard.cells.add(received + place)
        shard.cells.add(receivedBytes, UInt64(payloadBytes))
    }

    /// Where to count a tenant's messages; to be asked for once, and kept.
    package func place(ofTenant name: String) -> TenantPlace { TenantPlace(place: tenants.place([name])) }

    /// A message was taken, of a tenant.
    package func received(_ tenant: TenantPlace) { tenants.add(tenant.place) }

    /// Payload bytes were given to consumers.
    package func delivered(payloadBytes: Int) { shard.cells.add(deliveredBytes, UInt64(payloadBytes)) }

    /// Deliveries were settled.
    package func settled(_ verdict: Verdict, _ count: Int = 1) {
        let place =
            switch verdict {
            case .ack: 0
            case .nak: 1
            case .working: 2
            case .term: 3
            }
        shard.cells.add(settlements + place, UInt64(count))
    }

    /// Something was refused that the router has not told of in its effects.
    package func refused(_ code: RefusalCode) {
        guard let place = Self.refusalPlaces[code] else { return }
        shard.cells.add(refusals + place)
    }

    /// Counts what the router wants done; before the effects are emptied.
    package func count(_ effects: borrowing Effects) {
        for receipt in effects.receipts {
            shard.cells.add(receipts + Int(receipt.durability.rawValue))
            if receipt.isDuplicate { shard.cells.add(duplicates) }
        }
        for rejection in effects.rejections { refused(rejection.reason.code) }
        if !effects.deliveries.isEmpty {
            shard.cells.add(delivered, UInt64(effects.deliveries.count))
            let again = effects.deliveries.count { $0.attempt > 1 }
            if again > 0 { shard.cells.add(redelivered, UInt64(again)) }
        }
        for event in effects.events { count(event) }
    }

    private func count(_ event: Effects.Event) {
        switch event {
        case .stalled: shard.cells.add(stalls)
        case .gap: shard.cells.add(gaps)
        case .deadLetter(_, _, _, let reason):
            let place =
                switch reason {
                case .attempts: 0
                case .terminated: 1
                case .expired: 2
                }
            shard.cells.add(deadLetters + place)
        case .commandTimedOut: shard.cells.add(timeouts)
        case .presence: shard.cells.add(presence)
        case .consumerDeleted, .consumerMoved, .consumerPaused: break
        }
    }

    // MARK: Times

    /// From a message's arrival to the receipt that says it is on disk.
    package func published(nanoseconds: UInt64) { publish.observe(nanoseconds) }

    /// From a message's arrival to its first delivery.
    package func delivered(nanoseconds: UInt64) { delivery.observe(nanoseconds) }

    /// From a delivery to its acknowledgement.
    package func acknowledged(nanoseconds: UInt64) { acknowledgement.observe(nanoseconds) }

    /// A turn of the thread is over.
    package func turned(nanoseconds: UInt64, commands: Int) {
        turn.observe(nanoseconds)
        turnCommands.observe(UInt64(commands))
    }

    // MARK: Figures

    /// Replaces what the router has of what; once a second or so. `text` gives a name's text.
    package func set(_ new: RouterFigures, text: (NameID) -> String) {
        let source = FigureSource(new, text)
        figures.withLock { $0 = source }
    }

    /// Tells all that was counted.
    package func contribute(to reading: inout MetricReading) {
        shard.contribute(to: &reading)
        tenants.contribute(to: &reading)
        for histogram in [publish, delivery, acknowledgement, turn, turnCommands] {
            histogram.contribute(to: &reading)
        }
        figures.withLock { $0 }?.contribute(to: &reading)
    }
}

extension MessageKind {
    /// Whether agents propose such records, as against what the hub writes down of deliveries and presence.
    fileprivate var isProposed: Bool {
        switch self {
        case .message, .command, .response, .status, .sessionOpen, .sessionAccept, .sessionReject,
            .sessionClose, .pause, .resume, .consumerSet, .consumerDelete, .settlement, .registration:
            true
        case .delivery, .consumerMove, .deadLetter, .presence, .system: false
        }
    }
}
