/// How often each message was written lately: what is written too often is counted instead.
struct LogRates {
    private struct Kind {
        let message: StaticString
        var level: LogLevel
        /// When the current span began, in milliseconds.
        var begin: Int64
        var written = 0
        var suppressed = 0
    }

    /// Lines of one kind in a span.
    let repeatsMax: Int
    /// How long a span is, in milliseconds.
    let span: Int64
    private var kinds: [String: Kind] = [:]
    /// Kinds with lines that were not written.
    private(set) var suppressing = 0

    init(repeatsMax: Int, span: Int64) {
        self.repeatsMax = repeatsMax
        self.span = span
    }

    /// Lines of a kind that were not written, to be told of.
    struct Summary {
        let message: StaticString
        let level: LogLevel
        let count: Int
    }

    /// Whether a line is to be written.
    mutating func admit(_ message: StaticString, _ level: LogLevel, now: Int64) -> Bool {
        var kind = kinds[message.description] ?? Kind(message: message, level: level, begin: now)
        defer { kinds[message.description] = kind }
        // A span that ended with lines left out ends when that is told of.
        if now - kind.begin >= span, kind.suppressed == 0 {
            kind.begin = now
            kind.written = 0
        }
        kind.level = level
        guard kind.written < repeatsMax else {
            if kind.suppressed == 0 { suppressing += 1 }
            kind.suppressed += 1
            return false
        }
        kind.written += 1
        return true
    }

    /// What was not written in spans that are over; in all of them, if `isLast`.
    mutating func summaries(now: Int64, isLast: Bool) -> [Summary] {
        guard suppressing > 0 else { return [] }
        var summaries: [Summary] = []
        for (name, kind) in kinds.sorted(by: { $0.key < $1.key })
        where kind.suppressed > 0 && (isLast || now - kind.begin >= span) {
            summaries.append(Summary(message: kind.message, level: kind.level, count: kind.suppressed))
            kinds[name] = Kind(message: kind.message, level: kind.level, begin: now)
            suppressing -= 1
        }
        return summaries
    }
}
