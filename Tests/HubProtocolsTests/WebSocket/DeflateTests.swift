import HubBytes
import Randomness
import Testing

@testable import HubProtocols

/// Compressed messages: RFC 7692, section 7.2.
@Suite struct DeflateTests {
    private static let kept = DeflateWindow(bits: 15, isKept: true)

    private func reads(
        _ frames: [TestFrame], messageBytesMax: Int = 1 << 20, _ window: DeflateWindow = Self.kept
    ) -> [Seen] {
        var run = ReadingRun(messageBytesMax: messageBytesMax, compression: window)
        return run.events(frames.bytes)
    }

    private func compressed(_ opcode: UInt8, _ payload: [UInt8], isFinal: Bool = true) -> TestFrame {
        TestFrame(opcode: opcode, payload: payload, isFinal: isFinal, reserved: 4)
    }

    private func deflate(_ messages: [[UInt8]], _ window: DeflateWindow = Self.kept) -> [[UInt8]] {
        var deflater = Deflater(window: window)
        return messages.map { message in
            var output = ByteBuffer()
            let isGood = message.withBytes { deflater?.compress($0, to: &output) }
            #expect(isGood == true)
            return output.bytes.array
        }
    }

    @Test("the examples of section 7.2.3 read as the RFC says")
    func examples() {
        let hello: [UInt8] = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]
        #expect(reads([compressed(1, hello)]) == [.text("Hello")])
        let first = compressed(1, Array(hello.prefix(3)), isFinal: false)
        let fragments = [first, TestFrame(opcode: 0, payload: Array(hello.dropFirst(3)))]
        #expect(reads(fragments) == [.text("Hello")])
        // The second message refers to the first one.
        let again: [UInt8] = [0xf2, 0x00, 0x11, 0x00, 0x00]
        #expect(reads([compressed(1, hello), compressed(1, again)]) == [.text("Hello"), .text("Hello")])
        let forgetful = DeflateWindow(bits: 15, isKept: false)
        #expect(
            reads([compressed(1, hello), compressed(1, again)], forgetful)
                == [.text("Hello"), .failure(.compressedDataBroken)])
        let stored: [UInt8] = [0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00]
        #expect(reads([compressed(1, stored)]) == [.text("Hello")])
        // A last block, and one behind it.
        let final: [UInt8] = [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00]
        #expect(reads([compressed(1, final), compressed(1, again)]) == [.text("Hello"), .text("Hello")])
        let two: [UInt8] = [0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00]
        #expect(reads([compressed(1, two)]) == [.text("Hello")])
        #expect(reads([compressed(1, [0])]) == [.text("")])
    }

    @Test("a message that ends inside a block is refused; one of no bytes is empty")
    func ends() {
        let hello: [UInt8] = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]
        for count in 1..<hello.count {
            #expect(reads([compressed(1, Array(hello.prefix(count)))]) == [.failure(.compressedDataBroken)])
        }
        // A last block without the byte that the RFC asks for behind it.
        #expect(
            reads([compressed(1, [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00])]) == [
                .failure(.compressedDataBroken)
            ])
        // What the sender cut off was the end of a last block.
        #expect(reads([compressed(1, [0x01]), compressed(1, hello)]) == [.text(""), .text("Hello")])
        let again: [UInt8] = [0xf2, 0x00, 0x11, 0x00, 0x00]
        let frames = [compressed(1, hello), compressed(1, []), compressed(1, again)]
        #expect(reads(frames) == [.text("Hello"), .text(""), .text("Hello")])
    }

    @Test("uncompressed messages may stand between compressed ones; control frames are never compressed")
    func mixture() {
        let parts = deflate([Array("one one one".utf8), Array("two one two".utf8)])
        let frames = [
            compressed(1, parts[0]), .text("plain"), TestFrame(opcode: 9, payload: [1]),
            compressed(2, parts[1]),
        ]
        #expect(
            reads(frames)
                == [.text("one one one"), .text("plain"), .ping([1]), .binary(Array("two one two".utf8))])
        let ping = TestFrame(opcode: 9, reserved: 4)
        #expect(reads([ping]) == [.failure(.reservedBits)])
        let first = compressed(1, parts[0], isFinal: false)
        #expect(reads([first, TestFrame(opcode: 0, reserved: 4)]) == [.failure(.reservedBits)])
        #expect(serverReads([compressed(1, parts[0])]) == [.failure(.reservedBits)])
    }

    @Test("what was compressed reads back, with every window, kept or not", arguments: 9...15)
    func roundTrip(bits: Int) {
        var random = SplitMix64(seed: UInt64(bits))
        let words = ["agent", "hub", " ", "{\"type\":\"message\",\"n\":", "日本", "0123456789"]
        var messages = (0..<40).map { _ in
            Array((0..<random.below(400)).map { _ in words[random.below(words.count)] }.joined().utf8)
        }
        messages.append([])
        messages.append((0..<100_000).map { _ in UInt8(truncatingIfNeeded: random.next()) & 0x7f })
        for isKept in [true, false] {
            let window = DeflateWindow(bits: bits, isKept: isKept)
            let frames = zip(messages, deflate(messages, window)).map { _, payload in compressed(1, payload) }
            let stream = frames.bytes
            var run = ReadingRun(compression: window)
            #expect(run.events(stream) == messages.map { .text($0) })
            let cuts = (0..<50).map { _ in random.below(stream.count) }.sorted()
            #expect(run.events(stream, cutAt: cuts) == messages.map { .text($0) })
        }
    }

    @Test("a stream of compressed frames cut at any byte gives the same events")
    func everySplit() {
        let parts = deflate([Array("Grüße Grüße Grüße".utf8), Array(String(repeating: "x", count: 500).utf8)])
        let half = parts[0].count / 2
        let frames = [
            compressed(1, Array(parts[0].prefix(half)), isFinal: false), TestFrame(opcode: 9),
            TestFrame(opcode: 0, payload: Array(parts[0].dropFirst(half))), compressed(2, parts[1]),
            compressed(1, [0xff, 0xff, 0xff]), .text("after"),
        ]
        let stream = frames.bytes
        var run = ReadingRun(messageBytesMax: 500, compression: Self.kept)
        let wanted = run.events(stream)
        #expect(wanted.count == 4 && wanted.last == .failure(.compressedDataBroken))
        var isSame = true
        for cut in 0...stream.count { isSame = isSame && run.events(stream, cutAt: [cut]) == wanted }
        isSame = isSame && run.events(stream, cutAt: Array(0..<stream.count)) == wanted
        #expect(isSame)
    }

    @Test("a small frame that inflates to much is stopped at the limit, in time and memory")
    func bomb() {
        let bomb = deflate([[UInt8](repeating: 0, count: 64 << 20)])[0]
        #expect(bomb.count < 100_000)
        #expect(reads([compressed(2, bomb)], messageBytesMax: 1 << 16) == [.failure(.inflatedTooLarge)])
        let exact = deflate([[UInt8](repeating: 0, count: 1000)])[0]
        #expect(
            reads([compressed(2, exact)], messageBytesMax: 1000) == [
                .binary([UInt8](repeating: 0, count: 1000))
            ])
        #expect(reads([compressed(2, exact)], messageBytesMax: 999) == [.failure(.inflatedTooLarge)])
        // The limit holds over fragments, and compressed bytes are limited too.
        let pieces = [
            compressed(2, Array(bomb.prefix(100)), isFinal: false),
            TestFrame(opcode: 0, payload: Array(bomb.dropFirst(100)), isFinal: false),
        ]
        #expect(reads(pieces, messageBytesMax: 1 << 16) == [.failure(.inflatedTooLarge)])
        let empty = [UInt8](repeating: 0, count: 4000)
        #expect(reads([compressed(2, empty)], messageBytesMax: 1000) == [.failure(.messageTooLarge)])
    }

    @Test("what does not compress may be sent compressed up to the limit")
    func incompressible() {
        var random = SplitMix64(seed: 3)
        for count in [1, 100, 65_536, 1 << 20] {
            let message = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            #expect(
                reads([compressed(2, deflate([message])[0])], messageBytesMax: count) == [.binary(message)])
        }
    }

    @Test("decompressed text is checked as it comes out")
    func badText() {
        let bad = deflate([Array("abc".utf8) + [0xff] + [UInt8](repeating: 65, count: 5000)])[0]
        #expect(reads([compressed(1, bad)]) == [.failure(.textNotUTF8)])
        #expect(reads([compressed(1, bad)], messageBytesMax: 1000) == [.failure(.textNotUTF8)])
        let cut = deflate([Array("日".utf8.dropLast())])[0]
        #expect(reads([compressed(1, cut)]) == [.failure(.textNotUTF8)])
    }

    @Test("many last blocks in a row cost no more than their bytes")
    func lastBlocks() {
        // Ten bits each: a last block of fixed codes with nothing in it. Behind it the stream goes on at the next byte.
        let payload = [UInt8]([[UInt8]](repeating: [0x03, 0x00], count: 200_000).joined()) + [0]
        let clock = ContinuousClock()
        let start = clock.now
        #expect(reads([compressed(2, payload)]) == [.binary([])])
        #expect(clock.now - start < .seconds(10))
    }

    @Test("who refers further back than agreed is found out or gets what it means, however its bytes arrive")
    func tooFarBack() {
        // Found by the fuzzer: 21,522 bytes, with a reference beyond the 2 KiB of a window of 11 bits.
        let payload: [UInt8] =
            [0xec, 0xc1, 0x31, 1, 0, 0, 0, 0xc2, 0xa0, 0xf5, 0x4f, 0x6d, 9, 0x4f, 0xa0, 0, 0, 0, 0]
            + [0x40, 0, 0x2c, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x15, 0, 0x8d, 0xcd, 0x8d, 0xca]
            + [0x8d, 0x8d, 0x8d, 0x8d, 0x8d, 0x21] + [UInt8](repeating: 0x8d, count: 14)
            + [0xa0, 0, 0, 0, 1]
        let stream = [compressed(2, payload)].bytes
        var large = ReadingRun(compression: DeflateWindow(bits: 15, isKept: true))
        let meant = large.events(stream)
        var small = ReadingRun(compression: DeflateWindow(bits: 11, isKept: true))
        let cuts = [[], Array(0..<stream.count)] + (0...stream.count).map { [$0] }
        for cuts in cuts {
            #expect(large.events(stream, cutAt: cuts) == meant)
            let events = small.events(stream, cutAt: cuts)
            #expect(events == meant || events == [.failure(.compressedDataBroken)])
        }
        #expect(small.events(stream, cutAt: Array(0..<stream.count)) == [.failure(.compressedDataBroken)])
        #expect(meant.first != .failure(.compressedDataBroken))
    }

    @Test("two sessions with an agreement understand each other, and small messages stay as they are")
    func sessions() {
        let window = DeflateWindow(bits: 12, isKept: true)
        let agreement = DeflateAgreement(server: window, client: DeflateWindow(bits: 8, isKept: true))
        var settings = WebSocketSettings()
        settings.compressAboveBytes = 20
        let long = Array(String(repeating: "again and ", count: 30).utf8)
        func sent(_ role: WebSocketRole, _ messages: [[UInt8]]) -> [UInt8] {
            var session = WebSocketSession(
                role: role, settings: settings, agreement: agreement, compresses: true, now: 0)
            var output = ByteBuffer()
            for message in messages {
                let isSent = message.withBytes { session.send(.text, $0, to: &output) }
                #expect(isSent)
                session.trim()
            }
            return output.bytes.array
        }
        var client = ReadingRun(role: .client, compression: window)
        let stream = sent(.server, [long, Array("short".utf8), long])
        #expect(client.events(stream) == [.text(long), .text("short"), .text(long)])
        #expect(stream.count < 80)
        // zlib has no compressor for windows of 8 bits: the client's messages are sent plain.
        var server = ReadingRun(role: .server, compression: agreement.client)
        let plain = sent(.client, [long])
        #expect(server.events(plain) == [.text(long)])
        #expect(plain.count > long.count)
    }

    @Test("one compressed payload serves all who agreed to a window that is large enough")
    func shared() {
        let message = Array(String(repeating: "to all of you ", count: 30).utf8)
        let payload = deflate([message], DeflateWindow(bits: 9, isKept: false))[0]
        for window in [DeflateWindow(bits: 15, isKept: true), DeflateWindow(bits: 9, isKept: false)] {
            let agreement = DeflateAgreement(server: window, client: window)
            var session = WebSocketSession(
                role: .server, settings: WebSocketSettings(), agreement: agreement, now: 0)
            var output = ByteBuffer()
            for _ in 0..<3 {
                let isSent = session.sendHeader(
                    .text, payloadBytes: payload.count, isCompressed: true, to: &output)
                #expect(isSent)
                payload.withBytes { output.append($0) }
            }
            var run = ReadingRun(role: .client, compression: window)
            #expect(run.events(output.bytes.array) == [.text(message), .text(message), .text(message)])
        }
    }
}
