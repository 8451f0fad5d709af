import HubBytes
import HubConnection
import HubModel
import HubProtocols
import HubRouter
import HubSystem

/// What the core has for each of the loops.
struct OutboxSet: ~Copyable {
    /// One loop's.
    private final class Place {
        let thread: LoopThread<LoopMessage>
        var outbox: Outbox?
        var returning: [Parcel<Intake>] = []

        init(_ thread: LoopThread<LoopMessage>) { self.thread = thread }
    }

    private var places: [Place] = []
    private let bytesMax: Int

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    /// Serves the loops that there are, once they are known.
    mutating func join(_ links: CoreLinks) {
        guard places.isEmpty else { return }
        places = links.threads.map { Place($0) }
    }

    /// Whether a loop has not taken what it was sent, and more would be too much.
    var isFull: Bool {
        places.contains {
            switch $0.outbox {
            case .some(let outbox): outbox.bytes.count > bytesMax
            case .none: false
            }
        }
    }

    /// Whether something waits for a loop to take it.
    var isHeld: Bool { places.contains { $0.outbox != nil || !$0.returning.isEmpty } }

    /// Adds an entry to what the loop of a seat gets.
    mutating func add(_ seat: Seat, _ entry: (inout Outbox) -> Outbox.Entry) {
        guard !places.isEmpty else { return }
        let place = places[SeatTable<Void>.loop(of: seat, loops: places.count)]
        var outbox = place.outbox.take() ?? Outbox()
        let entry = entry(&outbox)
        outbox.entries.append(entry)
        place.outbox = consume outbox
    }

    /// Gives back what a loop had handed in.
    func giveBack(_ intake: consuming Intake) {
        let loop = intake.loop
        guard loop < places.count else { return }
        places[loop].returning.append(Parcel(intake))
    }

    /// Sends what there is, as far as loops take it; the rest waits, and grows.
    func send(_ links: CoreLinks) {
        for place in places {
            while let parcel = place.returning.first {
                var message: LoopMessage? = .intake(parcel)
                place.thread.send(&message)
                guard message == nil else { break }
                place.returning.removeFirst()
            }
            guard let outbox = place.outbox.take() else { continue }
            let parcel = Parcel(outbox)
            var message: LoopMessage? = .outbox(parcel)
            place.thread.send(&message)
            if message != nil { place.outbox = parcel.open() }
        }
    }

    // MARK: In the words of an outbox

    mutating func give(_ delivery: Effects.Delivery, _ record: RecordView, _ router: borrowing Router) {
        guard !places.isEmpty else { return }
        let place = places[SeatTable<Void>.loop(of: delivery.connection, loops: places.count)]
        var outbox = place.outbox.take() ?? Outbox()
        let message = outbox.place(record, router)
        let consumer = outbox.place(consumer: delivery.consumer, router)
        outbox.entries.append(
            .delivery(
                delivery.connection, message: message, attempt: Int32(clamping: delivery.attempt),
                consumer: consumer))
        place.outbox = consume outbox
    }

    mutating func tell(_ receipt: Effects.Receipt, _ router: borrowing Router) {
        guard !places.isEmpty else { return }
        let place = places[SeatTable<Void>.loop(of: receipt.connection, loops: places.count)]
        var outbox = place.outbox.take() ?? Outbox()
        let session = outbox.place(session: receipt.session, router)
        outbox.entries.append(
            .receipt(
                Outbox.Receipt(
                    seat: receipt.connection, tag: receipt.tag, offset: receipt.offset, session: session,
                    sequence: receipt.sequence, durability: receipt.durability,
                    isDuplicate: receipt.isDuplicate, isAddresseeAway: receipt.isAddresseeAway)))
        place.outbox = consume outbox
    }

    mutating func tell(_ answer: Effects.Answer, _ router: borrowing Router) {
        switch answer {
        case .replaced(let seat): add(seat) { _ in .replaced(seat) }
        case .unknown(let seat): add(seat) { _ in .unknown(seat) }
        case .silent(let seat): add(seat) { _ in .silent(seat) }
        case .subscribed(let seat, let tag, let handle, let position):
            guard !places.isEmpty else { return }
            let place = places[SeatTable<Void>.loop(of: seat, loops: places.count)]
            var outbox = place.outbox.take() ?? Outbox()
            let consumer = outbox.place(consumer: handle, router)
            outbox.entries.append(.subscribed(seat, tag: tag, consumer: consumer, position: position))
            place.outbox = consume outbox
        }
    }

    mutating func tell(_ notice: Effects.Notice, _ router: borrowing Router) {
        guard !places.isEmpty else { return }
        let place = places[SeatTable<Void>.loop(of: notice.connection, loops: places.count)]
        var outbox = place.outbox.take() ?? Outbox()
        let words = Self.words(notice.event, router, &outbox)
        outbox.entries.append(.notice(notice.connection, words))
        place.outbox = consume outbox
    }

    private static func words(
        _ event: Effects.Event, _ router: borrowing Router, _ outbox: inout Outbox
    ) -> Outbox.Notice {
        switch event {
        case .stalled(let handle, let inFlight, let limit):
            .stalled(
                consumer: outbox.place(consumer: handle, router), inFlight: inFlight, limit: limit)
        case .gap(let handle, let gap): .gap(consumer: outbox.place(consumer: handle, router), gap)
        case .presence(let agent, let presence):
            .presence(
                agent: outbox.place(name: agent, router), presence, since: router.presence(of: agent).since)
        case .consumerDeleted(let name): .consumerDeleted(outbox.place(name: name, router))
        case .consumerMoved(let name, let to): .consumerMoved(outbox.place(name: name, router), to: to)
        case .consumerPaused(let name, let isPaused):
            .consumerPaused(outbox.place(name: name, router), isPaused)
        case .commandTimedOut(_, let offset): .commandTimedOut(offset)
        case .deadLetter(let consumer, let message, let letter, let reason):
            .deadLetter(
                consumer: outbox.place(name: consumer, router), message: message, letter: letter, reason)
        }
    }
}
