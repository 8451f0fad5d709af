import Fuzzing
import HubBytes

@testable import HubProtocols

/// What libFuzzer calls with one input after another: what a peer may send as the payload of a compressed message.
///
/// The first byte chooses the window, the limit and whether the rest is decompressed as it is, or compressed first and
/// must then come back.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start, count > 2 else { return 0 }
    let input = UnsafeRawBufferPointer(start: start + 2, count: count - 2).bytes
    let window = DeflateWindow(bits: 8 + Int(start[0] & 7), isKept: start[0] & 8 != 0)
    if start[0] & 16 == 0 {
        let limit = start[0] & 32 == 0 ? 1000 : 1 << 20
        let whole = inflate(input, window, limit: limit, step: input.byteCount)
        let pieces = inflate(input, window, limit: limit, step: Int(start[1]) + 1)
        // With a smaller window than the largest, it may depend on the cuts whether a reference that goes too far back
        // is found out.
        let isExact = window.bits == 15 || !(whole + pieces).contains(.fault(.compressedDataBroken))
        precondition(!isExact || whole == pieces)
    } else if window.bits > 8 {
        roundTrip(input, window, messages: Int(start[1] & 7) + 1)
    }
    return 0
}

private enum Outcome: Equatable {
    case message([UInt8])
    case fault(FrameFault)
}

/// Reads the input as one compressed message, twice: the second one may refer to the first.
private func inflate(_ payload: RawSpan, _ window: DeflateWindow, limit: Int, step: Int) -> [Outcome] {
    var reader = FrameReader(role: .client, messageBytesMax: limit, compression: window)
    var outcomes: [Outcome] = []
    for _ in 0..<2 {
        var frame = ByteBuffer(capacity: 64)
        FrameWriter.frame(.binary, payload, isCompressed: true, to: &frame)
        let header = FrameWriter.headerBytes(payloadBytes: payload.byteCount, isMasked: false)
        var start = 0
        while start < frame.count {
            let end = start == 0 ? header : min(start + step, frame.count)
            var piece = ByteBuffer(capacity: 64)
            piece.append(frame.bytes.extracting(start..<end))
            start = end
            var position = 0
            switch reader.next(&piece, at: &position) {
            case .message(_, let place):
                let bytes = reader.bytes(of: place, in: piece).array
                precondition(bytes.count <= limit)
                outcomes.append(.message(bytes))
            case .failure(let fault):
                precondition([.compressedDataBroken, .inflatedTooLarge, .messageTooLarge].contains(fault))
                outcomes.append(.fault(fault))
            default: break
            }
            precondition(position == piece.count)
        }
    }
    return outcomes
}

/// Compresses parts of the input as messages of one connection, and reads them.
private func roundTrip(_ input: RawSpan, _ window: DeflateWindow, messages: Int) {
    guard var deflater = Deflater(window: window) else { return }
    var reader = FrameReader(role: .client, messageBytesMax: 1 << 20, compression: window)
    for number in 0..<messages {
        let message = input.extracting(first: input.byteCount * (number + 1) / messages)
        var payload = ByteBuffer(capacity: 64)
        let isCompressed = deflater.compress(message, to: &payload)
        precondition(isCompressed)
        var frame = ByteBuffer(capacity: 64)
        FrameWriter.frame(.binary, payload.bytes, isCompressed: true, to: &frame)
        var position = 0
        guard case .message(_, let place) = reader.next(&frame, at: &position) else {
            preconditionFailure("what was compressed cannot be decompressed")
        }
        precondition(reader.bytes(of: place, in: frame).equals(message))
    }
}

/// Where the package manager's link step expects the program to begin.
@_cdecl("InflateFuzz_main")
func begin(_ count: CInt, _ arguments: FuzzArguments?) -> CInt { runFuzzer(count, arguments, fuzzOneInput) }
