import HubBytes
import HubSystem

/// What a connection has still to send, in order.
///
/// Small pieces are copied one behind the other; large ones that others send as well are referred to. A piece that
/// is referred to knows how many copied bytes go before it.
struct OutboundQueue: ~Copyable {
    private struct SharedPiece {
        let payload: SharedBytes
        /// The number of the copied byte that it goes before, counted since the connection began.
        let position: Int
    }

    /// Shared payloads up to this size are copied: an entry for the kernel and a reference cost more.
    static let copiedSizeMax = 512
    /// A buffer that grew beyond this is not kept once it is empty.
    private static let keptCapacityMax = 64 * 1024

    private var copied: ByteBuffer?
    /// The number of the first byte in `copied`, and how many of those are sent.
    private var copiedBase = 0
    private var copiedSent = 0
    private var shared: [SharedPiece] = []
    /// Pieces in `shared` that are sent, and bytes of the one behind them.
    private var sharedSent = 0
    private var pieceSent = 0
    /// Bytes that wait to be sent.
    private(set) var count = 0

    init() {}

    var isEmpty: Bool { count == 0 }
    /// Whether there is memory to give back.
    var holdsMemory: Bool { copied.isPresent || shared.capacity > 0 }

    mutating func append(_ bytes: RawSpan) {
        if var buffer = copied.take() {
            Self.compact(&buffer, &copiedBase, &copiedSent)
            buffer.append(bytes)
            copied = consume buffer
        } else {
            var buffer = ByteBuffer(capacity: max(256, bytes.byteCount))
            buffer.append(bytes)
            copied = consume buffer
        }
        count += bytes.byteCount
    }

    mutating func append(_ payload: SharedBytes) {
        guard payload.count > Self.copiedSizeMax else { return append(payload.bytes) }
        let buffered = copied.byteCount
        shared.append(SharedPiece(payload: payload, position: copiedBase + buffered))
        count += payload.count
    }

    /// Once half of a buffer is sent, the other half moves to its front: each byte moves once at most for each that
    /// was sent.
    private static func compact(_ buffer: inout ByteBuffer, _ base: inout Int, _ sent: inout Int) {
        guard sent > 0, sent >= buffer.count - sent else { return }
        buffer.removeFirst(sent)
        base += sent
        sent = 0
    }

    /// Lists what is to be sent next, as far as the list has room.
    ///
    /// Safety: the list refers to memory of the queue, which may not be changed until the list was sent.
    func gather(_ list: inout GatherList) {
        var position = copiedSent
        var piece = sharedSent
        let buffered = copied.byteCount
        while !list.isFull {
            let end = piece < shared.count ? shared[piece].position - copiedBase : buffered
            if position < end {
                // Safety: as said above; `end` is within what was copied.
                unsafe listCopied(position..<end, &list)
                position = end
            } else if piece < shared.count {
                let skipped = piece == sharedSent ? pieceSent : 0
                let payload = shared[piece].payload
                // Safety: as said above; the queue holds a reference to the payload.
                unsafe list.append(payload.bytes.extracting(skipped..<payload.count))
                piece += 1
            } else {
                return
            }
        }
    }

    // Safety: the caller leaves the queue as it is until the list was sent.
    @unsafe private func listCopied(_ range: Range<Int>, _ list: inout GatherList) {
        switch copied {
        case .some(let buffer): unsafe list.append(buffer.bytes.extracting(range))
        case .none: preconditionFailure("content of a buffer that is not there")
        }
    }

    /// Lets go of the first `sent` bytes.
    mutating func advance(_ sent: Int) {
        precondition(sent <= count)
        count -= sent
        if count == 0 { return empty() }
        var rest = sent
        while rest > 0 {
            let end = sharedSent < shared.count ? shared[sharedSent].position - copiedBase : Int.max
            if copiedSent < min(end, copied.byteCount) {
                let step = min(rest, min(end, copied.byteCount) - copiedSent)
                copiedSent += step
                rest -= step
            } else {
                let step = min(rest, shared[sharedSent].payload.count - pieceSent)
                pieceSent += step
                rest -= step
                if pieceSent == shared[sharedSent].payload.count {
                    pieceSent = 0
                    sharedSent += 1
                }
            }
        }
        if sharedSent >= 64, sharedSent * 2 >= shared.count {
            shared.removeFirst(sharedSent)
            sharedSent = 0
        }
    }

    /// Appends up to `sizeMax` of the next bytes to `buffer` and lets go of them.
    mutating func move(upTo sizeMax: Int, to buffer: inout ByteBuffer) {
        var rest = min(sizeMax, count)
        while rest > 0 {
            let step = appendNext(upTo: rest, to: &buffer)
            advance(step)
            rest -= step
        }
    }

    /// Appends the next bytes that lie in one piece, and says how many those are.
    private func appendNext(upTo sizeMax: Int, to buffer: inout ByteBuffer) -> Int {
        let end = sharedSent < shared.count ? shared[sharedSent].position - copiedBase : Int.max
        if copiedSent < min(end, copied.byteCount) {
            let step = min(sizeMax, min(end, copied.byteCount) - copiedSent)
            copied.copy(copiedSent..<copiedSent + step, to: &buffer)
            return step
        }
        let payload = shared[sharedSent].payload
        let step = min(sizeMax, payload.count - pieceSent)
        buffer.append(payload.bytes.extracting(pieceSent..<pieceSent + step))
        return step
    }

    /// Forgets everything, and keeps some memory for what comes next.
    private mutating func empty() {
        if var buffer = copied.take() {
            copiedBase += buffer.count
            buffer.removeAll()
            buffer.shrink(toCapacity: Self.keptCapacityMax)
            copied = consume buffer
        }
        copiedSent = 0
        shared.removeAll(keepingCapacity: shared.count <= 64)
        sharedSent = 0
        pieceSent = 0
        count = 0
    }

    /// Forgets everything.
    mutating func removeAll() { empty() }

    /// Gives memory back if nothing waits to be sent.
    mutating func releaseMemory() {
        guard count == 0 else { return }
        copied = nil
        copiedBase = 0
        copiedSent = 0
        shared = []
    }
}
