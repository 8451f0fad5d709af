import HubBytes
import HubClient
import HubProtocols
import HubSystem

/// What a command is given to send.
enum MessageInput {
    /// The longest line, and the longest file: what hubs take as one message is less.
    static let bytesMax = 64 << 20

    /// JSON as it is, anything else as text; with `asText` JSON too.
    static func payload(_ bytes: [UInt8], asText: Bool) throws(CommandFailure) -> Payload {
        let isJSON = !bytes.isEmpty && bytes.withBytes { JSONValidator.fault(in: $0) } == nil
        if isJSON, !asText { return .json(bytes) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .usage(UsageError("what is to be sent is neither JSON nor text in UTF-8"))
        }
        return .text(text)
    }

    static func payload(_ text: String, asText: Bool) throws(CommandFailure) -> Payload {
        try payload(Array(text.utf8), asText: asText)
    }

    /// The content of a file; `-` is standard input.
    static func file(_ path: String) throws(CommandFailure) -> [UInt8] {
        do throws(SystemError) {
            if path == "-" { return try allInput() }
            return try FileDescriptor.open(path, .read).read(bytesMax, upToEnd: ())
        } catch {
            throw .system(error)
        }
    }

    private static func allInput() throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < bytesMax, !Task.isCancelled {
            guard StandardInput.wait(milliseconds: 100) else { continue }
            let piece = try StandardInput.read(upTo: 64 << 10)
            if piece.isEmpty { break }
            bytes += piece
        }
        return bytes
    }
}

extension FileDescriptor {
    /// Reads the whole file, up to so many bytes.
    fileprivate borrowing func read(_ bytesMax: Int, upToEnd: Void) throws(SystemError) -> [UInt8] {
        try read(min(bytesMax, try size()), at: 0)
    }
}

/// The lines of standard input, one by one, until its end or until the task is cancelled.
struct InputLines {
    private var pending: [UInt8] = []
    private var start = 0
    private var isOver = false

    /// The next line without its end; nil behind the last one. Empty lines are left out.
    mutating func next() throws(CommandFailure) -> [UInt8]? {
        while true {
            if let end = pending[start...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = Array(pending[start..<end])
                start = end + 1
                if !line.isEmpty { return line }
            } else if isOver {
                defer { pending.removeAll() }
                let line = Array(pending[start...])
                start = 0
                return line.isEmpty ? nil : line
            } else {
                try fill()
            }
        }
    }

    private mutating func fill() throws(CommandFailure) {
        pending.removeFirst(start)
        start = 0
        guard pending.count < MessageInput.bytesMax else {
            throw .absent("a line of standard input has more than \(MessageInput.bytesMax) bytes")
        }
        guard !Task.isCancelled else {
            isOver = true
            pending.removeAll()
            return
        }
        guard StandardInput.wait(milliseconds: 100) else { return }
        do throws(SystemError) {
            let piece = try StandardInput.read(upTo: 64 << 10)
            isOver = piece.isEmpty
            pending += piece
        } catch {
            throw .system(error)
        }
    }
}
