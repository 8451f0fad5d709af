/// Moments of a loop's clock, in milliseconds. Pauses come from configuration and from agents: one that is meant as "never"
/// must not stop the hub.
enum Moment {
    /// So much later; the last moment there is if that would be beyond it.
    static func later(_ moment: Int64, by pause: Int64) -> Int64 {
        let (sum, isTooLarge) = moment.addingReportingOverflow(pause)
        return isTooLarge ? (pause < 0 ? .min : .max) : sum
    }
}

extension EventLoop {
    /// So many milliseconds from the beginning of this turn; never, if that is too many to count.
    package func moment(after pause: Int64) -> Int64 { Moment.later(now, by: pause) }
}
