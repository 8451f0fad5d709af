/// What a consumer says of deliveries. Its lists lie in the buffer that travels along.
package struct Settlement: Sendable, BitwiseCopyable {
    /// What is to become of them.
    package enum Verdict: Sendable, BitwiseCopyable, Equatable {
        /// They are done.
        case acknowledged
        /// They are to come again: after the usual delay, or after so many milliseconds.
        case refused(afterMilliseconds: Int64?)
        /// They take longer: their lease begins anew.
        case working
        /// They are not to come again.
        case givenUp
    }

    /// What is to become of them.
    package var verdict: Verdict
    /// The consumer's name.
    package var consumer: Slice
    /// Pairs of 64-bit offsets, least byte first: the first and the last of each run.
    package var runs: Slice
    /// Why.
    package var reason = Slice.empty

    /// What a consumer says of deliveries.
    package init(_ verdict: Verdict, consumer: Slice, runs: Slice) {
        self.verdict = verdict
        self.consumer = consumer
        self.runs = runs
    }
}
