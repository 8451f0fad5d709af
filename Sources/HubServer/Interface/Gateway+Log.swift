import HubBytes
import HubConnection
import HubModel
import HubProtocols
import HubRouter
import HubStorage

/// What the log has: messages of sessions and topics, the life of one, the state at an offset.
extension Gateway {
    /// Offsets and sequence numbers that there may ever be.
    static let places: ClosedRange<UInt64> = 0...UInt64(Int64.max) - 1

    mutating func sessionMessages(_ call: Call, _ name: String) throws(Refusal) {
        let from = try call.number("from", in: Self.places, default: 1)
        let to = try call.number("to", in: Self.places, default: Self.places.upperBound)
        let limit = Int(try call.number("limit", in: 1...1000, default: 100))
        let identity = call.identity
        try look(call) { reader in
            let owner = try TenantLook.find(identity, reader)
            let session = try reader.find(NameKey(.session, tenant: owner), name)
            try SessionParties.check(identity, owner, session, name, reader)
            guard let session else { throw Refusal(.unknownSession, "there is no session \(name)") }
            let query = LogQuery.session(
                session, from: SequenceNumber(from), to: SequenceNumber(max(from, to + 1)))
            return try MessagesDocument.make(reader, query, limit)
        }
    }

    mutating func topicMessages(_ call: Call, _ name: String) throws(Refusal) {
        let from = try call.number("from", in: Self.places, default: 0)
        let to = try call.number("to", in: Self.places, default: Self.places.upperBound)
        let limit = Int(try call.number("limit", in: 1...1000, default: 100))
        let identity = call.identity
        guard
            identity.rights.maySubscribe(TopicPattern(unchecked: name)) || identity.rights.may(.readMessages)
        else { throw identity.refusesSubscribe(name) }
        try look(call) { reader in
            let owner = try TenantLook.find(identity, reader)
            guard let topic = try reader.find(NameKey(.topic, tenant: owner), name) else {
                throw Refusal(.unknownMessage, "nothing was ever published to \(name)")
            }
            let query = LogQuery.destination(topic, from: Offset(from), to: Offset(max(from, to + 1)))
            return try MessagesDocument.make(reader, query, limit)
        }
    }

    /// A message and its life, as the log tells it from there on.
    mutating func showMessage(_ call: Call, _ text: String) throws(Refusal) {
        let offset = try Self.offset(text)
        let identity = call.identity
        try require(.readMessages, call)
        try walk(call) { reader, bound in
            let owner = try TenantLook.find(identity, reader)
            let page = try MessagePage(
                reader, .log(from: offset, to: offset.next), PageLimit(records: 1)
            ) { $0.tenant == owner && $0.kind.isShown }
            guard page.messages.count == 1 else {
                throw Refusal(
                    .unknownMessage, "there is no message at offset \(offset), or it is not kept any more")
            }
            let life = try BiographyLook.life(of: offset, reader, bound)
            return try BiographyLook.document(page, life, reader)
        }
    }

    /// What the log says of the hub at an offset.
    mutating func showState(_ call: Call) throws(Refusal) {
        try require(.readState, call)
        let at = try call.number("at", in: 0...UInt64(Int64.max), default: UInt64(Int64.max))
        let identity = call.identity
        let bytesMax = desk.hub.settings.documentBytesMax
        try walk(call) { reader, bound in
            let owner = try TenantLook.find(identity, reader)
            let end = min(Offset(at), reader.bounds.head)
            guard reader.bounds.start == .zero else {
                throw Refusal(
                    .unknownMessage,
                    "the log begins at offset \(reader.bounds.start): what was before is not kept, and the state "
                        + "follows from all of it")
            }
            let picture = try PastLook.picture(before: end, owner, reader, bound)
            return try Document.make { try $0.picture(picture, reader, bytesMax: bytesMax) }
        }
    }

    static func offset(_ text: String) throws(Refusal) -> Offset {
        guard let number = UInt64(text), places.contains(number) else {
            throw Refusal(.badField, "\"\(text)\" is no offset: a number from 0 on")
        }
        return Offset(number)
    }
}

/// Whose part of the log somebody sees.
enum TenantLook {
    /// The number of somebody's tenant; one that nothing has if nothing was ever sent in it.
    static func find(_ identity: Identity, _ reader: any LogReader) throws(StorageError) -> NameID {
        try reader.find(NameKey(.tenant, tenant: .none), identity.tenant.text) ?? NameID(.max)
    }
}

/// Messages of the log as a document.
enum MessagesDocument {
    private static let pageBytes = 4 << 20

    static func make(_ reader: any LogReader, _ query: LogQuery, _ limit: Int) throws -> [UInt8] {
        let page = try MessagePage(reader, query, PageLimit(records: limit, bytes: pageBytes)) {
            $0.kind.isShown
        }
        return Document.make { writer in write(page, &writer) }
    }

    private static func write(_ page: borrowing MessagePage, _ writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("items")
        writer.beginArray()
        for message in page.messages { writer.delivery(message, in: page.bytes.bytes) }
        writer.endArray()
        if !page.gaps.isEmpty {
            writer.key("gaps")
            writer.beginArray()
            for gap in page.gaps { write(gap, &writer) }
            writer.endArray()
        }
        if let next = page.next { writer.member("next", next.from) }
        writer.endObject()
    }

    private static func write(_ gap: Gap, _ writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("from", gap.from)
        writer.member("to", gap.through)
        writer.member("reason", gap.reason.rawValue)
        writer.endObject()
    }
}

/// The state of the router in the past, from the log alone.
enum PastLook {
    static func picture(
        before end: Offset, _ tenant: NameID, _ reader: any LogReader, _ bound: WalkBound
    ) throws -> Picture {
        let names = try Recovered.names(reader)
        var state = PastState()
        try LogWalk.all(reader, .log(to: end)) { page in
            try bound.check()
            var index = 0
            while index < page.count {
                state.take(page[index], names)
                index += 1
            }
        }
        return state.picture(of: tenant, names)
    }
}

/// Goes through all records of a query, a page at a time.
enum LogWalk {
    static func all(
        _ reader: any LogReader, _ query: LogQuery, _ body: (borrowing LogPage) throws -> Void
    ) throws {
        var next: LogQuery? = query
        while let query = next {
            let page = try reader.page(query, PageLimit())
            try body(page)
            next = page.next
        }
    }
}
