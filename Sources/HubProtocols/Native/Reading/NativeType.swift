/// The types of frames that agents send.
enum NativeType: UInt8, CaseIterable {
    case message, command, response, status, ack, nak, working, term, heartbeat
    case hello, subscribe, unsubscribe, replay, cancel, sessionOpen, sessionAccept, sessionReject
    case sessionClose, pause, resume, agents, presence, ping

    /// How it is written.
    var word: String {
        switch self {
        case .sessionOpen: "session_open"
        case .sessionAccept: "session_accept"
        case .sessionReject: "session_reject"
        case .sessionClose: "session_close"
        default: "\(self)"
        }
    }

    /// All of them, to look up.
    static let table = WordTable(allCases.map(\.word))

    /// The type whose name looks most like a word; nil if none does.
    static func nearest(to word: String) -> NativeType? {
        let letters = Array(word.lowercased().utf8.prefix(32))
        let distances = allCases.map { (type: $0, distance: distance(letters, Array($0.word.utf8))) }
        guard let best = distances.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance <= max(2, best.type.word.utf8.count / 2) ? best.type : nil
    }

    /// How many letters must be put in, taken out or changed to make one word of the other.
    private static func distance(_ one: [UInt8], _ other: [UInt8]) -> Int {
        var row = Array(0...other.count)
        for (index, letter) in one.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (place, wanted) in other.enumerated() {
                let above = row[place + 1]
                row[place + 1] = min(diagonal + (letter == wanted ? 0 : 1), above + 1, row[place] + 1)
                diagonal = above
            }
        }
        return row[other.count]
    }
}
