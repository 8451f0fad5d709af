import HubModel
import HubStorage
import HubSystem

/// A log whose writing is counted. It stands between the storage thread and the log, so that neither knows of metrics.
final class MeasuredLog: MessageLog {
    private let log: any MessageLog
    private let metrics: StorageMetrics

    init(_ log: any MessageLog, _ metrics: StorageMetrics) {
        self.log = log
        self.metrics = metrics
    }

    var reader: any LogReader { log.reader }

    func commit(
        _ block: inout Block, state: consuming StateChanges?, now: Timestamp
    ) throws(StorageError) {
        let begun = SystemClock.monotonicNanoseconds()
        do throws(StorageError) {
            try log.commit(&block, state: state.take(), now: now)
        } catch {
            metrics.failed(error.kind)
            throw error
        }
        metrics.committed(
            records: block.count, bytes: block.byteCount,
            nanoseconds: SystemClock.monotonicNanoseconds() - begun)
    }

    func maintain(now: Timestamp) throws(StorageError) -> Bool {
        do throws(StorageError) {
            let isMoreToDo = try log.maintain(now: now)
            metrics.maintained(isDone: true)
            return isMoreToDo
        } catch {
            metrics.maintained(isDone: false)
            throw error
        }
    }

    func checkpoint(state: consuming StateChanges?, now: Timestamp) throws(StorageError) {
        try log.checkpoint(state: state.take(), now: now)
    }

    func setRetention(_ policy: RetentionPolicy) { log.setRetention(policy) }
}
