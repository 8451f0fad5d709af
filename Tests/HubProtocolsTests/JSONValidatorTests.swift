import HubBytes
import HubProtocols
import Testing

/// The strict reading of RFC 8259, by table.
@Suite struct JSONValidatorTests {
    private func fault(_ text: String, depthMax: Int = 64) -> JSONFault? {
        text.withBytes { JSONValidator.fault(in: $0, depthMax: depthMax) }
    }

    private func reason(_ bytes: [UInt8]) -> JSONFault.Reason? {
        bytes.withBytes { JSONValidator.fault(in: $0)?.reason }
    }

    @Test(
        "valid texts pass",
        arguments: [
            "null", "true", "false", "0", "-0", "7", "-12", "3.25", "1e5", "1E+5", "-0.0e-10", "\"\"",
            "\"a\"", "[]",
            "{}", "[[],{}]", " \t\r\n1 \n", "[1,2 , 3]", "{\"a\":1}",
            "{ \"a\" : [ { \"b\" : null } ] , \"a\" : 2 }",
            #""\"\\\/\b\f\n\r\t""#, #""\u0000\uABcd""#, #""\ud83d\uDE00""#, "\"é€😀\u{7f}\"",
            "123456789012345678901234567890",
            "\"0123456789abcdef\"", #"["0123456\\",1]"#,
        ])
    func valid(text: String) {
        #expect(fault(text) == nil)
    }

    @Test(
        "invalid texts are refused with the reason and the place",
        arguments: [
            ("", .incomplete, 0), (" ", .incomplete, 1), ("nul", .incomplete, 3), ("nulL", .badLiteral, 0),
            ("True", .valueExpected, 0), ("truex", .trailing, 4), ("NaN", .valueExpected, 0),
            ("-", .incomplete, 1),
            ("Infinity", .valueExpected, 0), ("-Infinity", .badNumber, 1), ("+1", .valueExpected, 0),
            ("01", .badNumber, 1), ("-01", .badNumber, 2), ("1.", .incomplete, 2), (".5", .valueExpected, 0),
            ("1.e5", .badNumber, 2), ("1e", .incomplete, 2), ("1e+", .incomplete, 3), ("1ex", .badNumber, 2),
            ("0x10", .trailing, 1), ("1 2", .trailing, 2), ("[1,]", .valueExpected, 3),
            ("[,1]", .valueExpected, 1),
            ("[1 2]", .commaExpected, 3), ("[1", .incomplete, 2), ("[", .incomplete, 1),
            ("]", .valueExpected, 0),
            ("[1}", .commaExpected, 2), ("{", .incomplete, 1), ("{1:2}", .keyExpected, 1),
            ("{\"a\"}", .colonExpected, 4),
            ("{\"a\":}", .valueExpected, 5), ("{\"a\":1,}", .keyExpected, 7),
            ("{\"a\":1]", .commaExpected, 6),
            ("{a:1}", .keyExpected, 1), ("\"a", .incomplete, 2), ("\"\\", .incomplete, 2),
            (#""\x""#, .badEscape, 2),
            (#""\u12g4""#, .badEscape, 5), (#""\u12"#, .incomplete, 5), (#""\U0041""#, .badEscape, 2),
            (#""\ud800""#, .loneSurrogate, 1), (#""\ud800\n""#, .loneSurrogate, 1),
            (#""\udc00""#, .loneSurrogate, 1),
            (#""\ud800\ud800""#, .loneSurrogate, 1), (#""\ud800A""#, .loneSurrogate, 1),
            ("\"\n\"", .controlCharacter, 1), ("\"0123456\u{1f}\"", .controlCharacter, 8),
            ("'a'", .valueExpected, 0),
            ("[1]//", .trailing, 3), ("\u{feff}1", .valueExpected, 0), ("\u{0}", .valueExpected, 0),
            ("1\u{0}", .trailing, 1),
        ] as [(String, JSONFault.Reason, Int)])
    func invalid(text: String, reason: JSONFault.Reason, position: Int) {
        #expect(fault(text) == JSONFault(reason: reason, position: position))
    }

    @Test(
        "strings must be UTF-8",
        arguments: [
            [0x80], [0xc0, 0x80], [0xc1, 0xbf], [0xe0, 0x80, 0x80], [0xed, 0xa0, 0x80],
            [0xf0, 0x80, 0x80, 0x80],
            [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xff], [0xc3], [0xe2, 0x82],
            [0xf0, 0x9f, 0x98],
            [0xc3, 0x28], [0xe2, 0x28, 0xac],
        ] as [[UInt8]])
    func badUTF8(bytes: [UInt8]) {
        #expect(reason([0x22] + bytes + [0x22]) == .badUTF8)
        #expect(reason([0x22] + Array("01234567".utf8) + bytes + [0x22]) == .badUTF8)
    }

    @Test("bytes that are no text at all are refused") func noText() {
        #expect(reason([0xff, 0xfe, 0x31, 0x00]) == .valueExpected)
        #expect(reason([0x00]) == .valueExpected)
    }

    @Test("nesting is counted and limited, and hostile depth costs nothing") func depth() {
        let nested = { (levels: Int) in
            String(repeating: "[", count: levels) + "1" + String(repeating: "]", count: levels)
        }
        #expect(fault(nested(64)) == nil)
        #expect(fault(nested(65)) == JSONFault(reason: .tooDeep, position: 64))
        #expect(fault(nested(128), depthMax: 128) == nil)
        #expect(fault("1", depthMax: 0) == nil)
        #expect(fault("[]", depthMax: 0) == JSONFault(reason: .tooDeep, position: 0))
        #expect(fault(String(repeating: "{\"a\":", count: 1_000_000))?.reason == .tooDeep)
        let siblings = "[" + Array(repeating: "[{}]", count: 1000).joined(separator: ",") + "]"
        #expect(fault(siblings, depthMax: 3) == nil)
    }

    @Test("half a surrogate pair passes where it is allowed") func loneSurrogates() {
        let fault = #"["\ud800","\udc00x","\ud800\ud800"]"#.withBytes {
            JSONValidator.fault(in: $0, allowingLoneSurrogates: true)
        }
        #expect(fault == nil)
    }

    @Test("any bytes get an answer") func total() {
        var generator = Generator(state: 42)
        let alphabet = Array("{}[]\",:\\u0123456789abcdefnrtl.eE+- \n\u{1}é".utf8) + [0xff, 0xc3, 0xed]
        for _ in 0..<20_000 {
            let count = Int.random(in: 0..<24, using: &generator)
            let bytes = (0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
            }
            let fault = bytes.withBytes { JSONValidator.fault(in: $0, depthMax: 4) }
            if let fault { #expect(fault.position <= count) }
            // A valid text with anything but space behind it is not valid.
            if fault == nil { #expect(reason(bytes + [0x21]) != nil) }
        }
    }
}

/// Random numbers that repeat.
struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state ^ state >> 29) &* 0x9e37_79b9_7f4a_7c15
    }
}
