import Fuzzing
import HubBytes

@testable import HubProtocols

/// What libFuzzer calls with one input after another: bytes as a peer may send them.
///
/// The first byte chooses the role, the limit and the compression, the second where the stream is cut. Read at once and
/// read in pieces, the stream must mean the same, and what a session answers must be frames that the peer can read.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start, count > 2 else { return 0 }
    var stream = ByteBuffer(capacity: count)
    stream.append(UnsafeRawBufferPointer(start: start + 2, count: count - 2).bytes)
    if start[0] & 0x80 != 0 {
        handshake(stream.bytes)
        return 0
    }
    let setup = Setup(choice: start[0])
    let whole = events(of: stream.bytes, setup, step: stream.count)
    let pieces = events(of: stream.bytes, setup, step: Int(start[1]) + 1)
    precondition(isSame(whole, pieces, setup), "cutting the stream changes its meaning")
    precondition(
        isSame(whole, events(of: stream.bytes, setup, step: 1), setup),
        "reading byte by byte changes the meaning")
    session(stream.bytes, setup)
    return 0
}

private struct Setup {
    let role: WebSocketRole
    let messageBytesMax: Int
    let compression: DeflateWindow?

    init(choice: UInt8) {
        role = choice & 1 == 0 ? .server : .client
        messageBytesMax = choice & 2 == 0 ? 100 : 1 << 16
        compression =
            choice & 4 == 0 ? nil : DeflateWindow(bits: 8 + Int(choice >> 3 & 7), isKept: choice & 64 != 0)
    }
}

/// An event with its bytes.
private struct Told: Equatable {
    let name: String
    let bytes: [UInt8]
}

/// Whether two readings mean the same. A peer that refers further back than it agreed to is found out only where what it
/// refers to is not at hand by chance, which depends on the cuts: then one reading goes on where the other one ends.
private func isSame(_ one: [Told], _ other: [Told], _ setup: Setup) -> Bool {
    if one == other { return true }
    guard let compression = setup.compression, compression.bits < 15 else { return false }
    let isBroken = [one, other].map { $0.last?.name == "\(FrameFault.compressedDataBroken)" }
    guard isBroken.contains(true) else { return false }
    let (first, second) = isBroken[0] ? (one, other) : (other, one)
    return second.starts(with: first.dropLast())
}

private func events(of stream: RawSpan, _ setup: Setup, step: Int) -> [Told] {
    var reader = FrameReader(
        role: setup.role, messageBytesMax: setup.messageBytesMax, compression: setup.compression)
    var told: [Told] = []
    var input = ByteBuffer(capacity: 64)
    var start = 0
    while start < stream.byteCount {
        let end = min(start + step, stream.byteCount)
        input.append(stream.extracting(start..<end))
        start = end
        var position = 0
        while let one = next(&reader, &input, &position, setup) { told.append(one) }
        precondition(input.count - position <= FrameReader.leftoverBytesMax)
        var rest = ByteBuffer(capacity: 64)
        rest.append(input.bytes.extracting(position..<input.count))
        input = rest
    }
    return told
}

private func next(
    _ reader: inout FrameReader, _ input: inout ByteBuffer, _ position: inout Int, _ setup: Setup
) -> Told? {
    let event = reader.next(&input, at: &position)
    func copy(_ payload: FramePayload) -> [UInt8] { reader.bytes(of: payload, in: input).array }
    switch event {
    case .message(let kind, let payload):
        let bytes = copy(payload)
        precondition(bytes.count <= setup.messageBytesMax)
        precondition(kind == .binary || String(validating: bytes, as: UTF8.self) != nil)
        return Told(name: "\(kind)", bytes: bytes)
    case .ping(let payload): return Told(name: "ping", bytes: copy(payload))
    case .pong(let payload): return Told(name: "pong", bytes: copy(payload))
    case .close(let code, let reason):
        let bytes = copy(reason)
        precondition(String(validating: bytes, as: UTF8.self) != nil)
        return Told(name: "close \(code.rawValue)", bytes: bytes)
    case .failure(let fault): return Told(name: "\(fault)", bytes: [])
    case .needs(let missing):
        precondition(missing > 0)
        return nil
    case .ended:
        precondition(position == input.count)
        return nil
    }
}

/// Whatever a session is sent, it answers in frames, at most one of them a close frame, and that one last.
private func session(_ stream: RawSpan, _ setup: Setup) {
    let agreement = setup.compression.map { DeflateAgreement(server: $0, client: $0) }
    var settings = WebSocketSettings()
    settings.messageBytesMax = setup.messageBytesMax
    var session = WebSocketSession(role: setup.role, settings: settings, agreement: agreement, now: 0)
    var input = ByteBuffer(capacity: 64)
    input.append(stream)
    var output = ByteBuffer(capacity: 64)
    var position = 0
    reading: while true {
        switch session.receive(&input, at: &position, answeringTo: &output, now: 0) {
        case .needs, .ended: break reading
        default: session.tick(at: 0, to: &output)
        }
    }
    var peer = FrameReader(role: setup.role == .server ? .client : .server, messageBytesMax: 1000)
    var read = 0
    while true {
        switch peer.next(&output, at: &read) {
        case .pong: continue
        case .close:
            precondition(session.transport != .keep && read == output.count)
            return
        case .needs:
            precondition(session.transport == .keep && read == output.count)
            return
        default: preconditionFailure("a session wrote what no session may write")
        }
    }
}

/// Fields of a handshake, one a line.
private func handshake(_ bytes: RawSpan) {
    var server = "GET".withBytes { ServerHandshake(method: $0, minorVersion: 1) }
    var client = ClientHandshake(nonce: (1, 2), subprotocols: ["chat"], deflate: DeflateSettings())
    for line in bytes.array.split(separator: 10) {
        let parts = line.split(separator: 58, maxSplits: 1, omittingEmptySubsequences: false).map {
            Array($0)
        }
        guard parts.count == 2 else { continue }
        parts[0].withBytes { name in
            parts[1].withBytes { value in
                server.take(name: name, value: value)
                client.take(name: name, value: value)
            }
        }
    }
    var settings = ServerHandshake.Settings()
    settings.subprotocols = ["chat"]
    settings.deflate = DeflateSettings(serverBits: 12)
    if let acceptance = try? server.finish(settings) {
        precondition(acceptance.acceptKey.utf8.count == 28)
        var head = ByteBuffer()
        acceptance.append(to: &head)
    }
    _ = try? client.finish(status: 101)
}

/// Where the package manager's link step expects the program to begin.
@_cdecl("WebSocketFuzz_main")
func begin(_ count: CInt, _ arguments: FuzzArguments?) -> CInt { runFuzzer(count, arguments, fuzzOneInput) }
