/// How important a line is.
package enum LogLevel: UInt8, Sendable, CaseIterable, Comparable, CustomStringConvertible {
    /// For whoever looks for a fault in the hub.
    case debug
    /// What goes on: connections and consumers that come and go.
    case info
    /// What an operator did, or should know of.
    case notice
    /// Something is wrong and the hub goes on.
    case warning
    /// Something could not be done.
    case error

    /// A level by its word.
    package init?(_ word: String) {
        guard let level = Self.allCases.first(where: { $0.description == word }) else { return nil }
        self = level
    }

    /// Less important ones are smaller.
    package static func < (one: LogLevel, other: LogLevel) -> Bool { one.rawValue < other.rawValue }

    /// The word for it.
    package var description: String {
        switch self {
        case .debug: "debug"
        case .info: "info"
        case .notice: "notice"
        case .warning: "warning"
        case .error: "error"
        }
    }
}
