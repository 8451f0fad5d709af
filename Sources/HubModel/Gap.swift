/// Records that were asked for and are not there, and why.
public struct Gap: Sendable, Equatable, CustomStringConvertible {
    /// Why they are not there.
    public enum Reason: String, Sendable, Equatable {
        /// Retention removed them.
        case retention
        /// The disk changed them: their checksum does not hold.
        case damaged
    }

    /// The first position missing, in the query's own positions.
    public let from: UInt64
    /// The last position missing.
    public let through: UInt64
    /// Why.
    public let reason: Reason

    /// A gap between two positions, both included.
    public init(from: UInt64, through: UInt64, _ reason: Reason) {
        self.from = from
        self.through = through
        self.reason = reason
    }

    /// The positions and the reason.
    public var description: String { "\(from)–\(through) \(reason.rawValue)" }
}
