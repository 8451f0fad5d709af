package import HubSystem

/// Whether the disk has room: decided from the free bytes, with a margin, so that it does not go to and fro at a
/// limit.
package struct DiskWatch: Equatable, Sendable {
    /// How much room there is.
    package enum Level: String, Sendable, CaseIterable {
        /// Enough.
        case roomy = "ok"
        /// Somebody should make room.
        case low
        /// New messages are refused, while acknowledgements and other small records still find room.
        case refusing = "full"

        /// The level as a number, for metrics.
        var number: Int {
            switch self {
            case .roomy: 0
            case .low: 1
            case .refusing: 2
            }
        }
    }

    /// Below this, somebody is warned.
    package let lowBytes: Int
    /// Below this, new messages are refused.
    package let refuseBytes: Int
    /// The level that the last look found.
    package private(set) var level = Level.roomy

    /// What must be free beyond a limit before a level is left again: a sixteenth of the limit.
    private static let marginShare = 16

    /// A watch with its two limits; 0 is no limit.
    package init(lowBytes: Int, refuseBytes: Int) {
        precondition(refuseBytes >= 0 && lowBytes >= refuseBytes)
        self.lowBytes = lowBytes
        self.refuseBytes = refuseBytes
    }

    /// Takes in how many bytes are free; says the new level if it is another.
    package mutating func look(freeBytes: Int) -> Level? {
        let old = level
        if freeBytes < refuseBytes || old == .refusing && freeBytes < Self.withMargin(refuseBytes) {
            level = .refusing
        } else if freeBytes < lowBytes || old != .roomy && freeBytes < Self.withMargin(lowBytes) {
            level = .low
        } else {
            level = .roomy
        }
        return level == old ? nil : level
    }

    private static func withMargin(_ bytes: Int) -> Int { bytes + bytes / marginShare }

    /// Looks at the file system that holds a path and writes down what it found; says the new level if it is another.
    package mutating func look(at path: String, _ board: HealthBoard) throws(SystemError) -> Level? {
        let free = try Directory.freeBytes(path)
        let change = look(freeBytes: free)
        board.update { state in
            state.diskLevel = level
            state.diskFreeBytes = free
        }
        return change
    }
}
