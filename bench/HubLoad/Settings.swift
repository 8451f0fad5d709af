import Glibc

/// Why there is no result.
struct LoadFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Ends the program with a sentence.
func fail(_ sentence: String) -> Never {
    let line = Array("HubLoad: \(sentence)\n".utf8)
    _ = write(2, line, line.count)
    exit(1)
}

/// A setting from the command line, as `NAME=VALUE`.
func word(_ name: String) -> String? {
    for word in CommandLine.arguments.dropFirst() where word.hasPrefix("\(name)=") {
        return String(word.dropFirst(name.count + 1))
    }
    return nil
}

/// A setting that is a number.
func setting(_ name: String, _ usual: Int, from least: Int = 0) throws -> Int {
    guard let text = word(name) else { return usual }
    guard let value = Int(text), (least...1_000_000_000).contains(value) else {
        throw LoadFailure("\(name) is a number, \(least) or more")
    }
    return value
}

/// Processor time of a process, the kernel's work for it included.
struct ProcessorTime: Sendable {
    private var clock = clockid_t(CLOCK_PROCESS_CPUTIME_ID)

    /// Of this process.
    init() {}

    /// Of another process; nil if there is none with this number.
    init?(of process: Int) {
        guard clock_getcpuclockid(pid_t(process), &clock) == 0 else { return nil }
    }

    var nanoseconds: UInt64 {
        var time = timespec()
        guard clock_gettime(clock, &time) == 0 else { return 0 }
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
