import HubModel

/// When what changed in the router goes to its checkpoint.
struct CheckpointPace {
    private var madeAt: Timestamp?
    private var madeTo = Offset.zero

    /// Whether it is time. While the disk takes nothing there is no use.
    func isDue(now: Timestamp, appliedTo: Offset, _ settings: CoreSettings, isFailing: Bool) -> Bool {
        guard let madeAt, appliedTo > madeTo, !isFailing else { return madeAt == nil && appliedTo > .zero }
        return now < madeAt || now >= madeAt.adding(milliseconds: settings.checkpointMilliseconds)
            || madeTo.distance(to: appliedTo) >= settings.checkpointRecords
    }

    mutating func wasMade(now: Timestamp, appliedTo: Offset) {
        madeAt = now
        madeTo = appliedTo
    }
}
