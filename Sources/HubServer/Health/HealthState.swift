/// Where the hub stands between its start and its end, and what is wrong with it: a value, from which follow the
/// answers to those who ask whether it lives and whether it takes messages.
package struct HealthState: Equatable, Sendable {
    /// Where it stands.
    package enum Phase: Equatable, Sendable {
        /// It reads its configuration and opens its log.
        case starting
        /// It applies what is in the log behind the last checkpoint.
        case recovering(done: Int, of: Int)
        /// It takes messages.
        case serving
        /// It takes no more, and lets its clients go.
        case draining(connectionsLeft: Int)

        /// The word for it.
        package var word: String {
            switch self {
            case .starting: "starting"
            case .recovering: "recovering"
            case .serving: "serving"
            case .draining: "draining"
            }
        }

        /// All words.
        static let words = ["starting", "recovering", "serving", "draining"]
    }

    /// Why blocks cannot be written.
    package struct StorageFault: Equatable, Sendable {
        /// What happened and what to do about it.
        package let sentence: String
        /// Whether only a restart helps: after a failed sync nobody knows what is on the disk.
        package let needsRestart: Bool

        /// A fault.
        package init(_ sentence: String, needsRestart: Bool) {
            self.sentence = sentence
            self.needsRestart = needsRestart
        }
    }

    /// Where it stands.
    package var phase = Phase.starting
    /// Why blocks cannot be written; nil while they can.
    package var storageFault: StorageFault?
    /// How much room the disk has.
    package var diskLevel = DiskWatch.Level.roomy
    /// Bytes that can still be written; nil until that was looked up.
    package var diskFreeBytes: Int?
    /// What syncing cost when the hub started; nil until that was measured.
    package var probe: SyncProbe.Result?

    /// A hub that has just begun.
    package init() {}

    /// Whether the process is worth keeping: a hub that can only be helped by a restart says no, so that whoever
    /// watches over it restarts it. A full disk, a long recovery or draining are nothing that a restart would help.
    package var isAlive: Bool { !(storageFault?.needsRestart ?? false) }

    /// Whether messages are taken.
    package var isReady: Bool { phase == .serving && storageFault == nil && diskLevel != .refusing }

    /// Why no messages are taken, or what should be looked at though they are, each in a sentence.
    package var reasons: [String] {
        var reasons: [String] = []
        switch phase {
        case .starting: reasons.append("the hub is starting")
        case .recovering(let done, let all):
            reasons.append("the hub is recovering: \(done) of \(all) records applied")
        case .serving: break
        case .draining(let left):
            reasons.append("the hub is draining: \(left) connection\(left == 1 ? "" : "s") left")
        }
        if let storageFault { reasons.append(storageFault.sentence) }
        switch diskLevel {
        case .roomy: break
        case .low: reasons.append("the disk is low on room: \(Self.free(diskFreeBytes)) left")
        case .refusing:
            reasons.append("the disk has no room for new messages: \(Self.free(diskFreeBytes)) left")
        }
        if let warning = probe?.warning { reasons.append(warning) }
        return reasons
    }

    private static func free(_ bytes: Int?) -> String { bytes.map { "\($0 >> 20) MiB" } ?? "unknown" }
}
