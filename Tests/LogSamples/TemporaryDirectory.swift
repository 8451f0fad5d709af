import Glibc
import HubSystem

/// A directory of its own for a test, removed with it.
package final class TemporaryDirectory: Sendable {
    /// Where it is.
    package let path: String

    /// Makes one.
    package init() {
        var template = Array("\(Self.parent)/agenthub-test-XXXXXX".utf8CString)
        path = template.withUnsafeMutableBufferPointer { buffer in
            guard let made = buffer.baseAddress.flatMap({ mkdtemp($0) }) else { return "" }
            return String(cString: made)
        }
        precondition(!path.isEmpty, "no temporary directory could be made")
    }

    private static var parent: String { getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp" }

    /// A path inside.
    package subscript(_ name: String) -> String { "\(path)/\(name)" }

    deinit { Self.removeAll(path) }

    private static func removeAll(_ path: String) {
        for name in (try? Directory.entries(path)) ?? [] where unlink("\(path)/\(name)") != 0 {
            removeAll("\(path)/\(name)")
        }
        rmdir(path)
    }
}
