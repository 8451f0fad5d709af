/// A place in what is replayed.
public enum ReplayPoint: Sendable, Equatable {
    /// An offset of the log.
    case offset(UInt64)
    /// A place in the session that is replayed, counted from 1.
    case sequence(UInt64)
    /// A time, in microseconds since 1970 began.
    case time(Int64)
}

/// How fast a replay goes.
public enum ReplaySpeed: Sendable, Equatable {
    /// As fast as it can.
    case instant
    /// As it was.
    case original
    /// So many times as fast.
    case times(Double)
}
