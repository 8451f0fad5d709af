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
        /// What is being collected; filled where it lies.
        var outbox = Outbox()
        /// Where the loop puts one that it has told all of.
        let emptied = Parcel<Outbox>()
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
        places.contains { $0.outbox.bytes.count > bytesMax }
    }

    /// Whether something waits for a loop to take it.
    var isHeld: Bool { places.contains { !$0.outbox.isEmpty || !$0.returning.isEmpty } }

    /// The loop of a seat; nil while nobody is served.
    private func place(of seat: Seat) -> Place? {
        places.isEmpty ? nil : places[SeatTable<Void>.loop(of: seat, loops: places.count)]
    }

    /// Adds an entry to what the loop of a seat gets.
    mutating func add(_ seat: Seat, _ entry: (inout Outbox) -> Outbox.Entry) {
        guard let place = place(of: seat) else { return }
        let entry = entry(&place.outbox)
        place.outbox.entries.append(entry)
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
            guard !place.outbox.isEmpty else { continue }
            var outbox = place.emptied.open() ?? Outbox()
            swap(&outbox, &place.outbox)
            let parcel = Parcel(outbox)
            var message: LoopMessage? = .outbox(parcel, emptied: place.emptied)
            place.thread.send(&message)
            guard message != nil, var refused = parcel.open() else { continue }
            swap(&refused, &place.outbox)
            place.emptied.put(refused)
        }
    }

    // MARK: In the words of an outbox

    mutating func give(_ delivery: Effects.Delivery, _ record: RecordView, _ router: borrowing Router) {
        place(of: delivery.connection)?.outbox.give(delivery, record, router)
    }

    mutating func tell(_ receipt: Effects.Receipt, _ router: borrowing Router) {
        place(of: receipt.connection)?.outbox.tell(receipt, router)
    }

    mutating func tell(_ answer: Effects.Answer, _ router: borrowing Router) {
        switch answer {
        case .replaced(let seat): add(seat) { _ in .replaced(seat) }
        case .unknown(let seat): add(seat) { _ in .unknown(seat) }
        case .silent(let seat): add(seat) { _ in .silent(seat) }
        case .subscribed(let seat, let tag, let handle, let position):
            add(seat) { outbox in
                .subscribed(
                    seat, tag: tag, consumer: outbox.place(consumer: handle, router), position: position)
            }
        }
    }

    mutating func tell(_ notice: Effects.Notice, _ router: borrowing Router) {
        guard let place = place(of: notice.connection) else { return }
        let words = Self.words(notice.event, router, &place.outbox)
        place.outbox.entries.append(.notice(notice.connection, words))
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
