import HubBytes
import HubModel

/// A block of the memory log: sealed bytes that nobody changes, kept as long as the log or a page refers to them.
@safe final class MemorySegment: PagePin {
    /// Where the content lies.
    private let start: UnsafeRawPointer
    private let content: ByteBuffer
    let firstOffset: Offset
    let count: Int
    let lastTime: Timestamp

    /// Copies a sealed block with its checksums.
    init(_ block: borrowing BlockView) {
        var content = ByteBuffer(capacity: block.bytes.byteCount)
        content.append(block.bytes)
        // Safety: the buffer is never changed again, so that its memory stays where it is while the segment lives.
        unsafe start = content.bytes.withUnsafeBytes { unsafe $0.baseAddress.unsafelyUnwrapped }
        self.content = content
        firstOffset = block.firstOffset
        count = block.count
        lastTime = block.lastTime
    }

    var byteCount: Int { content.count }
    var endOffset: Offset { firstOffset.advanced(by: count) }

    /// The block where it lies.
    @_lifetime(borrow self)
    func view() -> BlockView {
        // Safety: the content's own memory, constant and alive as long as the segment.
        let bytes = unsafe RawSpan(_unsafeStart: start, byteCount: content.count)
        guard let block = BlockView(unsafe _overrideLifetime(bytes, borrowing: self)) else {
            preconditionFailure("a segment is only made of a block")
        }
        return block
    }

    /// The record at an offset that the block covers.
    @_lifetime(borrow self)
    func record(at offset: Offset) -> RecordView {
        view().record(at: firstOffset.distance(to: offset))
    }
}

// Safety: what the pointer leads to is never changed.
extension MemorySegment: @unchecked Sendable {}

/// The blocks that a page refers to.
final class MemoryPin: PagePin {
    private let segments: [MemorySegment]

    init(_ segments: [MemorySegment]) { self.segments = segments }
}
