package import HubModel

/// How much is kept. Nothing that these limits allow is ever removed; what exceeds them goes in whole blocks and
/// runs, so that a little more than they allow may stay.
package struct RetentionLimits: Sendable, Equatable {
    /// The greatest age, in milliseconds.
    package var ageMilliseconds: Int64?
    /// The most bytes of records.
    package var bytes: Int?
    /// The most records.
    package var records: Int?

    /// Limits; nil means that there is none.
    package init(ageMilliseconds: Int64? = nil, bytes: Int? = nil, records: Int? = nil) {
        self.ageMilliseconds = ageMilliseconds
        self.bytes = bytes
        self.records = records
    }

    /// Whether anything is limited.
    package var isUnlimited: Bool { ageMilliseconds == nil && bytes == nil && records == nil }

    /// The age limit as the oldest time that is kept.
    func oldest(at now: Timestamp) -> Timestamp? {
        ageMilliseconds.map { now.adding(milliseconds: -$0) }
    }

    /// Whether the oldest of something may go: what is newer fills a limit by itself, or its time is over.
    func letGo(recordsBehind: Int, bytesBehind: Int, lastTime: Timestamp, now: Timestamp) -> Bool {
        if let bytes, bytesBehind >= bytes { return true }
        if let records, recordsBehind >= records { return true }
        if let oldest = oldest(at: now), lastTime < oldest { return true }
        return false
    }
}

/// What is kept of the log as a whole and of its topics.
package struct RetentionPolicy: Sendable, Equatable {
    /// Limits for some topics of any tenant; the first rule that matches a topic counts.
    package struct TopicRule: Sendable, Equatable {
        /// The topics concerned.
        package let pattern: TopicPattern
        /// Their limits, each topic for itself.
        package let limits: RetentionLimits

        /// A rule for the topics that match a pattern.
        package init(_ pattern: TopicPattern, _ limits: RetentionLimits) {
            self.pattern = pattern
            self.limits = limits
        }
    }

    /// Limits of the log as a whole.
    package var log: RetentionLimits
    /// Limits of single topics.
    package var topics: [TopicRule]

    /// A policy; without arguments, one that keeps everything.
    package init(log: RetentionLimits = RetentionLimits(), topics: [TopicRule] = []) {
        self.log = log
        self.topics = topics
    }

    /// Everything is kept.
    package static let everything = RetentionPolicy()
}

/// When the indexes and the router's state are written: recovery reads the log from there, so these bound how
/// long it takes.
package struct CheckpointPolicy: Sendable, Equatable {
    /// The longest time between checkpoints while records come, in milliseconds.
    package var intervalMilliseconds: Int64
    /// The most bytes of blocks between checkpoints.
    package var bytes: Int
    /// The most sessions and topics touched between checkpoints: bounds the length of the one write.
    package var names: Int

    /// A policy; the defaults bound recovery to well under a second of reading.
    package init(intervalMilliseconds: Int64 = 5000, bytes: Int = 256 << 20, names: Int = 100_000) {
        self.intervalMilliseconds = intervalMilliseconds
        self.bytes = bytes
        self.names = names
    }
}
