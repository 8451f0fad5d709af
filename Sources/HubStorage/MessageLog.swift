import HubBytes
package import HubModel

/// Where a log begins and ends, and what it is.
package struct LogBounds: Sendable, Equatable {
    /// The log's present life.
    package var epoch: Epoch
    /// The first offset that is kept.
    package var start: Offset
    /// The offset that the next record will get.
    package var head: Offset
    /// When the newest record was taken; no block may begin before.
    package var lastTime: Timestamp
    /// Names known; the next new one has the number behind.
    package var names: Int
    /// Up to where the router's checkpoint is true.
    package var stateAppliedTo: Offset
}

/// The log's side for reading: any number of threads may use it at once, beside the one that writes.
package protocol LogReader: AnyObject, Sendable {
    /// Where the log begins and ends now.
    var bounds: LogBounds { get }
    /// A page of records.
    func page(_ query: LogQuery, _ limit: PageLimit) throws(StorageError) -> LogPage
    /// The first offset whose record was taken at or after a time; the head if there is none. Earlier where damaged
    /// records may have been the first.
    func offset(atOrAfter time: Timestamp) throws(StorageError) -> Offset
    /// The last record of each topic that matches a pattern, in order of the topics' names, beginning behind
    /// a topic: page by page until one comes back empty. One that is damaged is a gap of the page.
    func lastPerTopic(
        _ pattern: TopicPattern, tenant: NameID, after: TopicName?, _ limit: PageLimit
    ) throws(StorageError) -> LogPage
    /// Names of a kind and tenant in order of their text, beginning behind one.
    func names(_ key: NameKey, after: String?, limit: Int) throws(StorageError) -> [KnownName]
    /// The number of a name, if the log knows it.
    func find(_ key: NameKey, _ text: String) throws(StorageError) -> NameID?
    /// What a number stands for, if the log knows it.
    func name(_ id: NameID) throws(StorageError) -> KnownName?
    /// What the log holds of a session, topic, agent or consumer.
    func extent(of id: NameID) throws(StorageError) -> NameExtent
    /// Goes through the router's checkpoint in order of its keys.
    func forEachState(_ body: (_ key: RawSpan, _ value: RawSpan) -> Void) throws(StorageError)
}

/// The log: records in blocks, in one order, kept until retention removes them. One thread writes.
package protocol MessageLog: AnyObject {
    /// The side for reading.
    var reader: any LogReader { get }
    /// Writes a sealed block, and with it changes to the router's checkpoint, at once or not at all: on disk when
    /// it returns. Fills in the block's checksums.
    func commit(
        _ block: inout Block, state: consuming StateChanges?, now: Timestamp
    ) throws(StorageError)
    /// Writes a checkpoint and removes what retention no longer allows, as far as either is due; says whether
    /// more is waiting to be done.
    func maintain(now: Timestamp) throws(StorageError) -> Bool
    /// Writes a checkpoint now.
    func checkpoint(state: consuming StateChanges?, now: Timestamp) throws(StorageError)
    /// Replaces what retention allows.
    func setRetention(_ policy: RetentionPolicy)
}

/// A name with its number.
package struct KnownName: Sendable, Equatable {
    /// The number.
    package let id: NameID
    /// What it names and whose it is.
    package let key: NameKey
    /// The name itself.
    package let text: String

    /// A name with its number.
    package init(id: NameID, key: NameKey, text: String) {
        self.id = id
        self.key = key
        self.text = text
    }
}

/// What the log holds of a session, topic, agent or consumer.
package struct NameExtent: Sendable, Equatable {
    /// The first position kept: a sequence number for a session, else an offset. Nil if nothing is kept.
    package var first: UInt64?
    /// The last position ever: what comes next in a session is one higher. 0 if there never was any.
    package var last: UInt64
    /// Records kept.
    package var count: Int
    /// The last position that retention removed; 0 if it removed none.
    package var removedThrough: UInt64

    /// Nothing ever.
    package static let empty = NameExtent(first: nil, last: 0, count: 0, removedThrough: 0)
}
