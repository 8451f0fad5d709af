/// The types of frames that the hub sends.
enum NativeHubType: UInt8, CaseIterable {
    case message, command, response, status, receipt, error, welcome, challenge, subscribed, unsubscribed
    case heartbeatAck, pong, cancelled, replayEnd, paused, resumed, gap, stalled, presence, consumer, agents
    case sessionOpen, sessionAccept, sessionReject, sessionClose, sessionPause, sessionResume, deadLetter,
        note

    /// How it is written.
    var word: String {
        var word = ""
        for letter in "\(self)" {
            if letter.isUppercase { word += "_" }
            word.append(letter)
        }
        return word.lowercased()
    }

    /// All of them, to look up.
    static let table = WordTable(allCases.map(\.word))
}
