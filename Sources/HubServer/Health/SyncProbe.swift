import HubBytes
package import HubSystem

/// Measures what a promise costs: some syncs of 4 KiB in the data directory, before the hub takes messages.
package enum SyncProbe {
    /// What was measured, and what to think of it.
    package struct Result: Equatable, Sendable {
        /// Syncs that were measured.
        package let samples: Int
        /// Half of them took no longer.
        package let medianNanoseconds: UInt64
        /// All but one in a hundred took no longer.
        package let p99Nanoseconds: UInt64
        /// What holds the directory.
        package let fileSystem: FileSystemKind

        /// What was measured, from the durations of syncs, at least one.
        package init(_ durations: [UInt64], on fileSystem: FileSystemKind) {
            precondition(!durations.isEmpty)
            let sorted = durations.sorted()
            samples = sorted.count
            medianNanoseconds = sorted[(sorted.count - 1) / 2]
            p99Nanoseconds = sorted[(sorted.count * 99 + 99) / 100 - 1]
            self.fileSystem = fileSystem
        }

        /// Whether a disk that keeps its word can be as fast as this.
        package var isSuspiciouslyFast: Bool { medianNanoseconds < SyncProbe.fastNanoseconds }

        /// Whether senders will notice how long they wait for a receipt.
        package var isSlow: Bool { medianNanoseconds > SyncProbe.slowNanoseconds }

        /// What an operator should know; nil if there is nothing.
        package var warning: String? {
            if fileSystem.isMemory {
                return
                    "the data directory is on \(fileSystem), which is memory: nothing in it survives a restart "
                    + "of the machine"
            }
            if isSuspiciouslyFast {
                return
                    "syncing 4 KiB took \(SyncProbe.text(medianNanoseconds)) on \(fileSystem), too fast for a disk "
                    + "that keeps its word: a power cut may take receipted messages"
            }
            if isSlow {
                return
                    "syncing 4 KiB took \(SyncProbe.text(medianNanoseconds)) on \(fileSystem): senders wait that "
                    + "long for a receipt"
            }
            if fileSystem.isOverlay {
                return
                    "the data directory is on overlay, a container's own layer: it goes with the container, mount "
                    + "a volume there"
            }
            return nil
        }

        /// The measurement in a sentence, for the log.
        package var sentence: String {
            "syncing 4 KiB on \(fileSystem) took \(SyncProbe.text(medianNanoseconds)) in the median and "
                + "\(SyncProbe.text(p99Nanoseconds)) at the 99th percentile of \(samples)"
        }
    }

    /// No disk writes 4 KiB in less: the fastest with a cache that survives a power cut need about as much.
    package static let fastNanoseconds: UInt64 = 20_000
    /// What a disk with turning platters takes.
    package static let slowNanoseconds: UInt64 = 20_000_000
    private static let bytes = 4096
    private static let samplesMax = 200

    /// Measures, for about as long as said at the most. One sync that takes longer is waited for.
    package static func run(in directory: String, forMilliseconds limit: Int = 300) throws(SystemError)
        -> Result
    {
        let path = "\(directory)/sync-probe.tmp"
        // What an earlier hub left behind when it was killed at this very moment.
        if Directory.exists(path) { try Directory.removeFile(path) }
        defer { try? Directory.removeFile(path) }
        let file = try FileDescriptor.open(path, .createNew)
        let fileSystem = try Directory.fileSystem(directory)
        var page = ByteBuffer(capacity: bytes)
        page.append(zeros: bytes)
        // Once without a clock: the file has to get its place on the disk, which later writes need not wait for.
        try file.write(page.bytes, at: 0)
        try file.dataSync()
        var durations: [UInt64] = []
        let end = SystemClock.monotonicNanoseconds() + UInt64(limit) * 1_000_000
        repeat {
            // Other bytes each time: a disk could leave out what it has already.
            page.patch(UInt64(durations.count + 1), at: 0)
            try file.write(page.bytes, at: 0)
            let begun = SystemClock.monotonicNanoseconds()
            try file.dataSync()
            durations.append(SystemClock.monotonicNanoseconds() - begun)
        } while durations.count < samplesMax && SystemClock.monotonicNanoseconds() < end
        return Result(durations, on: fileSystem)
    }

    static func text(_ nanoseconds: UInt64) -> String {
        nanoseconds < 1_000_000
            ? "\(nanoseconds / 1000) µs" : "\(nanoseconds / 1_000_000).\(nanoseconds / 100_000 % 10) ms"
    }
}
