/// Lets so much through a second, and a burst on top after a rest.
///
/// Integers only: the level is kept in thousandths, of which a millisecond brings exactly as many as a second brings
/// whole ones. Nothing is rounded, so nothing drifts, and a replay decides as the hub did.
package struct TokenBucket: Hashable, Sendable {
    /// The largest rate and the largest burst: a thousand times as much still fits well into 64 bits.
    package static let settingMax: Int64 = 1 << 50

    /// What comes in per second.
    package let perSecond: Int64
    /// What the bucket holds when it is full.
    package let burst: Int64
    /// Thousandths in the bucket; below zero after somebody took more than a full bucket.
    private var level: Int64
    private var lastMilliseconds: Int64

    /// A full bucket. Settings outside of 0 to `settingMax`, and a burst of 0, are moved inside.
    package init(perSecond: Int64, burst: Int64, nowMilliseconds: Int64) {
        self.perSecond = min(max(perSecond, 0), Self.settingMax)
        self.burst = min(max(burst, 1), Self.settingMax)
        level = self.burst * 1000
        lastMilliseconds = nowMilliseconds
    }

    /// Takes an amount out and returns nil, or leaves all as it is and returns how many milliseconds from now it is
    /// worth trying again; `Int64.max` if it never is.
    ///
    /// More than a full bucket is given when the bucket is full, and paid back before anything else is given. A
    /// message larger than the burst would otherwise be refused for ever while the sender is told to wait.
    package mutating func take(_ amount: Int64, nowMilliseconds: Int64) -> Int64? {
        precondition(amount >= 0)
        refill(nowMilliseconds)
        let needed = min(amount, burst) * 1000
        if level >= needed {
            level -= min(amount, Self.settingMax) * 1000
            return nil
        }
        guard perSecond > 0 else { return .max }
        // A millisecond brings `perSecond` thousandths; the wait is rounded up, or it would end too early.
        return (needed - level - 1) / perSecond + 1
    }

    /// Whole units in the bucket; negative while a debt is paid back.
    package mutating func available(nowMilliseconds: Int64) -> Int64 {
        refill(nowMilliseconds)
        return level >= 0 ? level / 1000 : (level - 999) / 1000
    }

    private mutating func refill(_ now: Int64) {
        // A clock that went back brings nothing, and takes nothing either.
        guard now > lastMilliseconds else { return }
        let (pause, pauseOverflows) = now.subtractingReportingOverflow(lastMilliseconds)
        lastMilliseconds = now
        guard perSecond > 0 else { return }
        let (income, incomeOverflows) = pause.multipliedReportingOverflow(by: perSecond)
        let room = burst * 1000 - level
        level = pauseOverflows || incomeOverflows || income >= room ? burst * 1000 : level + income
    }
}
