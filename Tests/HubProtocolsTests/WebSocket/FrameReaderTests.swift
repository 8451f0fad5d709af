import HubBytes
import Testing

@testable import HubProtocols

/// Reading frames, by the sections of RFC 6455.
@Suite struct FrameReaderTests {
    @Test("the examples of section 5.7 read as the RFC says")
    func examples() {
        var client = ReadingRun(role: .client)
        #expect(client.events([0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f]) == [.text("Hello")])
        let masked: [UInt8] = [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58]
        var server = ReadingRun()
        #expect(server.events(masked) == [.text("Hello")])
        #expect(client.events([0x01, 0x03, 0x48, 0x65, 0x6c, 0x80, 0x02, 0x6c, 0x6f]) == [.text("Hello")])
        #expect(client.events([0x89, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f]) == [.ping(Array("Hello".utf8))])
        let pong: [UInt8] = [0x8a, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58]
        #expect(server.events(pong) == [.pong(Array("Hello".utf8))])
        let bytes256 = [UInt8](repeating: 7, count: 256), bytes64K = [UInt8](repeating: 9, count: 65536)
        #expect(client.events([0x82, 0x7e, 0x01, 0x00] + bytes256) == [.binary(bytes256)])
        let long: [UInt8] = [0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0]
        #expect(client.events(long + bytes64K) == [.binary(bytes64K)])
    }

