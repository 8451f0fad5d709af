import HubBytes
import HubSystem

/// Where lines go.
package enum LogDestination: Sendable, Equatable {
    /// Standard error.
    case standardError
    /// The end of a file, which is made if it is not there.
    case file(String)
}

/// The open end of a destination.
struct LogOutput: ~Copyable {
    private let destination: LogDestination
    private var file: FileDescriptor?
    /// Whether levels have colours: a terminal that can show them, and a person who wants them.
    let colours: Bool

    init(_ destination: LogDestination) throws(SystemError) {
        self.destination = destination
        switch destination {
        case .standardError:
            let isRefused = CurrentProcess.variable("NO_COLOR").map { !$0.isEmpty } ?? false
            colours =
                StandardStream.error.isTerminal && !isRefused && CurrentProcess.variable("TERM") != "dumb"
        case .file(let path):
            colours = false
            file = try FileDescriptor.open(path, .append)
        }
    }

    /// Opens the file anew, which was moved away or removed; keeps the old one if that fails.
    mutating func reopen() throws(SystemError) {
        guard case .file(let path) = destination else { return }
        file = try FileDescriptor.open(path, .append)
    }

    func write(_ bytes: RawSpan) throws(SystemError) {
        switch destination {
        case .standardError: try StandardStream.error.write(bytes)
        case .file: try file?.append(bytes)
        }
    }
}
