import Glibc
import HubBytes
import HubModel
import HubProtocols
import NativeSamples

// Frames of the native protocol for programs in other languages to look at: written from a seed, or read and judged.

let usage = """
    usage: NativeFrames write SEED COUNT    prints frames, each on a line behind "agent" or "hub" and a tab
           NativeFrames read                reads texts from standard input, one a line; prints for each the codes
                                            of its frames, "ok" for one that is taken
    """

/// Frames of both sides.
func write(seed: UInt64, count: Int) {
    var maker = FrameMaker(seed: seed)
    for _ in 0..<count {
        var batch = ByteBuffer()
        var text = ByteBuffer()
        maker.agentFrame(&batch).append(in: batch.bytes, to: &text)
        print("agent\t\(text.bytes.text)")
        text.removeAll()
        guard maker.hubFrame(&batch).append(in: batch.bytes, to: &text) else { continue }
        print("hub\t\(text.bytes.text)")
    }
}

/// What becomes of the frames of a text.
func codes(_ text: RawSpan) -> String {
    var batch = ByteBuffer()
    var reader = NativeReader(text)
    var codes: [String] = []
    while true {
        do throws(NativeFault) {
            guard try reader.next(&batch) != nil else { break }
            codes.append("ok")
        } catch {
            codes.append(error.refusal.code.rawValue)
            if !error.canGoOn { break }
        }
    }
    return codes.joined(separator: " ")
}

let arguments = CommandLine.arguments.dropFirst()
switch arguments.first {
case "write":
    guard arguments.count == 3, let seed = UInt64(arguments[2]), let count = Int(arguments[3]) else {
        print(usage)
        exit(2)
    }
    write(seed: seed, count: count)
case "read":
    var input = ByteBuffer(capacity: 1 << 20)
    while input.fill(upTo: 1 << 16, { read(0, $0.baseAddress, $0.count) }) > 0 {}
    let bytes = input.bytes
    var start = 0
    for end in 0..<bytes.byteCount where bytes.load(end, as: UInt8.self) == UInt8(ascii: "\n") {
        print(codes(bytes.extracting(start..<end)))
        start = end + 1
    }
default:
    print(usage)
    exit(2)
}
