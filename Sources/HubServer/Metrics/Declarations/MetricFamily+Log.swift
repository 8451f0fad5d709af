/// What storage tells: the log, its commits, and the disk beneath it.
extension MetricFamily {
    static let logCommits = counter("agenthub_log_commits", "Blocks that were written and synced.")
    static let logCommitFailures = counter(
        "agenthub_log_commit_failures", labels: ["kind"],
        "Blocks that could not be written, by kind of failure.")
    static let logRecords = counter("agenthub_log_records", "Records in the blocks that were written.")
    static let logWrittenBytes = counter(
        "agenthub_log_written_bytes", "Bytes of the blocks that were written.")
    static let logCommitSeconds = histogram(
        "agenthub_log_commit_seconds", .durations, "Time to write and sync one block.")
    static let logBlockBytes = histogram(
        "agenthub_log_block_bytes", .bytes, "Sizes of the blocks that were written.")
    static let logBlockRecords = histogram(
        "agenthub_log_block_records", .amounts, "Records in the blocks that were written.")
    static let logMaintenance = counter("agenthub_log_maintenance", "Passes of checkpoint and retention.")
    static let logMaintenanceFailures = counter(
        "agenthub_log_maintenance_failures", "Passes of checkpoint and retention that failed.")
    static let logStartOffset = gauge("agenthub_log_start_offset", "The first offset that is kept.")
    static let logHeadOffset = gauge("agenthub_log_head_offset", "The offset that the next record will get.")
    static let logCheckpointLag = gauge(
        "agenthub_log_checkpoint_lag_records",
        "Records behind the last checkpoint, to be applied after a crash.")
    static let logSizeBytes = gauge("agenthub_log_size_bytes", "Length of the log's file.")
    static let logAllocatedBytes = gauge(
        "agenthub_log_allocated_bytes", "Bytes that the log's file occupies on disk.")
    static let storageFailing = gauge(
        "agenthub_storage_failing", "1 while blocks cannot be written, else 0.")
    static let diskFreeBytes = gauge(
        "agenthub_disk_free_bytes", "Bytes that can still be written to the file system that holds the data.")
    static let diskLevel = gauge(
        "agenthub_disk_level", "0 with room, 1 below low water, 2 where new messages are refused.")
    static let syncProbeSeconds = gauge(
        "agenthub_sync_probe_seconds", labels: ["quantile"],
        "How long the disk took to sync 4 KiB when the hub started.")

    static let ofLog = [
        logCommits, logCommitFailures, logRecords, logWrittenBytes, logCommitSeconds, logBlockBytes,
        logBlockRecords, logMaintenance, logMaintenanceFailures, logStartOffset, logHeadOffset,
        logCheckpointLag,
        logSizeBytes, logAllocatedBytes, storageFailing, diskFreeBytes, diskLevel, syncProbeSeconds,
    ]
}
