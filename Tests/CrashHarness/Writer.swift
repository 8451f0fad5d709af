import FaultTrace
import Foundation
import Glibc
import HubModel
import HubStorage
import HubSystem
import LogLoad
import Randomness

/// The process that gets killed: writes a load through the storage thread as fast as it goes, and says on its
/// standard output what the log has reported, in records of 16 bytes that a pipe takes whole.
struct Writer {
    /// What it says.
    enum Report: UInt64 {
        /// Everything before this offset is on disk.
        case committed = 1
        /// A block was refused; the number is the kind of error.
        case refused = 2
        /// The log cannot be opened; the number is the kind of error.
        case failed = 3
        /// It has written as many blocks as it was told to.
        case done = 4
    }

    let directory: String
    let seed: UInt64
    /// Blocks to write; 0 means until killed.
    let blocks: Int
    /// The most records in a block.
    let group: Int
    let options: LogOptions
    /// Milliseconds between blocks.
    let pause: Int
    private let clock = FastClock()

    init(directory: String, seed: UInt64, blocks: Int, group: Int, options: LogOptions, pause: Int) {
        self.directory = directory
        self.seed = seed
        self.blocks = blocks
        self.group = group
        self.options = options
        self.pause = pause
    }

    static let shape = LogLoad.Shape(sessions: 50, topics: 20, payloadBytes: 256, seed: 7)

    /// Small checkpoints and, if wanted, tight retention: the rarer steps must be in the middle of something often.
    static func options(retentionKilobytes: Int, checkpointBytes: Int) -> LogOptions {
        var options = LogOptions(growthBytes: 8 << 20)
        options.checkpoint = CheckpointPolicy(intervalMilliseconds: 200, bytes: checkpointBytes)
        if retentionKilobytes > 0 {
            options.retention = RetentionPolicy(
                log: RetentionLimits(bytes: retentionKilobytes << 10),
                topics: (0..<15).map {
                    .init(TopicPattern(unchecked: "jobs.\($0)"), RetentionLimits(records: 1 + $0))
                })
        }
        return options
    }

    func run() {
        signal(SIGPIPE, SIG_DFL)
        do {
            try write()
        } catch {
            report(.failed, code(of: error))
            Notes.write("writer: \(error)")
        }
    }

    private func write() throws {
        let directory = directory
        let options = options
        let clock = clock
        let storage = try StorageThread(clock: { clock.now }) { () throws(StorageError) in
            try LMDBLog.open(
                directory, options: options, now: clock.now)
        }
        var load = LogLoad(Self.shape)
        try load.resume(storage.reader)
        var pipeline = BlockPipeline(storage)
        var random = SplitMix64(seed: seed)
        var written = 0
        var target = Int.random(in: 1...group, using: &random)
        report(.committed, storage.reader.bounds.head.rawValue)
        while blocks == 0 || written < blocks {
            let now = max(storage.reader.bounds.lastTime, clock.now)
            load.append(min(target, 64), to: &pipeline.open, now: now)
            if pipeline.openRecords >= target, pipeline.flush() {
                written += 1
                if pause > 0 { SystemClock.sleep(milliseconds: pause) }
                target = Int.random(in: 1...group, using: &random)
            }
            var failed = false
            let take: (borrowing Block, StorageError?) -> Void = { block, failure in
                if let failure {
                    failed = true
                    report(.refused, code(of: failure))
                } else {
                    report(.committed, block.nextOffset.rawValue)
                }
            }
            if pipeline.blocksOnTheWay >= 2 { pipeline.collectWaiting(take) } else { pipeline.collect(take) }
            if failed {
                // All that was on its way is lost, so the load begins again where the log ends.
                while pipeline.blocksOnTheWay > 0 { pipeline.collectWaiting(take) }
                pipeline.open.reset(firstOffset: storage.reader.bounds.head)
                load = LogLoad(Self.shape)
                try load.resume(storage.reader)
                SystemClock.sleep(milliseconds: 20)
            }
        }
        while pipeline.blocksOnTheWay > 0 {
            pipeline.collectWaiting { block, failure in
                if failure == nil { report(.committed, block.nextOffset.rawValue) }
            }
        }
        storage.close()
        report(.done, 0)
    }

    private func report(_ report: Report, _ value: UInt64) {
        if report == .committed { _ = FaultPreload.mark(value) }
        var words = (report.rawValue, value)
        _ = withUnsafeBytes(of: &words) { Glibc.write(1, $0.baseAddress, 16) }
    }

    /// A number for an error's kind, to be said over a pipe.
    private func code(of error: any Error) -> UInt64 {
        guard let error = error as? StorageError else { return 99 }
        switch error.kind {
        case .diskFull: return 1
        case .syncFailed: return 2
        case .inputOutput: return 3
        case .readOnly: return 4
        case .sizeLimit: return 5
        case .locked: return 6
        case .damaged: return 7
        case .truncated: return 8
        case .noPermission: return 9
        case .refused: return 10
        default: return 98
        }
    }
}

/// Time that runs fifty times as fast, so that whatever waits a second happens often in a short life.
struct FastClock: Sendable {
    private let start = SystemClock.wallMicroseconds()

    var now: Timestamp { Timestamp(microseconds: start + (SystemClock.wallMicroseconds() - start) * 50) }
}

/// Lines for people, written at once.
enum Notes {
    static func write(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
    static func say(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }
}
