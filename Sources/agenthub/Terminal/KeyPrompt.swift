import HubSystem

/// Questions that a key answers. Where standard input is no terminal, lines of it are the keys.
final class KeyPrompt {
    private let keys: HeldKeys?

    init() throws(CommandFailure) {
        guard StandardInput.isTerminal else {
            keys = nil
            return
        }
        do throws(SystemError) { keys = HeldKeys(try Keys()) } catch { throw .system(error) }
    }

    /// Asks, and waits for one of the keys; nil at the end of the input, or once the task is cancelled.
    func ask(_ question: String, among wanted: String, _ console: Console) -> Character? {
        if StandardInput.isTerminal { console.tell(console.errorStyle.dim(question)) }
        defer { if StandardInput.isTerminal { console.tell("\r\u{1b}[K") } }
        while !Task.isCancelled {
            switch key() {
            case .none: continue
            case .end: return nil
            case .byte(let byte):
                let key = Character(Unicode.Scalar(byte))
                if wanted.isEmpty || wanted.contains(key) { return key }
            }
        }
        return nil
    }

    private func key() -> Terminal.Key? {
        let milliseconds = 100
        if let keys { return keys.keys.next(waitingMilliseconds: milliseconds) }
        guard StandardInput.wait(milliseconds: milliseconds) else { return nil }
        guard let byte = try? StandardInput.read(upTo: 1).first else { return .end }
        return .byte(byte)
    }
}

/// Keys that may be there or not: what has one owner cannot be looked at inside an optional of a class.
private final class HeldKeys {
    let keys: Keys

    init(_ keys: consuming Keys) { self.keys = keys }
}
