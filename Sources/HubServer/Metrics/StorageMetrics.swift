import HubModel
package import HubStorage
import HubSystem
import Synchronization

/// What the storage thread counts, and what can be asked of the log at any time.
package final class StorageMetrics: MetricSource {
    private let shard: MetricShard
    private let commits, failures, records, bytes, maintenance, maintenanceFailures: Int
    private let commitTime = Histogram(.logCommitSeconds)
    private let blockBytes = Histogram(.logBlockBytes)
    private let blockRecords = Histogram(.logBlockRecords)
    private let log = Mutex<(reader: (any LogReader)?, path: String?)>((nil, nil))

    /// The words for failures that commits can meet; all others are `other`.
    private static let kinds = [
        "disk_full", "size_limit", "input_output", "sync_failed", "read_only", "refused", "other",
    ]

    init() {
        var plan = MetricShard.Plan()
        commits = plan.cell(.logCommits)
        failures = plan.cells(.logCommitFailures, Self.kinds)
        records = plan.cell(.logRecords)
        bytes = plan.cell(.logWrittenBytes)
        maintenance = plan.cell(.logMaintenance)
        maintenanceFailures = plan.cell(.logMaintenanceFailures)
        shard = MetricShard(plan)
    }

    /// A log whose writing is counted: to be made on the storage thread, around the one that writes.
    package func measuring(_ log: any MessageLog) -> any MessageLog { MeasuredLog(log, self) }

    /// Has a log's bounds told; with the directory of its file, if it has one, also that file's size.
    package func watch(_ reader: any LogReader, directory: String?) {
        log.withLock { $0 = (reader, directory.map { "\($0)/data.mdb" }) }
    }

    func committed(records count: Int, bytes size: Int, nanoseconds: UInt64) {
        shard.cells.add(commits)
        shard.cells.add(records, UInt64(count))
        shard.cells.add(bytes, UInt64(size))
        commitTime.observe(nanoseconds)
        blockBytes.observe(UInt64(size))
        blockRecords.observe(UInt64(count))
    }

    func failed(_ kind: StorageError.Kind) {
        let place =
            switch kind {
            case .diskFull: 0
            case .sizeLimit: 1
            case .inputOutput: 2
            case .syncFailed: 3
            case .readOnly: 4
            case .refused: 5
            default: 6
            }
        shard.cells.add(failures + place)
    }

    func maintained(isDone: Bool) {
        shard.cells.add(maintenance)
        if !isDone { shard.cells.add(maintenanceFailures) }
    }

    /// Tells all that was counted, and where the log stands.
    package func contribute(to reading: inout MetricReading) {
        shard.contribute(to: &reading)
        for histogram in [commitTime, blockBytes, blockRecords] { histogram.contribute(to: &reading) }
        let (reader, path) = log.withLock { $0 }
        if let reader {
            let bounds = reader.bounds
            reading.add(.logStartOffset, Double(bounds.start.rawValue))
            reading.add(.logHeadOffset, Double(bounds.head.rawValue))
            let applied = min(bounds.stateAppliedTo, bounds.head)
            reading.add(.logCheckpointLag, applied.distance(to: bounds.head))
        }
        // By name: opening the file here could cost LMDB its locks when it is closed again.
        if let path, let size = try? Directory.fileSize(path) {
            reading.add(.logSizeBytes, size.length)
            reading.add(.logAllocatedBytes, size.allocated)
        }
    }
}
