import HubBytes
import HubModel
import HubProtocols
import HubStorage

/// A page of a replay, or why there is none.
struct ReplayPage: Sendable {
    let parcel: Parcel<MessagePage>?
    let refusal: Refusal?

    private static let limit = PageLimit(records: 512, bytes: 512 << 10)

    /// Reads the first page, or the one that follows.
    static func read(
        _ reader: any LogReader, _ next: LogQuery?, _ request: NativeReplay,
        _ source: NativeReplayPlayer.Source, _ identity: Identity
    ) -> ReplayPage {
        do {
            let query = try next ?? first(reader, request, source, identity)
            let page = try MessagePage(reader, query, limit) { $0.kind.isShown }
            return ReplayPage(parcel: Parcel(page), refusal: nil)
        } catch let refusal as Refusal {
            return ReplayPage(parcel: nil, refusal: refusal)
        } catch {
            return ReplayPage(
                parcel: nil, refusal: Refusal(.storageUnavailable, "the log cannot be read: \(error)"))
        }
    }

    private static func first(
        _ reader: any LogReader, _ request: NativeReplay, _ source: NativeReplayPlayer.Source,
        _ identity: Identity
    ) throws -> LogQuery {
        let tenant = identity.tenant.text
        guard let owner = try reader.find(NameKey(.tenant, tenant: .none), tenant) else {
            throw Refusal(.unknownSession, "nothing was ever sent in tenant \(tenant)")
        }
        switch source {
        case .topics(let patterns):
            let (from, to) = try offsets(reader, request)
            return .topics(patterns, tenant: owner, from: from, to: to)
        case .session(let text):
            let session = try reader.find(NameKey(.session, tenant: owner), text)
            try SessionParties.check(identity, owner, session, text, reader)
            guard let session else {
                throw Refusal(.unknownSession, "there is no session \(text); `agenthub sessions` lists them")
            }
            return try sessionQuery(reader, request, session)
        }
    }

    private static func offsets(
        _ reader: any LogReader, _ request: NativeReplay
    ) throws -> (Offset, Offset) {
        let head = reader.bounds.head
        func place(_ place: NativePlace) throws -> Offset {
            switch place {
            case .offset(let offset): return offset
            case .time(let time): return try reader.offset(atOrAfter: time)
            case .sequence:
                throw Refusal(.badField, "sequence numbers are for replays of one session; use an offset")
            }
        }
        let from = try request.from.map(place) ?? .zero
        let to = try request.to.map { try end(place($0), of: $0, reader) } ?? head
        return (from, min(to, head))
    }

    /// The first offset behind a place, which is included itself: what was taken at a moment is in front of the next.
    private static func end(
        _ offset: Offset, of place: NativePlace, _ reader: any LogReader
    ) throws(StorageError) -> Offset {
        switch place {
        case .offset: return offset < .end ? offset.next : .end
        case .time(let time) where time.microseconds < .max:
            return try reader.offset(atOrAfter: Timestamp(microseconds: time.microseconds + 1))
        default: return offset
        }
    }

    /// Sessions are read by their sequence numbers; offsets and times are places in the log, which have to be found.
    private static func sessionQuery(
        _ reader: any LogReader, _ request: NativeReplay, _ session: NameID
    ) throws -> LogQuery {
        func sequence(_ place: NativePlace) throws -> SequenceNumber {
            switch place {
            case .sequence(let number): return number
            case .offset(let offset): return try SessionPlace.find(reader, session, atOrAfter: offset)
            case .time(let time):
                return try SessionPlace.find(reader, session, atOrAfter: reader.offset(atOrAfter: time))
            }
        }
        let last = try reader.extent(of: session).last
        let from = try request.from.map(sequence) ?? .first
        var to = SequenceNumber(last &+ 1)
        if let place = request.to {
            switch place {
            case .sequence(let number): to = min(to, number < .end ? number.next : .end)
            case .offset(let offset):
                let behind = try end(offset, of: place, reader)
                to = min(to, try SessionPlace.find(reader, session, atOrAfter: behind))
            case .time:
                let behind = try end(.end, of: place, reader)
                to = min(to, try SessionPlace.find(reader, session, atOrAfter: behind))
            }
        }
        return .session(session, from: from, to: max(from, to))
    }
}

/// Who takes part in a session.
enum SessionParties {
    /// How many of a session's first messages are looked at: who is a party says something soon, or is spoken to.
    private static let lookedAt = 256

    /// Whether an agent sent one of a session's first messages, or was sent one. To hold a session back, which everyone
    /// may, or to answer a command in it makes nobody a party.
    static func include(
        _ agent: String, _ tenant: NameID, _ session: NameID, _ reader: any LogReader
    ) throws(StorageError) -> Bool {
        guard let agent = try reader.find(NameKey(.agent, tenant: tenant), agent) else { return false }
        let page = try reader.page(.session(session), PageLimit(records: lookedAt))
        var index = 0
        while index < page.count {
            let kind = page[index].kind
            if kind.isShown {
                if page[index].destination == agent { return true }
                if page[index].sender == agent, kind != .response { return true }
            }
            index += 1
        }
        return false
    }
}

/// Finds places of a session by places of the log.
enum SessionPlace {
    /// The first message of a session at or behind an offset: by halving what there is, since offsets rise with
    /// sequence numbers.
    static func find(
        _ reader: any LogReader, _ session: NameID, atOrAfter offset: Offset
    ) throws(StorageError) -> SequenceNumber {
        let extent = try reader.extent(of: session)
        guard let first = extent.first else { return SequenceNumber(extent.last &+ 1) }
        var low = first
        var high = extent.last &+ 1
        while low < high {
            let middle = low + (high - low) / 2
            let page = try reader.page(
                .session(session, from: SequenceNumber(middle)), PageLimit(records: 1))
            guard !page.isEmpty, page[0].offset < offset else {
                high = middle
                continue
            }
            low = max(middle, page[0].sequence.rawValue) &+ 1
        }
        return SequenceNumber(low)
    }
}

extension MessageKind {
    /// Whether it is shown to whoever replays: what agents said, and the steps of their sessions.
    var isShown: Bool {
        switch self {
        case .message, .command, .response, .status, .sessionOpen, .sessionAccept, .sessionReject,
            .sessionClose, .deadLetter:
            true
        default: false
        }
    }
}
