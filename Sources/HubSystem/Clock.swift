import Glibc

/// The system's clocks.
package enum SystemClock {
    /// Microseconds since 1970 began; may jump when the clock is set.
    package static func wallMicroseconds() -> Int64 {
        let time = read(CLOCK_REALTIME)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }

    /// Nanoseconds since some moment in the past; never goes back.
    package static func monotonicNanoseconds() -> UInt64 {
        let time = read(CLOCK_MONOTONIC)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    private static func read(_ clock: clockid_t) -> timespec {
        var time = timespec()
        // Safety: `time` outlives the call; these two clocks always exist.
        unsafe clock_gettime(clock, &time)
        return time
    }

    /// Blocks the calling thread.
    package static func sleep(milliseconds: Int) {
        var wanted = timespec(tv_sec: milliseconds / 1000, tv_nsec: milliseconds % 1000 * 1_000_000)
        var rest = timespec()
        // Safety: both pointers are to live locals; the rest of an interrupted sleep is slept next.
        while unsafe nanosleep(&wanted, &rest) != 0, errno == EINTR { wanted = rest }
    }
}
