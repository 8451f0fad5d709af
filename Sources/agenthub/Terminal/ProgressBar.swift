import HubSystem

/// How far a long command has come, on a terminal only. Gone when the command is done.
final class ProgressBar {
    private let console: Console
    private let title: String
    private let isShown = StandardStream.error.isTerminal
    private let begun = SystemClock.monotonicNanoseconds()
    private var drawn: UInt64 = 0
    private var isOnScreen = false

    private static let intervalNanoseconds: UInt64 = 100_000_000
    /// What takes less time is not worth a bar.
    private static let patienceNanoseconds: UInt64 = 300_000_000
    private static let barColumns = 30

    init(_ title: String, _ console: Console) {
        self.title = title
        self.console = console
    }

    /// Shows a share of 1.
    func show(_ share: Double) {
        guard isShown else { return }
        let now = SystemClock.monotonicNanoseconds()
        guard now - begun >= Self.patienceNanoseconds, now - drawn >= Self.intervalNanoseconds else { return }
        drawn = now
        let bounded = min(max(share, 0), 1)
        let filled = Int(bounded * Double(Self.barColumns))
        let bar = String(repeating: "━", count: filled)
        let rest = String(repeating: "─", count: Self.barColumns - filled)
        let percent = "\(Int(bounded * 100))"
        let padded = String(repeating: " ", count: 3 - percent.count) + percent
        let line = "\r\(title) \(console.errorStyle.green(bar))\(console.errorStyle.dim(rest)) \(padded) %"
        // The end of the line is cleared behind it: a time left that got shorter leaves nothing behind.
        console.tell(line + timeLeft(bounded, now) + "\u{1b}[K")
        isOnScreen = true
    }

    private func timeLeft(_ share: Double, _ now: UInt64) -> String {
        guard share > 0.02, share < 1 else { return "" }
        let elapsed = Double(now - begun) / 1e9
        let left = elapsed / share * (1 - share)
        return left < 1 ? "" : ", \(Quantity.duration(seconds: left)) left"
    }

    /// Takes the bar off the screen.
    func clear() {
        if isOnScreen { console.tell("\r\u{1b}[K") }
        isOnScreen = false
    }
}