    @Test(
        "each length reads back, in one piece or two",
        arguments: [0, 1, 2, 3, 4, 7, 8, 9, 31, 32, 33, 124, 125, 126, 127, 128, 1000, 65535, 65536, 70001])
    func lengths(count: Int) {
        let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7) }
        let frame = TestFrame(opcode: 2, payload: payload)
        var run = ReadingRun()
        #expect(run.events(frame.bytes) == [.binary(payload)])
        #expect(run.events(frame.bytes, cutAt: [frame.bytes.count / 2]) == [.binary(payload)])
        run.role = .client
        #expect(run.events(frame.plain.bytes + frame.plain.bytes) == [.binary(payload), .binary(payload)])
    }

    static let faults: [([TestFrame], FrameFault)] = [
        ([TestFrame(opcode: 1, reserved: 4)], .reservedBits),
        ([TestFrame(opcode: 2, reserved: 2)], .reservedBits),
        ([TestFrame(opcode: 9, reserved: 1)], .reservedBits),
        ([TestFrame(opcode: 8, reserved: 7)], .reservedBits),
        ([TestFrame(opcode: 3)], .reservedOpcode), ([TestFrame(opcode: 7)], .reservedOpcode),
        ([TestFrame(opcode: 11)], .reservedOpcode), ([TestFrame(opcode: 15)], .reservedOpcode),
        ([TestFrame.text("x").plain], .maskMissing),
        ([TestFrame(opcode: 9, isFinal: false)], .fragmentedControl),
        ([TestFrame(opcode: 10, isFinal: false)], .fragmentedControl),
        ([TestFrame(opcode: 8, isFinal: false)], .fragmentedControl),
        ([TestFrame(opcode: 9, payload: [UInt8](repeating: 0, count: 126))], .longControl),
        ([TestFrame(opcode: 8, payload: [3, 0xe8], lengthBytes: 8)], .longControl),
        ([TestFrame(opcode: 2, payload: [1], lengthBytes: 2)], .lengthNotMinimal),
        (
            [TestFrame(opcode: 2, payload: [UInt8](repeating: 0, count: 125), lengthBytes: 2)],
            .lengthNotMinimal
        ),
        (
            [TestFrame(opcode: 2, payload: [UInt8](repeating: 0, count: 65535), lengthBytes: 8)],
            .lengthNotMinimal
        ),
        ([TestFrame(opcode: 0)], .nothingToContinue),
        ([TestFrame(opcode: 0, isFinal: false)], .nothingToContinue),
        ([TestFrame(opcode: 1, isFinal: false), TestFrame(opcode: 1)], .messageInsideMessage),
        ([TestFrame(opcode: 2, isFinal: false), TestFrame(opcode: 1)], .messageInsideMessage),
        ([TestFrame(opcode: 8, payload: [3])], .closeCut),
        ([TestFrame(opcode: 8, payload: [3, 0xe8, 0xff])], .closeReason),
        ([TestFrame(opcode: 8, payload: [3, 0xe8, 0xe2, 0x82])], .closeReason),
        ([TestFrame(opcode: 1, payload: [0xff])], .textNotUTF8),
        ([TestFrame(opcode: 1, payload: [0xe2, 0x82])], .textNotUTF8),
        ([TestFrame(opcode: 1, payload: [0xe2], isFinal: false), TestFrame(opcode: 0)], .textNotUTF8),
    ]

    @Test("what the RFC forbids is refused, and nothing after it is read", arguments: faults)
    func fault(frames: [TestFrame], fault: FrameFault) {
        #expect(serverReads(frames + [.text("after")]) == [.failure(fault)])
        #expect(serverReads([.text("before")] + frames) == [.text("before"), .failure(fault)])
    }

    @Test("a server's masked frame is refused by a client")
    func maskUnexpected() {
        var run = ReadingRun(role: .client)
        #expect(run.events(TestFrame.text("x").bytes) == [.failure(.maskUnexpected)])
    }

    @Test("a length with the highest bit set is refused, before any payload")
    func lengthTooLarge() {
        var run = ReadingRun()
        let head: [UInt8] = [0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 4]
        #expect(run.events(head) == [.failure(.lengthTooLarge)])
        var client = ReadingRun(role: .client)
        let most: [UInt8] = [0x82, 0x7f, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]
        #expect(client.events(most) == [.failure(.messageTooLarge)])
    }

    @Test(
        "what is wrong in the first two bytes is told without more",
        arguments: [[0x83, 0x80], [0x89, 0xfe], [0x09, 0x80]])
    func early(bytes: [UInt8]) {
        var run = ReadingRun()
        #expect(run.events(bytes).count == 1)
    }

    @Test("fragments are put together, with control frames between them")
    func fragments() {
        let frames = [
            TestFrame(opcode: 1, payload: Array("Hä".utf8.dropLast()), isFinal: false),
            TestFrame(opcode: 9, payload: [1, 2]),
            TestFrame(opcode: 0, payload: Array("Hä".utf8.suffix(1)), isFinal: false),
            TestFrame(opcode: 10), TestFrame(opcode: 0, isFinal: false), TestFrame(opcode: 0),
            TestFrame(opcode: 2, isFinal: false), TestFrame(opcode: 0, payload: [255]), .text("x"),
        ]
        #expect(
            serverReads(frames) == [.ping([1, 2]), .pong([]), .text("Hä"), .binary([255]), .text("x")])
    }

    @Test("the limit holds for single frames and for fragments together")
    func limit() {
        let ten = [UInt8](repeating: 65, count: 10), eleven = [UInt8](repeating: 65, count: 11)
        #expect(serverReads([TestFrame(opcode: 1, payload: ten)], messageBytesMax: 10) == [.text(ten)])
        #expect(
            serverReads([TestFrame(opcode: 1, payload: eleven)], messageBytesMax: 10)
                == [.failure(.messageTooLarge)])
        let start = TestFrame(opcode: 2, payload: Array(ten.prefix(6)), isFinal: false)
        let fits = TestFrame(opcode: 0, payload: Array(ten.prefix(4)))
        let isOver = TestFrame(opcode: 0, payload: Array(ten.prefix(5)), isFinal: false)
        #expect(
            serverReads([start, fits, start, fits], messageBytesMax: 10) == [.binary(ten), .binary(ten)])
        #expect(serverReads([start, isOver], messageBytesMax: 10) == [.failure(.messageTooLarge)])
    }

    @Test("text that cannot become UTF-8 is refused before its frame is complete")
    func failsFast() {
        let good = Array("κόσμε".utf8)
        let frame = TestFrame(opcode: 1, payload: good + [0xf4, 0x90, 0x80, 0x80] + Array("edited".utf8))
            .bytes
        // F4 alone may begin a character, F4 90 cannot.
        let end = 6 + good.count + 1
        var run = ReadingRun()
        #expect(run.events(Array(frame.prefix(end))).isEmpty)
        #expect(run.events(Array(frame.prefix(end + 1))) == [.failure(.textNotUTF8)])
        #expect(run.events(Array(frame.prefix(end + 1)), cutAt: [end]) == [.failure(.textNotUTF8)])
    }

    @Test("every close code is taken or refused as section 7.4 and the registry have it")
    func closeCodes() {
        let allowed = Set([1000...1003, 1007...1014, 3000...4999].joined())
        for code in 0...5100 {
            let frame = TestFrame(opcode: 8, payload: [UInt8(code >> 8), UInt8(code & 0xff)])
            let wanted: Seen = allowed.contains(code) ? .close(UInt16(code), []) : .failure(.closeCode)
            #expect(serverReads([frame]) == [wanted])
        }
        #expect(serverReads([TestFrame(opcode: 8), .text("after")]) == [.close(1005, [])])
        let reason = TestFrame(opcode: 8, payload: [3, 0xe9] + Array("tschüß".utf8))
        #expect(serverReads([reason]) == [.close(1001, Array("tschüß".utf8))])
    }

    @Test("the reasons of all faults fit into a close frame, and their codes may be sent")
    func sentences() {
        for fault in FrameFault.allCases {
            #expect(fault.sentence.utf8CodeUnitCount <= 123 && fault.sentence.utf8CodeUnitCount > 10)
            #expect(fault.closeCode.isSendable)
        }
    }

    @Test("a whole message lies where it came in, one in pieces elsewhere; what is announced costs nothing")
    func places() {
        var reader = FrameReader(role: .server, messageBytesMax: FrameReader.messageBytesLimit)
        var input = ByteBuffer()
        let frame = TestFrame.text("Hello").bytes
        frame.withBytes { input.append($0) }
        var position = 0
        let whole = FramePayload(isAssembled: false, start: 6, end: 11)
        #expect(reader.next(&input, at: &position) == .message(.text, whole))
        #expect(position == 11)
        // A gigabyte that never comes.
        let head: [UInt8] = [0x82, 0xff, 0, 0, 0, 0, 0x40, 0, 0, 0, 1, 2, 3, 4]
        head.withBytes { input.append($0) }
        #expect(reader.next(&input, at: &position) == .needs(1 << 30))
        #expect(position == input.count)
        reader.trim()
        #expect(reader.next(&input, at: &position) == .needs(1 << 30))
    }
}
