import HubBytes
import HubModel
import HubProtocols

/// How fast frames of the native protocol are read and written.
struct NativeBench {
    let rounds: Int

    func run() {
        print("native:")
        let prose = "The quick brown fox jumps over the lazy dog; 0123456789. "
        let text = String(repeating: prose, count: 5).prefix(244)
        read("a message read, payload of 256 B, one text", message("{\"text\":\"\(text)\"}"))
        read("the same, many small values", message(Self.varied))
        read("a command read", Self.command)
        read("an acknowledgement read", #"{"type":"ack","consumer":"workers","offset":123456}"#)
        deliveries(String(text))
        receipts()
    }

    private static let varied = """
        {"job":"resize","file":"img/2026/11/20/cat.png","width":1280,"height":720,"keep":true,"tags":["a","b","c"],\
        "owner":{"name":"anna","team":"pictures","id":4711},"priority":3,"score":0.75,"retries":0,"next":null,\
        "note":"as agreed on Tuesday; see the ticket","x":12}
        """
    private static let command = """
        {"type":"command","id":"c-00000001","to":"worker-7","data":{"command":"resize","args":{"file":"cat.png",\
        "width":1280},"timeout_ms":5000}}
        """

    private func message(_ data: String) -> String {
        #"{"type":"message","id":"m-00000001","topic":"jobs.new.eu","data":\#(data),"#
            + #""timestamp":"2026-11-20T10:18:54.000Z"}"#
    }

    private func read(_ name: String, _ frame: String) {
        var meter = RateMeter("\(name) (\(frame.utf8.count) B)", unit: "M frames/s")
        var batch = ByteBuffer(capacity: 1 << 20)
        let repetitions = 500
        frame.withBytes { text in
            for _ in 0..<rounds {
                meter.measure {
                    var seen = 0
                    for _ in 0..<repetitions {
                        batch.removeAll()
                        for _ in 0..<1000 { seen &+= Self.count(text, &batch) }
                    }
                    precondition(seen == repetitions * 1000)
                    return Double(seen) / 1e6
                }
            }
        }
        meter.report()
    }

    private static func count(_ text: RawSpan, _ batch: inout ByteBuffer) -> Int {
        var reader = NativeReader(text)
        var seen = 0
        while let frame = try? reader.next(&batch) {
            switch frame {
            case .publication(let publication): seen &+= publication.payload.isEmpty ? 0 : 1
            case .settlement(let settlement): seen &+= settlement.runs.isEmpty ? 0 : 1
            default: break
            }
        }
        return seen
    }

    private func deliveries(_ text: String) {
        var batch = ByteBuffer(capacity: 1024)
        var message = RoutedMessage(
            .message, offset: Offset(1_234_567), sequence: SequenceNumber(98_765),
            time: Timestamp(microseconds: 1_795_342_734_000_123))
        message.id = batch.place("m-00000001")
        message.sender = batch.place("planner-3")
        message.destination = batch.place("jobs.new.eu")
        message.session = batch.place("topic:jobs.new.eu")
        message.payload = batch.place("{\"text\":\"\(text)\"}")
        let name = batch.place("workers")
        var output = ByteBuffer(capacity: 1 << 20)
        var meter = RateMeter("a delivery written, payload of 256 B", unit: "M frames/s")
        var tails = RateMeter("the end of one written, as a fan-out does", unit: "M frames/s")
        for _ in 0..<rounds {
            meter.measure {
                for _ in 0..<500 {
                    output.removeAll()
                    for _ in 0..<1000 {
                        NativeWriter.delivery(
                            message, in: batch.bytes, consumer: name.of(batch.bytes), attempt: 1,
                            replay: RawSpan(), to: &output)
                    }
                }
                return 0.5
            }
            tails.measure {
                for _ in 0..<500 {
                    output.removeAll()
                    for _ in 0..<1000 {
                        NativeWriter.deliveryTail(
                            consumer: name.of(batch.bytes), attempt: 1, replay: RawSpan(), to: &output)
                    }
                }
                return 0.5
            }
        }
        meter.report()
        tails.report()
    }

    private func receipts() {
        var batch = ByteBuffer(capacity: 1024)
        let id = batch.place("m-00000001")
        let session = batch.place("topic:jobs.new.eu")
        let receipt = NativeReceipt(
            sequence: SequenceNumber(98_765), offset: Offset(1_234_567), durability: .fsynced)
        var output = ByteBuffer(capacity: 1 << 20)
        var meter = RateMeter("a receipt written", unit: "M frames/s")
        for _ in 0..<rounds {
            meter.measure {
                for _ in 0..<500 {
                    output.removeAll()
                    for _ in 0..<1000 {
                        NativeWriter.receipt(
                            receipt, re: id.of(batch.bytes), session: session.of(batch.bytes), to: &output)
                    }
                }
                return 0.5
            }
        }
        meter.report()
    }
}
