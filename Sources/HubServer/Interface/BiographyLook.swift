import HubBytes
import HubModel
import HubProtocols
import HubRouter
import HubStorage

/// The life of a message, from the log.
enum BiographyLook {
    /// All that happened to a message until now.
    static func life(
        of offset: Offset, _ reader: any LogReader, _ bound: WalkBound
    ) throws -> Biography {
        var biography = Biography(of: offset)
        try LogWalk.all(reader, .log(from: offset)) { page in
            try bound.check()
            guard biography.entries.count <= entriesMax else {
                throw Refusal(.tooLarge, "more than \(entriesMax) things have happened to this message")
            }
            var index = 0
            while index < page.count {
                biography.take(page[index])
                index += 1
            }
        }
        return biography
    }

    /// A message with many consumers, each of which refuses it for years, has a long life.
    private static let entriesMax = 50_000

    static func document(
        _ page: borrowing MessagePage, _ life: Biography, _ reader: any LogReader
    ) throws -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("message")
        writer.delivery(page.messages[0], in: page.bytes.bytes)
        writer.key("life")
        writer.beginArray()
        for entry in life.entries { try write(entry, reader, &writer) }
        writer.endArray()
        writer.endObject()
        return writer.bytes.array
    }

    private static func write(
        _ entry: Biography.Entry, _ reader: any LogReader, _ writer: inout JSONWriter
    ) throws(StorageError) {
        writer.beginObject()
        writer.member("at", entry.at.rawValue)
        writer.member("time", entry.time)
        writer.member("event", word(entry.event))
        if let consumer = consumer(of: entry.event), let name = try reader.name(consumer) {
            writer.member("consumer", name.text)
        }
        switch entry.event {
        case .delivered(_, let attempt): writer.member("attempt", attempt)
        case .refused(_, let delay?): writer.member("delay_ms", max(0, delay))
        case .buried(_, let reason, let attempts):
            writer.member("reason", "\(reason)")
            writer.member("attempt", attempts)
        case .answered(_, let isLate, let isFailure):
            writer.member("answer", entry.at.rawValue)
            writer.member("reason", isFailure ? "failure" : isLate ? "late" : "answer")
        default: break
        }
        writer.endObject()
    }

    private static func word(_ event: Biography.Event) -> String {
        switch event {
        case .taken: "taken"
        case .delivered: "delivered"
        case .held: "held"
        case .released: "released"
        case .acknowledged: "acknowledged"
        case .refused: "refused"
        case .extended: "extended"
        case .returned: "returned"
        case .givenUp: "given_up"
        case .buried: "dead_letter"
        case .revived: "redriven"
        case .dropped: "dropped"
        case .forgotten: "forgotten"
        case .answered: "answered"
        }
    }

    private static func consumer(of event: Biography.Event) -> NameID? {
        switch event {
        case .taken, .answered: nil
        case .delivered(let consumer, _), .held(let consumer), .released(let consumer),
            .acknowledged(let consumer), .refused(let consumer, _), .extended(let consumer),
            .returned(let consumer), .givenUp(let consumer), .buried(let consumer, _, _),
            .revived(let consumer), .dropped(let consumer), .forgotten(let consumer):
            consumer
        }
    }
}
