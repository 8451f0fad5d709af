import HubBytes
import HubModel
package import HubSystem
import Synchronization

/// The hub's log of itself. Any thread may write to it and none waits for a disk: lines go into a bounded queue, from which a
/// thread of its own writes them.
///
/// What a line says is fixed where it is written; what it is about stands in fields. So lines can be counted by what they say, and
/// nothing that a client sends can look like a line of its own.
package final class HubLog: Sendable {
    /// How lines are written, and how many.
    package struct Settings: Sendable, Equatable {
        /// The least important lines that are written.
        package var level = LogLevel.info
        /// How they are written.
        package var format = LogFormat.text
        /// Where they go.
        package var destination = LogDestination.standardError
        /// Lines that say the same in one span.
        package var repeatsMax = 20
        /// How long a span is, in milliseconds.
        package var spanMilliseconds: Int64 = 10_000
        /// Lines that may wait to be written.
        package var waitingMax = 4096

        /// The usual ones.
        package init() {}
    }

    private struct State {
        var waiting: [LogLine] = []
        var rates: LogRates
        /// Lines that found no room since the last ones were taken.
        var dropped = 0
        var wantsReopening = false
        var isClosed = false
    }

    private let state: Mutex<State>
    private let arrivals: EventCounter
    private let threshold: Atomic<UInt8>
    private let droppedInAll = Atomic<Int>(0)
    private let waitingMax: Int
    private let writer = Mutex<SystemThread?>(nil)

    /// Opens the destination and starts the writing thread.
    package init(_ settings: Settings = Settings()) throws(SystemError) {
        let output = try LogOutput(settings.destination)
        arrivals = try EventCounter()
        threshold = Atomic(settings.level.rawValue)
        waitingMax = settings.waitingMax
        state = Mutex(
            State(rates: LogRates(repeatsMax: settings.repeatsMax, span: settings.spanMilliseconds)))
        let opening = Mutex<LogOutput?>(output)
        let thread = try SystemThread(name: "log") { [self] in
            guard let output = opening.withLock({ $0.take() }) else { return }
            run(output, settings)
        }
        writer.withLock { $0 = thread }
    }

    // MARK: For those who have something to say

    /// Whether lines of a level are written.
    package func isOn(_ level: LogLevel) -> Bool { level.rawValue >= threshold.load(ordering: .relaxed) }

    /// The least important lines that are written.
    package var level: LogLevel {
        get { LogLevel(rawValue: threshold.load(ordering: .relaxed)) ?? .info }
        set { threshold.store(newValue.rawValue, ordering: .relaxed) }
    }

    /// Lines that found no room, ever.
    package var dropped: Int { droppedInAll.load(ordering: .relaxed) }

    /// Writes a line, if its level is on. The fields are made only then.
    package func write(
        _ level: LogLevel, _ message: StaticString, _ fields: @autoclosure () -> LogFields = [:]
    ) {
        guard isOn(level) else { return }
        let line = LogLine(
            time: Timestamp(microseconds: SystemClock.wallMicroseconds()), level: level, message: message,
            fields: fields().map { ($0.key, $0.value) })
        let now = Self.now()
        let (wakes, isDropped) = state.withLock { state in
            guard !state.isClosed else { return (false, true) }
            let suppressedBefore = state.rates.suppressing
            guard state.rates.admit(message, level, now: now) else {
                // The writer has to come and tell of it, some time.
                return (state.rates.suppressing > suppressedBefore, false)
            }
            guard state.waiting.count < waitingMax else {
                state.dropped += 1
                return (false, true)
            }
            state.waiting.append(line)
            return (state.waiting.count == 1, false)
        }
        if isDropped { droppedInAll.add(1, ordering: .relaxed) }
        if wakes { arrivals.signal() }
    }

    /// For whoever looks for a fault.
    package func debug(_ message: StaticString, _ fields: @autoclosure () -> LogFields = [:]) {
        write(.debug, message, fields())
    }

    /// What goes on.
    package func info(_ message: StaticString, _ fields: @autoclosure () -> LogFields = [:]) {
        write(.info, message, fields())
    }

    /// What an operator did, or should know of.
    package func notice(_ message: StaticString, _ fields: @autoclosure () -> LogFields = [:]) {
        write(.notice, message, fields())
    }

    /// Something is wrong, and the hub goes on.
    package func warning(_ message: StaticString, _ fields: @autoclosure () -> LogFields = [:]) {
        write(.warning, message, fields())
    }

    /// Something could not be done.
    package func error(_ message: StaticString, _ fields: @autoclosure () -> LogFields = [:]) {
        write(.error, message, fields())
    }

    /// Opens a file anew, before the next line: somebody has moved it away.
    package func reopen() {
        state.withLock { $0.wantsReopening = true }
        arrivals.signal()
    }

    /// Writes what is waiting, and ends. What comes later is dropped.
    package func close() {
        state.withLock { $0.isClosed = true }
        arrivals.signal()
        writer.withLock { $0.take() }?.join()
    }

    private static func now() -> Int64 { Int64(SystemClock.monotonicNanoseconds() / 1_000_000) }

    // MARK: The writing thread

    private struct Batch {
        var lines: [LogLine]
        let summaries: [LogRates.Summary]
        let dropped: Int
        let reopens: Bool
        let isLast: Bool
        /// Whether there will be something to tell of although nobody signals.
        let suppresses: Bool
    }

    private func takeBatch() -> Batch {
        state.withLock { state in
            let lines = state.waiting
            state.waiting = []
            let summaries = state.rates.summaries(now: Self.now(), isLast: state.isClosed)
            defer {
                state.dropped = 0
                state.wantsReopening = false
            }
            return Batch(
                lines: lines, summaries: summaries, dropped: state.dropped, reopens: state.wantsReopening,
                isLast: state.isClosed, suppresses: state.rates.suppressing > 0)
        }
    }

    private func run(_ output: consuming LogOutput, _ settings: Settings) {
        var text = ByteBuffer(capacity: 4096)
        /// Lines that could not be written, and why the last of them could not.
        var lost: (count: Int, error: SystemError)?
        while true {
            var batch = takeBatch()
            if batch.reopens {
                do { try output.reopen() } catch {
                    batch.lines.append(
                        Self.line(.error, "the log cannot be opened anew", ["reason": LogValue(error)]))
                }
            }
            let lines = batch.lines + Self.tell(batch, settings, lost)
            if !lines.isEmpty {
                for line in lines { line.write(to: &text, settings.format, colours: output.colours) }
                do {
                    try output.write(text.bytes)
                    lost = nil
                } catch {
                    lost = ((lost?.count ?? 0) + lines.count, error)
                }
                text.removeAll()
            }
            if batch.isLast { return }
            arrivals.wait(milliseconds: batch.suppresses ? Int(settings.spanMilliseconds) : -1)
        }
    }

    /// What the log has to say of itself.
    private static func tell(
        _ batch: Batch, _ settings: Settings, _ lost: (count: Int, error: SystemError)?
    ) -> [LogLine] {
        var lines = batch.summaries.map { summary in
            line(summary.level, summary.message, ["suppressed": LogValue(summary.count)])
        }
        if batch.dropped > 0 {
            lines.append(line(.warning, "lines were dropped", ["count": LogValue(batch.dropped)]))
        }
        if let lost, !(batch.lines.isEmpty && lines.isEmpty) {
            lines.append(
                line(
                    .warning, "lines could not be written",
                    ["count": LogValue(lost.count), "reason": LogValue(lost.error)]))
        }
        return lines
    }

    private static func line(_ level: LogLevel, _ message: StaticString, _ fields: LogFields) -> LogLine {
        LogLine(
            time: Timestamp(microseconds: SystemClock.wallMicroseconds()), level: level, message: message,
            fields: fields.map { ($0.key, $0.value) })
    }
}
