import Foundation
import HubBytes
import HubProtocols
import Testing

/// The reader beside Python's `json`, an implementation that shares nothing with it.
@Suite struct JSONAgainstPythonTests {
    /// Writes texts, whole ones and damaged ones, each with what Python makes of it. What Python takes beyond the standard,
    /// halves of surrogate pairs and numbers beyond all bounds, counts as refused.
    private static let program = """
        import json, random
        random.seed(11)
        words = ['', 'a', 'é', '😀', '"', chr(92), '/', chr(10), chr(0), chr(127), 'long ' * 9]
        def value(depth):
            kind = random.randrange(8 if depth else 5)
            if kind == 0: return random.choice([None, True, False])
            if kind == 1: return random.randrange(-10 ** random.randrange(19), 10 ** random.randrange(1, 19))
            if kind == 2: return random.choice([0.5, 1e300, -2.5e-300, 1e21, random.random(), random.uniform(-1e9, 1e9)])
            if kind < 5: return ''.join(random.choice(words) for _ in range(random.randrange(5)))
            if kind == 5: return [value(depth - 1) for _ in range(random.randrange(5))]
            return {''.join(random.choice(words) for _ in range(3)): value(depth - 1) for _ in range(random.randrange(12))}
        def refuse(_): raise ValueError()
        def unique(pairs):
            if len(dict(pairs)) < len(pairs): raise ValueError()
            return dict(pairs)
        for number in range(1500):
            text = json.dumps(value(4), ensure_ascii=random.random() < .5, indent=random.choice([None, None, 1]))
            if number % 2:
                place = random.randrange(len(text))
                text = text[:place] + random.choice(['', ',', '"', ']', '0', 'e', '-', ' ', chr(92), '\\u007f']) + text[place + random.randrange(2):]
            try:
                read = json.loads(text, parse_constant=refuse, object_pairs_hook=unique)
                made = json.dumps(read, allow_nan=False)
                json.dumps(read, ensure_ascii=False).encode()
            except ValueError: made = ''
            print(text.encode().hex(), made.encode().hex(), sep='|')
        """

    @Test("reads what Python reads, to the same values, and refuses what Python refuses") func agreement()
        throws
    {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", Self.program]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = try #require(try pipe.fileHandleForReading.readToEnd())
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        var accepted = 0
        let lines = String(decoding: output, as: UTF8.self).split(separator: "\n")
        for line in lines {
            let parts = line.split(separator: "|", omittingEmptySubsequences: false)
            let text = Self.bytes(parts[0])
            let made = Self.bytes(parts[1])
            let own = text.withBytes { try? JSONReader.value($0) }
            let theirs = made.withBytes { try? JSONReader.value($0) }
            #expect(own == theirs, "\(String(decoding: text, as: UTF8.self))")
            #expect((own == nil) == made.isEmpty)
            if own != nil { accepted += 1 }
        }
        #expect(lines.count == 1500)
        #expect(accepted > 750 && accepted < 1500)
    }

    private static func bytes(_ hex: Substring) -> [UInt8] {
        let digits = Array(hex.utf8)
        return stride(from: 0, to: digits.count - 1, by: 2).compactMap { place in
            UInt8(String(decoding: digits[place..<place + 2], as: UTF8.self), radix: 16)
        }
    }
}
