package import HubModel

/// Something that a check found wrong.
package struct CheckFinding: Sendable, Equatable, CustomStringConvertible {
    /// Which part of the log it concerns. The raw values are for programs to rely on.
    package enum Part: String, Sendable, CaseIterable {
        /// A block: its key, header, directory, or place in the order of blocks.
        case block
        /// A single record.
        case record
        /// The index of sessions.
        case sessions
        /// The index of topics, agents and consumers.
        case topics
        /// The index in memory, of what came since the last checkpoint.
        case pending
        /// The names, by number or by text.
        case names
        /// The router's checkpoint.
        case state
        /// What the log knows of itself.
        case meta
        /// What retention has noted.
        case retention
    }

    /// Which part of the log it concerns.
    package let part: Part
    /// The record or block concerned, if it is one.
    package let offset: Offset?
    /// The name concerned, if it is one.
    package let name: NameID?
    /// What is wrong.
    package let description: String

    init(_ part: Part, offset: Offset? = nil, name: NameID? = nil, _ description: String) {
        self.part = part
        self.offset = offset
        self.name = name
        self.description = description
    }
}

/// What a check found.
package struct CheckReport: Sendable, Equatable {
    /// The first findings.
    package fileprivate(set) var findings: [CheckFinding] = []
    /// How many findings there are, those left out included.
    package fileprivate(set) var findingCount = 0
    /// The log's present life.
    package internal(set) var epoch: Epoch
    /// The first offset that is kept.
    package internal(set) var start = Offset.zero
    /// The offset behind the last record.
    package internal(set) var head = Offset.zero
    /// Blocks that were read.
    package internal(set) var blocks = 0
    /// Records that were read.
    package internal(set) var records = 0
    /// Bytes of the blocks that were read.
    package internal(set) var blockBytes = 0
    /// Runs of the indexes that were read.
    package internal(set) var runs = 0
    /// Index entries that were compared with records.
    package internal(set) var entries = 0
    /// Index entries for records that retention has removed; they go in time.
    package internal(set) var leftoverEntries = 0
    /// Names that were read.
    package internal(set) var names = 0
    /// Values of the router's checkpoint that were read.
    package internal(set) var stateValues = 0
    /// Ranges of offsets whose records cannot be trusted, in order.
    package internal(set) var damaged: [Range<Offset>] = []

    private let findingsMax: Int

    init(epoch: Epoch, findingsMax: Int) {
        self.epoch = epoch
        self.findingsMax = findingsMax
    }

    /// Whether nothing is wrong.
    package var isClean: Bool { findingCount == 0 }

    mutating func note(_ finding: CheckFinding) {
        findingCount += 1
        if findings.count < findingsMax { findings.append(finding) }
    }
}
