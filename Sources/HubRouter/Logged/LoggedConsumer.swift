import HubBytes
import HubModel

/// What the log says of a consumer: whom it is, what it wants, how far it has come and what it has not settled.
///
/// It is an object, so that whoever serves the consumer has it at hand; it still changes only as records are applied.
final class LoggedConsumer: Equatable {
    let id: NameID
    let tenant: NameID
    var filter: ConsumerFilter
    var settings: ConsumerSettings
    /// The record that put it where it began: the one that made it, or the last one that moved it. What is said of
    /// deliveries from before, and comes behind that in the log, is about another life.
    var era: Offset
    /// Everything before was delivered, or is none of its business.
    var cursor: Offset
    var unsettled = Unsettled()
    /// Whether an operator or its owner holds it back.
    var isPaused = false
    /// Its dead letters that nobody has dealt with, in order: where the letters are.
    var letters: [Offset] = []

    /// Dead letters that are remembered at most; older ones are still in the log.
    static let lettersMax = 10_000

    init(
        id: NameID, tenant: NameID, _ filter: ConsumerFilter, _ settings: ConsumerSettings, era: Offset,
        cursor: Offset
    ) {
        self.id = id
        self.tenant = tenant
        self.filter = filter
        self.settings = settings
        self.era = era
        self.cursor = cursor
    }

    /// The oldest offset that is not done with: what comes before needs nobody any more.
    var floor: Offset { min(unsettled.oldest ?? cursor, cursor) }

    static func == (left: LoggedConsumer, right: LoggedConsumer) -> Bool {
        left.id == right.id && left.tenant == right.tenant && left.filter == right.filter
            && left.settings == right.settings && left.era == right.era && left.cursor == right.cursor
            && left.unsettled == right.unsettled && left.isPaused == right.isPaused
            && left.letters == right.letters
    }

    // MARK: What records change

    /// Other settings from now on. Who no longer says what is done with has nothing to be asked about.
    func set(_ filter: ConsumerFilter, _ settings: ConsumerSettings) {
        if settings.acknowledgement == .automatic, self.settings.acknowledgement == .explicit {
            unsettled.settle(from: .zero, through: .end)
        }
        self.filter = filter
        self.settings = settings
    }

    /// An operator moved it: a new life begins.
    func move(to cursor: Offset, era: Offset) {
        self.cursor = cursor
        self.era = era
        unsettled.removeAll()
    }

    /// What it is owed from before it began.
    func owe(_ offsets: [Offset], at time: Timestamp) {
        for offset in offsets {
            unsettled.add(UnsettledDelivery(offset: offset, attempts: 0, since: time, .owed))
        }
    }

    func apply(_ record: DeliveryRecord, at time: Timestamp) {
        guard record.era == era else { return }
        let isExplicit = settings.acknowledgement == .explicit
        if isExplicit {
            for stretch in record.stretches {
                for index in 0..<stretch.count {
                    let offset = stretch.from.advanced(by: index)
                    // What lies before the cursor was delivered already: an old record must not bring it back.
                    guard offset >= cursor else { continue }
                    unsettled.add(UnsettledDelivery(offset: offset, attempts: 1, since: time))
                }
            }
        }
        for again in record.repeats {
            guard isExplicit else {
                unsettled.settle(again.offset)
                continue
            }
            unsettled.update(again.offset) { delivery in
                delivery.attempts = again.attempt
                delivery.since = time
                delivery.dueAt = .none
                delivery.session = .none
                delivery.standing = .leased
            }
        }
        for kept in record.held {
            unsettled.add(
                UnsettledDelivery(
                    offset: kept.offset, attempts: 0, since: time, kept.isDue ? .owed : .held,
                    session: kept.session))
        }
        cursor = max(cursor, record.cursor)
    }

    func apply(_ record: SettlementRecord, at time: Timestamp) {
        // What an operator brings back is his word of now, whatever life the consumer was in when he said it.
        for item in record.items where record.era == era || item.verdict == .revived {
            apply(item, at: time)
        }
    }

    private func apply(_ item: SettlementRecord.Item, at time: Timestamp) {
        switch item.verdict {
        case .acknowledged: unsettled.settle(from: item.from, through: item.through)
        case .refused(let delay): refuse(item, delay, at: time)
        case .working, .given, .released, .returned:
            unsettled.update(from: item.from, through: item.through) {
                Self.judge(&$0, item.verdict, at: time)
            }
        case .revived: revive(item, at: time)
        case .dropped: Self.forEach(item) { unsettled.settle($0) }
        }
    }

