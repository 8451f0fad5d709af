import HubBytes

/// What is to be done when the hub has taken a message, or will not.
enum Completion: Sendable {
    case nobody
    /// One task waits.
    case waiter(ReceiptWaiter)
    /// Many are waited for together, each told by its tag.
    case lane(PostLane, tag: UInt64)
}

/// One message on its way: where its frame lies among those of its submission, and who wants to know of it.
struct OutboxEntry: Sendable {
    /// Where the frame begins; one byte goes before it that belongs to it as well.
    let start: UInt32
    let count: UInt32
    let completion: Completion
    /// When it loses its value, in the client's milliseconds; `Int64.max` for never.
    let expiry: Int64
    /// When it was first sent; `Int64.min` if it was not.
    var sentAt = Int64.min
    var isDone = false

    /// Bytes that it takes in the outbox.
    var size: Int { Int(count) + 1 }
}

/// Messages one behind the other, as callers hand them over: frames with one byte before each and one behind the last. What
/// these bytes are is decided when a run of frames is sent: a comma between two, brackets around a batch. So a batch is sent
/// from where it lies.
struct Submission: ~Copyable, Sendable {
    var bytes = ByteBuffer(capacity: 1024)
    /// The texts of the message that is being written.
    private var texts = ByteBuffer(capacity: 64)
    var entries: [OutboxEntry] = []
    /// The number of the first one; the others follow it without a gap.
    var first: UInt64 = 1
    /// Those whose id the caller chose, by their number.
    var chosenIDs: [(id: String, number: UInt64)] = []

    init() {}

    /// Bytes of content that a submission keeps the memory of.
    private static let keptBytes = 1 << 20
    /// A submission takes no more when it has so many bytes: where frames lie is told in 32 bits.
    static let bytesMax = 1 << 30

    var isEmpty: Bool { entries.isEmpty }
    var end: UInt64 { first + UInt64(entries.count) }

    /// Appends a message; the bytes that it takes.
    mutating func append(_ message: MessageWriter, _ completion: Completion, expiry: Int64) -> Int {
        if bytes.isEmpty { bytes.append(UInt8(ascii: ",")) }
        let start = bytes.count
        texts.removeAll()
        Self.write(message.draft(end, &texts), texts, to: &bytes)
        return note(start, completion, expiry)
    }

    private static func write(_ draft: Draft, _ texts: borrowing ByteBuffer, to bytes: inout ByteBuffer) {
        draft.write(texts.bytes, to: &bytes)
    }

    /// Appends a frame that is written already, for tests.
    mutating func append(written frame: [UInt8], _ completion: Completion, expiry: Int64 = .max) -> Int {
        if bytes.isEmpty { bytes.append(UInt8(ascii: ",")) }
        let start = bytes.count
        frame.withBytes { bytes.append($0) }
        return note(start, completion, expiry)
    }

    private mutating func note(_ start: Int, _ completion: Completion, _ expiry: Int64) -> Int {
        let entry = OutboxEntry(
            start: UInt32(start), count: UInt32(bytes.count - start), completion: completion, expiry: expiry)
        bytes.append(UInt8(ascii: ","))
        entries.append(entry)
        return entry.size
    }

    /// Forgets everything; the next one has a number.
    mutating func removeAll(next: UInt64) {
        bytes.removeAll()
        if bytes.capacity > Self.keptBytes { bytes.shrink(toCapacity: Self.keptBytes) }
        entries.removeAll(keepingCapacity: entries.capacity <= 1 << 16)
        chosenIDs.removeAll()
        first = next
    }
}
