import Glibc
import HubConnection
import HubSystem

/// What the benches share.
enum Bench {
    struct Failure: Error {
        let sentence: String
        init(_ sentence: String) { self.sentence = sentence }
    }

    static var settings: ConnectionSettings {
        var settings = ConnectionSettings()
        settings.idleMilliseconds = 600_000
        settings.acceptsPerSecondMax = 1_000_000
        return settings
    }

    static var admission: AdmissionLimits { AdmissionLimits(totalMax: 1_000_000, perAddressMax: 1_000_000) }

    static var anyPort: SocketAddress {
        guard let address = SocketAddress("127.0.0.1:0") else { preconditionFailure("an address is one") }
        return address
    }

    /// Processor time of this process, apart from the kernel's work for it, in nanoseconds.
    static func ownNanoseconds() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(0), &usage)
        return Double(usage.ru_utime.tv_sec) * 1e9 + Double(usage.ru_utime.tv_usec) * 1e3
    }

    static func processorNanoseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

/// This program once more, as the other side.
final class ChildProcess {
    private var id: pid_t = 0
    private let output: UnsafeMutablePointer<FILE>

    init(_ command: String, _ arguments: [String]) throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw Bench.Failure("no pipe") }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_addclose(&actions, ends[0])
        var words: [UnsafeMutablePointer<CChar>?] = ([CommandLine.arguments[0], command] + arguments).map {
            strdup($0)
        }
        words.append(nil)
        let code = posix_spawn(&id, Self.program, &actions, nil, words, environ)
        for word in words { free(word) }
        posix_spawn_file_actions_destroy(&actions)
        close(ends[1])
        guard code == 0, let output = fdopen(ends[0], "r") else { throw Bench.Failure("no child process") }
        self.output = output
    }

    /// The file that this program is. Its name and not the link: under valgrind the link leads to valgrind, unless it
    /// is read.
    private static var program: String {
        var path = [CChar](repeating: 0, count: Int(PATH_MAX))
        guard readlink("/proc/self/exe", &path, path.count - 1) > 0 else { return CommandLine.arguments[0] }
        return String(decoding: path.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// What the child says next.
    func line() -> String {
        var line = [CChar](repeating: 0, count: 256)
        guard fgets(&line, 256, output) != nil else { return "" }
        return String(
            decoding: line.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    func end() {
        kill(id, SIGKILL)
        var status: Int32 = 0
        waitpid(id, &status, 0)
        fclose(output)
    }
}
