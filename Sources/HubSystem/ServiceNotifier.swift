import CLinux

/// Tells the service manager that started this process how it is doing, as systemd wants it of services of the type notify.
/// Without such a manager nothing is told.
///
/// A manager that does not listen harms nobody: the calls say whether they got through, and never wait.
package struct ServiceNotifier: Sendable {
    private let path: String

    /// The manager that the environment names; nil if there is none.
    package init?(_ environment: [String: String]) {
        guard let path = environment["NOTIFY_SOCKET"], path.hasPrefix("/") || path.hasPrefix("@") else {
            return nil
        }
        self.path = path
    }

    /// The service does what it is there for.
    @discardableResult
    package func ready(_ status: String) -> Bool { send("READY=1\nSTATUS=\(Self.line(status))") }

    /// The service reads its configuration again, and says that it is ready afterwards.
    @discardableResult
    package func reloading() -> Bool {
        send("RELOADING=1\nMONOTONIC_USEC=\(SystemClock.monotonicNanoseconds() / 1000)")
    }

    /// The service is about to end.
    @discardableResult
    package func stopping(_ status: String) -> Bool { send("STOPPING=1\nSTATUS=\(Self.line(status))") }

    /// Something that operators see beside the service's name.
    @discardableResult
    package func status(_ status: String) -> Bool { send("STATUS=\(Self.line(status))") }

    /// What is told ends with a line.
    private static func line(_ text: String) -> String {
        String(text.map { $0.isNewline ? " " : $0 })
    }

    private func send(_ message: String) -> Bool {
        let bytes = Array(message.utf8)
        // Safety: the path is lent as a terminated string and the bytes as long as said, both for the call alone.
        let code = unsafe bytes.withUnsafeBytes { buffer -> Int32 in
            guard let start = buffer.baseAddress else { return 0 }
            return unsafe clinux_send_to_path(path, start, UInt64(buffer.count))
        }
        return code == 0
    }
}
