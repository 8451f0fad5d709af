import HubBytes
import HubConnection
import HubModel
import HubProtocols
import HubServer

/// A hub that keeps nothing: each message is receipted in the turn in which it came, so that what is measured is the
/// client, the protocol and the sockets.
struct EchoHub: WebApplication, ~Copyable {
    /// Other threads send it nothing.
    struct Message: Sendable {}

    private var taken: UInt64 = 0
    private var answers = ByteBuffer(capacity: 1 << 16)
    private var texts = ByteBuffer(capacity: 1 << 16)
    private var isFirst = true

    init() {}

    mutating func upgrade(
        _ connection: ConnectionID, _ request: HTTPRequestView, _ web: inout WebConnections
    ) -> WebUpgrade { .accept(subprotocols: ["agenthub.v1"]) }

    mutating func message(
        _ connection: ConnectionID, _ kind: WebSocketMessageKind, _ payload: RawSpan,
        _ web: inout WebConnections,
        _ loop: inout EventLoop
    ) {
        answers.removeAll()
        texts.removeAll()
        NativeWriter.beginBatch(&answers)
        isFirst = true
        var reader = NativeReader(payload)
        while let frame = try? reader.next(&texts) {
            switch frame {
            case .publication(let publication): receipt(publication.id)
            case .hello(let hello): welcome(hello)
            default: break
            }
        }
        guard !isFirst else { return }
        NativeWriter.endBatch(&answers)
        web.send(connection, .text, answers.bytes, &loop)
    }

    private mutating func separate() {
        if !isFirst { NativeWriter.separate(&answers) }
        isFirst = false
    }

    private mutating func receipt(_ id: Slice) {
        separate()
        taken += 1
        Self.write(id, taken, texts, &answers)
    }

    private static func write(
        _ id: Slice, _ number: UInt64, _ texts: borrowing ByteBuffer, _ answers: inout ByteBuffer
    ) {
        let receipt = NativeReceipt(
            sequence: SequenceNumber(number), offset: Offset(number), durability: .memory)
        let re = id.of(texts.bytes)
        NativeWriter.receipt(receipt, re: re, session: RawSpan(), to: &answers)
    }

    private mutating func welcome(_ hello: NativeHello) {
        separate()
        let welcome = NativeWelcome(
            agent: hello.agent ?? "", hub: "echo", version: "", epoch: .random(), head: Offset(0),
            heartbeatSeconds: 0, messageBytesMax: 1 << 20, batchFramesMax: 4096)
        NativeWriter.welcome(welcome, re: RawSpan(), to: &answers)
    }
}
