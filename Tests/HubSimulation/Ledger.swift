import HubModel
import HubRouter

/// What agents have seen, beside what the hub says: whoever contradicts it has a bug.
struct Ledger {
    /// Receipts, by offset.
    private(set) var receipts: [Offset: Effects.Receipt] = [:]
    /// What each consumer was given since the hub last started, and the how-manieth time.
    private(set) var attempts: [String: [Offset: Int]] = [:]
    /// What each consumer has settled for good.
    var settled: [String: Set<Offset>] = [:]
    /// The newest first delivery of each consumer since the hub last started.
    private var newest: [String: Offset] = [:]
    /// Where each consumer began.
    var began: [String: Offset] = [:]
    private(set) var deliveries = 0
    /// What is known to be a dead letter.
    var buried: Set<Offset> = []
    /// How often each rare thing happened: a path that no seed reaches is a path that nothing tests.
    private(set) var marks: [String: Int] = [:]

    mutating func take(_ receipt: Effects.Receipt, head: Offset) throws {
        guard receipt.offset < head else {
            throw Violation(.receipt, "a receipt for \(receipt.offset), and the log ends at \(head)")
        }
        guard receipts.updateValue(receipt, forKey: receipt.offset) == nil else {
            throw Violation(.receipt, "two receipts for \(receipt.offset)")
        }
    }

    mutating func take(_ delivery: Effects.Delivery, consumer: String, settings: ConsumerSettings) throws {
        deliveries += 1
        if delivery.attempt > 1 { mark("delivered again") }
        if delivery.attempt == settings.deliveriesMax { mark("delivered for the last time") }
        guard delivery.attempt <= settings.deliveriesMax else {
            throw Violation(.attempts, "\(consumer): attempt \(delivery.attempt) of \(delivery.offset)")
        }
        if delivery.attempt == 1 {
            if let last = newest[consumer], delivery.offset <= last {
                throw Violation(.order, "\(consumer): \(delivery.offset) after \(last)")
            }
            newest[consumer] = delivery.offset
        }
        if let last = attempts[consumer]?[delivery.offset], delivery.attempt <= last {
            throw Violation(
                .attempts, "\(consumer): attempt \(delivery.attempt) of \(delivery.offset) after \(last)")
        }
        attempts[consumer, default: [:]][delivery.offset] = delivery.attempt
    }

    mutating func mark(_ what: String) { marks[what, default: 0] += 1 }

    /// After a restart what was given and not yet logged comes again.
    mutating func hubRestarted() {
        newest = [:]
        attempts = [:]
    }
}
