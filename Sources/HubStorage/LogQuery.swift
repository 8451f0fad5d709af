package import HubModel

/// Which records someone wants to read.
package struct LogQuery: Sendable, Equatable {
    /// Where the records are looked for.
    package enum Source: Sendable, Equatable {
        /// The whole log. Its positions are offsets.
        case log
        /// One session. Its positions are sequence numbers.
        case session(NameID)
        /// What is about one topic, agent or consumer. Its positions are offsets.
        case destination(NameID)
        /// The topics of a tenant that match one of the patterns. Its positions are offsets.
        case topics([TopicPattern], tenant: NameID)
    }

    /// The order in which records come.
    package enum Direction: Sendable, Equatable {
        /// Oldest first.
        case forward
        /// Newest first.
        case backward
    }

    /// Where the records are looked for.
    package var source: Source
    /// The first position wanted.
    package var from: UInt64
    /// The position behind the last one wanted.
    package var to: UInt64
    /// The order in which records come.
    package var direction: Direction

    /// Records of a source between two positions, the second not included.
    package init(
        _ source: Source, from: UInt64 = 0, to: UInt64 = Offset.end.rawValue,
        _ direction: Direction = .forward
    ) {
        self.source = source
        self.from = from
        self.to = to
        self.direction = direction
    }

    /// Records of the whole log between two offsets.
    package static func log(
        from: Offset = .zero, to: Offset = .end, _ direction: Direction = .forward
    ) -> LogQuery {
        LogQuery(.log, from: from.rawValue, to: to.rawValue, direction)
    }

    /// Messages of a session between two sequence numbers.
    package static func session(
        _ session: NameID, from: SequenceNumber = .first, to: SequenceNumber = .end,
        _ direction: Direction = .forward
    ) -> LogQuery {
        LogQuery(.session(session), from: from.rawValue, to: to.rawValue, direction)
    }

    /// Records about a topic, agent or consumer between two offsets.
    package static func destination(
        _ destination: NameID, from: Offset = .zero, to: Offset = .end, _ direction: Direction = .forward
    ) -> LogQuery {
        LogQuery(.destination(destination), from: from.rawValue, to: to.rawValue, direction)
    }

    /// Messages to the topics that match a pattern, between two offsets.
    package static func topics(
        _ pattern: TopicPattern, tenant: NameID, from: Offset = .zero, to: Offset = .end,
        _ direction: Direction = .forward
    ) -> LogQuery {
        .topics([pattern], tenant: tenant, from: from, to: to, direction)
    }

    /// Messages to the topics that match one of several patterns, each once, between two offsets.
    package static func topics(
        _ patterns: [TopicPattern], tenant: NameID, from: Offset = .zero, to: Offset = .end,
        _ direction: Direction = .forward
    ) -> LogQuery {
        LogQuery(.topics(patterns, tenant: tenant), from: from.rawValue, to: to.rawValue, direction)
    }
}

/// How much one page may hold. A page pins old versions of LMDB's pages while it lives, so it is small.
package struct PageLimit: Sendable, Equatable {
    /// The most records.
    package var records: Int
    /// The most bytes of records; one record is always allowed.
    package var bytes: Int

    /// A limit of so many records and bytes.
    package init(records: Int = 1024, bytes: Int = 4 << 20) {
        precondition(records > 0 && bytes > 0)
        self.records = records
        self.bytes = bytes
    }
}
