import HubSystem

/// Colours and weights, where a terminal shows them.
struct TextStyle: Sendable {
    private let isOn: Bool

    /// No colours at all.
    static let plain = TextStyle(isOn: false)

    private init(isOn: Bool) { self.isOn = isOn }

    /// What suits a stream: colours on a terminal that has them, unless `NO_COLOR` is set to anything.
    init(for stream: StandardStream) {
        let isRefused = CurrentProcess.variable("NO_COLOR").map { !$0.isEmpty } ?? false
        isOn = stream.isTerminal && !isRefused && CurrentProcess.variable("TERM") != "dumb"
    }

    func bold(_ text: String) -> String { wrap(text, "1") }
    func dim(_ text: String) -> String { wrap(text, "2") }
    func red(_ text: String) -> String { wrap(text, "31") }
    func green(_ text: String) -> String { wrap(text, "32") }

    private func wrap(_ text: String, _ code: String) -> String {
        isOn ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
    }
}
