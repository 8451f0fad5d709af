import Glibc
import HubSystem

/// A directory that goes with its owner, in memory where the system has such a file system: what these tests look
/// at is not the disk.
final class TemporaryDirectory {
    let path: String

    init() {
        let parent = Directory.exists("/dev/shm") ? "/dev/shm" : "/tmp"
        var template = Array("\(parent)/agenthub-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { fatalError("no temporary directory: \(errno)") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        for name in (try? Directory.entries(path)) ?? [] { try? Directory.removeFile("\(path)/\(name)") }
        rmdir(path)
    }
}