    /// The offsets of an item that names a few: those that the hub writes do, whatever a damaged one says.
    static func forEach(_ item: SettlementRecord.Item, _ body: (Offset) -> Void) {
        let count = min(item.from.distance(to: item.through), lettersMax) + 1
        for index in 0..<count { body(item.from.advanced(by: index)) }
    }

    private func refuse(_ item: SettlementRecord.Item, _ delay: Int64?, at time: Timestamp) {
        let backoff = backoff
        let consumer = id
        unsettled.update(from: item.from, through: item.through) { delivery in
            guard delivery.standing == .leased else { return }
            let usual = backoff.delay(
                afterAttempt: UInt32(clamping: delivery.attempts), consumer: consumer,
                offset: delivery.offset, seed: 0)
            delivery.dueAt = time.adding(milliseconds: min(delay ?? Int64(usual), 86_400_000))
        }
    }

    private static func judge(
        _ delivery: inout UnsettledDelivery, _ verdict: SettlementRecord.Verdict, at time: Timestamp
    ) {
        switch verdict {
        case .working where delivery.standing == .leased:
            delivery.since = time
            delivery.dueAt = .none
        case .returned where delivery.standing == .leased && delivery.dueAt == .none: delivery.dueAt = time
        case .given where delivery.standing == .leased: delivery.standing = .givenUp
        case .released where delivery.standing == .held: delivery.standing = .owed
        default: break
        }
    }

    private func revive(_ item: SettlementRecord.Item, at time: Timestamp) {
        Self.forEach(item) { offset in
            // What it has not come to yet, or has, it needs no second time; it does not come to its own letters.
            guard offset < cursor || isLetter(offset), unsettled.find(offset) == nil else { return }
            unsettled.add(UnsettledDelivery(offset: offset, attempts: 0, since: time, .revived))
        }
    }

    // MARK: Dead letters

    /// A message of its was buried; the letter about it is at an offset.
    func bury(_ message: Offset, letter: Offset) {
        unsettled.settle(message)
        if letters.count >= Self.lettersMax { letters.removeFirst(letters.count - Self.lettersMax + 1) }
        letters.append(letter)
    }

    /// A letter was dealt with; false if it is none that waits.
    @discardableResult
    func close(letter: Offset) -> Bool {
        let place = place(of: letter)
        guard place < letters.count, letters[place] == letter else { return false }
        letters.remove(at: place)
        return true
    }

    /// The letters from an offset on, so many at most.
    func letters(from: Offset, limit: Int) -> ArraySlice<Offset> {
        letters[place(of: from)...].prefix(limit)
    }

    private func isLetter(_ offset: Offset) -> Bool {
        let place = place(of: offset)
        return place < letters.count && letters[place] == offset
    }

    /// Where a letter is among those that wait, or would be.
    private func place(of letter: Offset) -> Int {
        var low = 0
        var high = letters.count
        while low < high {
            let middle = (low + high) / 2
            if letters[middle] < letter { low = middle + 1 } else { high = middle }
        }
        return low
    }

    // MARK: When things are due

    /// How long deliveries wait before they come again. The spread follows from what they are about, so that every
    /// run over the same log gives the same.
    var backoff: Backoff {
        Backoff(
            initialMilliseconds: UInt32(clamping: settings.backoffInitialMilliseconds),
            factorThousandths: UInt32(clamping: settings.backoffFactorThousandths),
            maxMilliseconds: UInt32(clamping: settings.backoffMaxMilliseconds),
            jitterPercent: UInt32(clamping: settings.backoffJitterPercent))
    }

    /// When a delivery needs attention if nothing is heard of it; nil for what is owed, which is served in its turn.
    func deadline(of delivery: UnsettledDelivery) -> Timestamp? {
        switch delivery.standing {
        case .givenUp: delivery.since
        case .leased:
            delivery.dueAt != .none
                ? delivery.dueAt : delivery.since.adding(milliseconds: settings.ackWaitMilliseconds)
        case .owed, .revived, .held, .settled: nil
        }
    }
}
