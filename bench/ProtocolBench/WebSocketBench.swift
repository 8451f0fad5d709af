import HubBytes
import HubProtocols

/// How fast a WebSocket connection is taken apart.
struct WebSocketBench {
    let rounds: Int

    private static let ascii = Array("The quick brown fox jumps over the lazy dog; 0123456789. ".utf8)
    private static let mixed = Array("Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich. ".utf8)
    private static let dense = Array("いろはにほへとちりぬるを".utf8)

    func run() {
        print("websocket:")
        for size in [64, 256, 4096] {
            frames("masked text of \(size) B, back to back in 64 KiB", size, Self.ascii, .server)
        }
        frames("the same of 256 B, German", 256, Self.mixed, .server)
        frames("plain text of 64 B, as a client reads it", 64, Self.ascii, .client)
        splitFrames()
        utf8("UTF-8 checked, ASCII", Self.ascii)
        utf8("UTF-8 checked, German", Self.mixed)
        utf8("UTF-8 checked, Japanese", Self.dense)
        unmask()
        headers()
    }

    /// Text of a size, in whole samples and filled with spaces.
    private func text(_ size: Int, _ sample: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count + sample.count <= size { bytes += sample }
        return bytes + [UInt8](repeating: 0x20, count: size - bytes.count)
    }

    /// Frames that fill 64 KiB, one after the other; how many there are.
    private func fill(_ bytes: inout ByteBuffer, _ size: Int, _ sample: [UInt8], _ role: WebSocketRole) -> Int
    {
        let payload = text(size, sample)
        var frames = 0
        let frameBytes = size + FrameWriter.headerBytes(payloadBytes: size, isMasked: role == .server)
        while bytes.count + frameBytes <= 1 << 16 {
            let key: UInt32? = role == .server ? 0x9e37_79b9 &+ UInt32(frames) : nil
            payload.withBytes { FrameWriter.frame(.text, $0, maskKey: key, to: &bytes) }
            frames += 1
        }
        return frames
    }

    private func frames(_ name: String, _ size: Int, _ sample: [UInt8], _ role: WebSocketRole) {
        var source = ByteBuffer(capacity: 1 << 16)
        let count = fill(&source, size, sample, role)
        var reader = FrameReader(role: role, messageBytesMax: 1 << 20)
        var input = ByteBuffer(capacity: 1 << 16)
        var meter = RateMeter(name, unit: "M frames/s")
        let repetitions = 2000
        for _ in 0..<rounds {
            // Unmasking changes the buffer, so each pass begins with a copy, as it would with a read from a socket.
            meter.measure {
                var seen = 0
                for _ in 0..<repetitions {
                    input.removeAll()
                    input.append(contentsOf: source)
                    seen &+= drain(&reader, &input)
                }
                precondition(seen == count * repetitions)
                return Double(seen) / 1e6
            }
        }
        meter.report()
    }

    private func drain(_ reader: inout FrameReader, _ input: inout ByteBuffer) -> Int {
        var position = 0
        var seen = 0
        while case .message(_, let payload) = reader.next(&input, at: &position) {
            seen &+= payload.byteCount > 0 ? 1 : 0
        }
        precondition(position == input.count)
        return seen
    }

    /// A message of a megabyte that comes in reads of 16 KiB.
    private func splitFrames() {
        let payload = text(1 << 20, Self.ascii)
        var source = ByteBuffer(capacity: 2 << 20)
        payload.withBytes { FrameWriter.frame(.text, $0, maskKey: 0x1234_5678, to: &source) }
        var reader = FrameReader(role: .server, messageBytesMax: 1 << 20)
        var input = ByteBuffer(capacity: 1 << 16)
        var meter = RateMeter("a masked text of 1 MiB in reads of 16 KiB", unit: "GB/s")
        for _ in 0..<rounds {
            meter.measure {
                for _ in 0..<50 {
                    var start = 0
                    while start < source.count {
                        let end = min(start + 16384, source.count)
                        input.removeAll()
                        input.append(source.bytes.extracting(start..<end))
                        _ = drain(&reader, &input)
                        start = end
                    }
                }
                return Double(50 * source.count) / 1e9
            }
        }
        meter.report()
    }

    private func utf8(_ name: String, _ sample: [UInt8]) {
        let bytes = text(1 << 16, sample)
        var meter = RateMeter(name, unit: "GB/s")
        for _ in 0..<rounds {
            meter.measure {
                var valid = 0
                for _ in 0..<500 { valid &+= bytes.withBytes { UTF8Validator.isValid($0) } ? 1 : 0 }
                precondition(valid == 500)
                return Double(500 * bytes.count) / 1e9
            }
        }
        meter.report()
    }

    private func unmask() {
        for size in [300, 65536] {
            var buffer = ByteBuffer(capacity: size)
            buffer.append(zeros: size)
            var meter = RateMeter("masking in place, \(size) B", unit: "GB/s")
            let repetitions = (100 << 20) / size
            for _ in 0..<rounds {
                meter.measure {
                    for key in 0..<repetitions {
                        FrameWriter.mask(&buffer, from: 0, with: UInt32(truncatingIfNeeded: key))
                    }
                    return Double(repetitions * size) / 1e9
                }
            }
            meter.report()
        }
    }

    private func headers() {
        var output = ByteBuffer(capacity: 1 << 16)
        var meter = RateMeter("headers written before a shared payload", unit: "M/s")
        for _ in 0..<rounds {
            meter.measure {
                for _ in 0..<500 {
                    output.removeAll()
                    for size in 0..<4096 { FrameWriter.header(.text, payloadBytes: size, to: &output) }
                }
                return 500 * 4096 / 1e6
            }
        }
        meter.report()
    }
}
