import CLinux
import Glibc

/// Signals that a program wants to hear of one by one, instead of being ended by them.
package struct SignalWatch: ~Copyable {
    /// A signal.
    package enum Signal: Sendable {
        /// Somebody wants the program to end: SIGTERM, or SIGINT from a terminal.
        case end
        /// Somebody wants it to look at its configuration again: SIGHUP.
        case reload
    }

    /// From now on the signals wait to be taken, in this thread and in those that it starts.
    package init() { clinux_block_signals() }

    /// Waits for the next signal.
    package func next() -> Signal { clinux_next_signal() == SIGHUP ? .reload : .end }
}
