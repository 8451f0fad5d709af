import CLinux
import Glibc

/// The terminal while a program fills all of it: keys come without waiting for a line, the screen is another one, and
/// both are as before when the value ends, or when a signal ends the process.
package struct Terminal: ~Copyable {
    /// Columns and rows.
    package struct Size: Hashable, Sendable {
        /// How many characters fit into a line.
        package let columns: Int
        /// How many lines there are.
        package let rows: Int

        /// A size.
        package init(columns: Int, rows: Int) {
            self.columns = columns
            self.rows = rows
        }
    }

    /// What a key that was pressed begins with.
    package enum Key: Equatable, Sendable {
        /// A byte.
        case byte(UInt8)
        /// Nobody types any more.
        case end
    }

    /// Takes over standard input and output; there is one such value at a time.
    package init() throws(SystemError) {
        let code = clinux_terminal_enter()
        guard code == 0 else { throw SystemError(code: -code, operation: "take over the terminal") }
    }

    deinit { clinux_terminal_leave() }

    /// The size now; nil if the terminal does not say.
    package var size: Size? {
        var columns: Int32 = 0
        var rows: Int32 = 0
        // Safety: both outlive the call.
        guard unsafe clinux_terminal_size(StandardStream.output.rawValue, &columns, &rows) == 0 else {
            return nil
        }
        return Size(columns: Int(columns), rows: Int(rows))
    }

    /// Waits for a key, or for the terminal to change its size, or for time to pass; nil if no key was pressed.
    package func key(waitingMilliseconds wait: Int) -> Key? {
        let answer = clinux_terminal_key(Int32(clamping: wait))
        if answer >= 0 { return .byte(UInt8(truncatingIfNeeded: answer)) }
        return answer == -2 ? .end : nil
    }
}
