import HubBytes
import HubSystem

/// Where a command writes: results to standard output, everything else to standard error.
final class Console {
    let outputStyle = TextStyle(for: .output)
    let errorStyle = TextStyle(for: .error)
    private var pending = ByteBuffer(capacity: 1 << 17)
    private static let flushBytes = 1 << 16

    /// Columns to fill with text.
    var columns: Int { min(StandardStream.output.columns ?? 100, 100) }

    /// Writes a result.
    func write(_ text: String) throws(CommandFailure) {
        text.withBytes { pending.append($0) }
        try flushIfFull()
    }

    /// Writes a result.
    func write(_ bytes: RawSpan) throws(CommandFailure) {
        pending.append(bytes)
        try flushIfFull()
    }

    private func flushIfFull() throws(CommandFailure) {
        if pending.count >= Self.flushBytes { try flush() }
    }

    /// Makes sure that everything written is out.
    func flush() throws(CommandFailure) {
        guard !pending.isEmpty else { return }
        do throws(SystemError) {
            try StandardStream.output.write(pending.bytes)
            pending.removeAll()
        } catch {
            pending.removeAll()
            throw error.code == SystemError.brokenPipe ? .outputClosed : .system(error)
        }
    }

    /// Tells whoever called the command something that is no result.
    func tell(_ text: String) {
        // There is nobody left to tell that this failed.
        text.withBytes { try? StandardStream.error.write($0) }
    }

    /// Says why the command did not do what it was asked to do.
    func complain(_ sentence: String) { tell("\(errorStyle.red("agenthub:")) \(sentence)\n") }
}
