import HubBytes
import HubModel
import HubProtocols

/// Messages that differ in their id, their topic and their session only.
struct MessageMold: ~Copyable {
    private var words = ByteBuffer(capacity: 4096)
    private var publication = Publication(.message)
    private var topics: [Slice] = []
    private var sessions: [Slice] = []
    private let idStart: Int

    /// Digits of the number that is a message's id.
    static let digits = 9

    init(_ workload: Workload, run: String) {
        idStart = words.count
        publication.id = words.place(String(repeating: "0", count: Self.digits))
        publication.payload = words.place("\"" + String(repeating: "x", count: workload.size) + "\"")
        publication.target = .topic
        for topic in 0..<workload.topics { topics.append(words.place("load.\(run).\(topic)")) }
        for session in 0..<workload.sessions { sessions.append(words.place("load-\(run)-\(session)")) }
    }

    /// Writes the message with a number.
    mutating func write(_ number: Int, to frames: inout ByteBuffer) {
        var (rest, place) = (number, idStart + Self.digits - 1)
        while place >= idStart {
            words.patch(UInt8(ascii: "0") + UInt8(rest % 10), at: place)
            rest /= 10
            place -= 1
        }
        publication.name = topics[number % topics.count]
        // A prime step: what follows each other is in other sessions.
        if !sessions.isEmpty { publication.session = sessions[number &* 7919 % sessions.count] }
        NativeClientWriter.publication(publication, in: words.bytes, to: &frames)
    }

    /// The number of a message by its id; nil for what is none of ours.
    static func number(_ id: RawSpan) -> Int? {
        guard id.byteCount == digits else { return nil }
        var number = 0
        for place in 0..<digits {
            let digit = id.load(place, as: UInt8.self) &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            number = number * 10 + Int(digit)
        }
        return number
    }
}
