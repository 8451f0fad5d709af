import HubBytes
import HubSystem

/// Files that nobody but their owner may read, written whole or not at all.
package enum SecretFile {
    /// Bytes that are read of one: access files of a hundred thousand agents are smaller.
    package static let bytesMax = 64 << 20

    /// The content of a file. One that others can read is refused: what is in it must count as known to them.
    package static func read(_ path: String) throws(AccessError) -> [UInt8] {
        let content = try system { () throws(SystemError) -> (permissions: UInt32, bytes: [UInt8]?) in
            let file = try FileDescriptor.open(path, .read)
            let count = try file.size()
            return (
                try file.permissions(), count > bytesMax ? nil : try file.read(count, at: 0)
            )
        }
        guard content.permissions & 0o077 == 0 else {
            throw AccessError(
                .exposed,
                "\(path) can be read by others (mode \(String(content.permissions, radix: 8))): chmod 600 it, and "
                    + "consider what is in it as known to them")
        }
        guard let bytes = content.bytes else {
            throw AccessError(.content, "\(path) has more than \(bytesMax) bytes")
        }
        return bytes
    }

    /// Writes a file that must not be there yet.
    package static func create(_ path: String, _ content: RawSpan) throws(AccessError) {
        guard !Directory.exists(path) else {
            throw AccessError(.absent, "\(path) is there already, and is not written over")
        }
        try replace(path, content)
    }

    /// Gives a file new content: after a crash it has the old one or the new one.
    package static func replace(_ path: String, _ content: RawSpan) throws(AccessError) {
        let unfinished = "\(path).new"
        if Directory.exists(unfinished) {
            // What somebody left who was ended while writing; nobody else writes now, as the caller has seen to.
            try system { () throws(SystemError) in try Directory.removeFile(unfinished) }
        }
        try system { () throws(SystemError) in
            let file = try FileDescriptor.open(unfinished, .createNew)
            try file.write(content, at: 0)
            try file.sync()
            try Directory.rename(unfinished, to: path)
            try Directory.sync(folder(of: path))
        }
    }

    /// The folder that a path lies in.
    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Does something that the system may refuse.
    static func system<Result>(_ body: () throws(SystemError) -> Result) throws(AccessError) -> Result {
        do throws(SystemError) { return try body() } catch { throw AccessError(error) }
    }

    /// Has the exclusive right to change what lies beside a lock file while `body` runs. Waits a little for another
    /// who has it.
    package static func locked<Result>(
        _ path: String, patienceMilliseconds: Int = 5000, _ body: () throws(AccessError) -> Result
    ) throws(AccessError) -> Result {
        let lock = try opened(path)
        var waited = 0
        while !(try taken(lock)) {
            guard waited < patienceMilliseconds else {
                throw AccessError(
                    .busy, "\(path) is held by another program that is changing things: try again")
            }
            SystemClock.sleep(milliseconds: pauseMilliseconds)
            waited += pauseMilliseconds
        }
        let result = try body()
        // The lock goes with the descriptor, which must not be closed before this point.
        withExtendedLifetime(lock) {}
        return result
    }

    private static let pauseMilliseconds = 20

    private static func opened(_ path: String) throws(AccessError) -> FileDescriptor {
        do throws(SystemError) {
            return try FileDescriptor.open(path, .readWriteCreating)
        } catch {
            throw AccessError(error)
        }
    }

    private static func taken(_ lock: borrowing FileDescriptor) throws(AccessError) -> Bool {
        do throws(SystemError) { return try lock.lockExclusively() } catch { throw AccessError(error) }
    }
}
