import CLinux
import Glibc
import HubBytes

/// The streams that a process is born with.
package enum StandardStream: Int32, Sendable {
    /// Where results go.
    case output = 1
    /// Where everything else goes that a person should see.
    case error = 2

    /// Writes all of `bytes`.
    package func write(_ bytes: RawSpan) throws(SystemError) {
        var done = 0
        while done < bytes.byteCount {
            // Safety: the span is alive during the call and at least as long as said.
            let count = unsafe bytes.extracting(done..<bytes.byteCount).withUnsafeBytes {
                unsafe Glibc.write(rawValue, $0.baseAddress, $0.count)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw .last(self == .output ? "write to standard output" : "write to standard error")
            }
            done += count
        }
    }

    /// Whether a person is watching.
    package var isTerminal: Bool { isatty(rawValue) == 1 }

    /// How many columns the person sees; nil if nobody is watching or the terminal does not say.
    package var columns: Int? {
        let columns = clinux_terminal_columns(rawValue)
        return columns > 0 ? Int(columns) : nil
    }
}
