import HubSystem

/// The picture on the screen, drawn again at each look, at each change of size, until somebody presses q.
enum TopScreen {
    /// A screen of which nobody knows the size.
    private static let usualSize = Terminal.Size(columns: 80, rows: 24)
    private static let firstLookNanoseconds: UInt64 = 300_000_000

    static func run(
        _ watch: inout TopWatch, _ title: String, intervalMilliseconds: Int, _ console: Console
    ) throws(CommandFailure) {
        let terminal: Terminal
        do throws(SystemError) { terminal = try Terminal() } catch { throw .system(error) }
        var figures: TopFigures?
        var trouble: String?
        var drawn: Terminal.Size?
        // Something to see soon, whatever the interval; rates of an instant would say nothing.
        var next = SystemClock.monotonicNanoseconds() + firstLookNanoseconds
        while true {
            let now = SystemClock.monotonicNanoseconds()
            if now >= next {
                next = now + UInt64(intervalMilliseconds) * 1_000_000
                do throws(CommandFailure) {
                    figures = try watch.look()
                    trouble = nil
                } catch .absent(let sentence) {
                    // The hub may come back: what was seen last stays, with a line that says how old it is.
                    trouble = sentence
                }
                drawn = nil
            }
            let size = terminal.size ?? usualSize
            if drawn != size {
                drawn = size
                try draw(
                    figures, trouble, TopView(title: title, size: size, style: console.outputStyle), console)
            }
            let wait = (next - min(next, SystemClock.monotonicNanoseconds())) / 1_000_000 + 1
            switch terminal.key(waitingMilliseconds: Int(wait)) {
            case .byte(UInt8(ascii: "q")), .byte(UInt8(ascii: "Q")), .end: return
            default: continue
            }
        }
    }

    private static func draw(
        _ figures: TopFigures?, _ trouble: String?, _ view: TopView, _ console: Console
    ) throws(CommandFailure) {
        var lines = figures.map { view.lines($0) } ?? [view.notice("looking at \(view.title) …")]
        if let trouble { lines = Array(([view.notice(trouble)] + lines).prefix(view.size.rows)) }
        // Each line is cleared behind its end and the rest below the last one: nothing flickers, nothing is left over.
        let text = lines.map { $0 + "\u{1b}[K" }.joined(separator: "\n")
        try console.write("\u{1b}[H" + text + "\u{1b}[J")
        try console.flush()
    }
}
