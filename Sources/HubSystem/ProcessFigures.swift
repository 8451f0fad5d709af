import Glibc

/// What the system says of this process. What cannot be read is nil.
package struct ProcessFigures: Sendable, Equatable {
    /// Processor time used, in both modes.
    package var cpuSeconds = 0.0
    /// Memory that is in RAM.
    package var residentBytes: Int?
    /// Address space.
    package var virtualBytes: Int?
    /// Open descriptors.
    package var openDescriptors: Int?
    /// Descriptors that it may have.
    package var maxDescriptors: Int?
    /// Threads.
    package var threads: Int?
    /// When it began, in seconds since 1970 began.
    package var startSeconds: Double?
}

extension CurrentProcess {
    /// What the system says of this process now.
    package static func figures() -> ProcessFigures {
        var figures = ProcessFigures()
        var usage = rusage()
        // Safety: `usage` outlives the call.
        if unsafe getrusage(RUSAGE_SELF.rawValue, &usage) == 0 {
            figures.cpuSeconds = seconds(usage.ru_utime) + seconds(usage.ru_stime)
        }
        var limit = rlimit()
        // Safety: `limit` outlives the call.
        if unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            figures.maxDescriptors = Int(clamping: limit.rlim_cur)
        }
        figures.openDescriptors = openDescriptors()
        // The name of the program stands in brackets and may hold anything; what is behind it does not.
        let fields = text("/proc/self/stat").split(separator: ")").last?.split(separator: " ") ?? []
        // Counted from the state, which is the third field of the whole line.
        if fields.count > 21 {
            figures.threads = Int(fields[17])
            figures.virtualBytes = Int(fields[20])
            figures.residentBytes = Int(fields[21]).map { $0 * sysconf(Int32(_SC_PAGESIZE)) }
            if let ticks = Double(fields[19]), let boot = bootSeconds() {
                figures.startSeconds = boot + ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
            }
        }
        return figures
    }

    private static func seconds(_ time: timeval) -> Double {
        Double(time.tv_sec) + Double(time.tv_usec) / 1e6
    }

    /// Newer systems give the count as the folder's size; to list ten thousand names would take milliseconds.
    private static func openDescriptors() -> Int? {
        if let size = try? Directory.fileSize("/proc/self/fd").length, size > 0 { return size }
        // The listing itself needs one.
        return (try? Directory.entries("/proc/self/fd").count).map { $0 - 1 }
    }

    private static func bootSeconds() -> Double? {
        let line = text("/proc/stat").split(separator: "\n").first { $0.hasPrefix("btime ") }
        return line.flatMap { Double($0.dropFirst(6)) }
    }

    private static func text(_ path: String) -> String {
        guard let file = try? FileDescriptor.open(path, .read),
            let bytes = try? file.read(1 << 20, at: 0)
        else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }
}
