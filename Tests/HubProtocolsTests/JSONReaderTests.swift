import HubBytes
import HubProtocols
import Testing

/// JSON read into values, by table.
@Suite struct JSONReaderTests {
    private func read(_ text: String, _ rules: JSONRules = .strict) throws(JSONTextError) -> JSONValue {
        try text.withBytes { bytes throws(JSONTextError) in try JSONReader.value(bytes, rules) }
    }

    private func fault(_ text: String, _ rules: JSONRules = .strict) -> String? {
        do throws(JSONTextError) {
            _ = try read(text, rules)
            return nil
        } catch {
            return error.description
        }
    }

    @Test(
        "JSON is read to what it means",
        arguments: [
            ("null", nil), (" true ", true), ("false", false), ("0", 0), ("-0", 0), ("-12", -12),
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("9223372036854775808", .double(9_223_372_036_854_775_808)), ("1.5", 1.5), ("1e3", 1000.0),
            ("1E-2", 0.01), ("-0.0e+1", .double(-0.0)), ("5e-324", .double(.leastNonzeroMagnitude)),
            (#""""#, ""), (#""a\"b\\c\/\b\f\n\r\t""#, "a\"b\\c/\u{8}\u{c}\n\r\t"),
            (#""\u0041\u00e9\ud83d\ude00x""#, "Aé😀x"), ("\"é€😀\"", "é€😀"),
            ("[]", []), ("[1, [2], {}]", [1, [2], [:]]), (#"{"a": {"b": [null]}}"#, ["a": ["b": [nil]]]),
            ("\"01234567'89\"", "01234567'89"),
        ] as [(String, JSONValue)])
    func strict(text: String, value: JSONValue) throws {
        #expect(try read(text) == value)
        #expect(try read(text, .json5) == value)
    }

    @Test(
        "JSON5 may be written more freely",
        arguments: [
            ("// note\n1 // more", 1), ("/* a * b */ 1 /**/", 1), ("//\r1", 1), ("[1,2,]", [1, 2]),
            ("{a: 1,}", ["a": 1]), ("{$_x9: 1, 'b c': 2, \"d\": 3}", ["$_x9": 1, "b c": 2, "d": 3]),
            ("{été: 1}", ["été": 1]), (#"{\u0061b: 1}"#, ["ab": 1]),
            ("{null: 1, true: 2}", ["null": 1, "true": 2]),
            ("'it is \"so\"'", "it is \"so\""), (#"'it\'s'"#, "it's"), ("\"it's\"", "it's"),
            ("+1", 1), ("+0.5", 0.5), (".5", 0.5), ("5.", 5.0), ("-.5", -0.5), ("5.e2", 500.0), ("0xFf", 255),
            ("-0x10", -16), ("0x7fffffffffffffff", .integer(.max)), ("Infinity", .double(.infinity)),
            ("-Infinity", .double(-.infinity)), ("+Infinity", .double(.infinity)),
            ("'a\\\nb'", "ab"), ("'a\\\r\nb'", "ab"), ("'a\\\u{2028}b'", "ab"),
            (#"'\v\0\x41\q\é'"#, "\u{b}\u{0}Aqé"),
            ("\u{feff}\u{a0}\u{2003}\u{b}1\u{2029}", 1), ("'a\u{2028}b\tc'", "a\u{2028}b\tc"),
        ] as [(String, JSONValue)])
    func relaxed(text: String, value: JSONValue) throws {
        #expect(try read(text, .json5) == value)
        #expect(fault(text) != nil || text == "\"it's\"")
    }

    @Test("NaN is a number of JSON5, and no JSON") func notANumber() throws {
        for text in ["NaN", "-NaN", "+NaN"] {
            #expect(try read(text, .json5).number?.isNaN == true)
            #expect(fault(text) != nil)
        }
    }

    @Test(
        "what is wrong is said with its place",
        arguments: [
            ("", "1:1: expected a value, but the text ends here"),
            ("[1\n  2]", "2:3: expected a comma or ], found 2"),
            ("{\"a\" 1}", "1:6: expected a colon behind the name a, found 1"),
            ("{a: 1}", "1:2: expected a name in double quotes, found a"),
            ("[1,]", "1:3: no comma may stand behind the last value"),
            ("[1}", "1:3: expected a comma or ], found }"),
            (
                "[\"é\", True]",
                "1:7: True is no value; text stands in quotes, and true, false and null are written so"
            ),
            (
                "\r\n\r\n  x",
                "3:3: x is no value; text stands in quotes, and true, false and null are written so"
            ),
            ("// a", "1:1: JSON has no comments"), ("'a'", "1:1: text stands in double quotes"),
            ("01", "1:1: a number has no zeros in front"),
            ("1.", "1:3: expected a digit behind the point, but the text ends here"),
            (".5", "1:1: a digit stands before the point"), ("+1", "1:1: a number has no plus sign"),
            ("1e", "1:3: expected a digit of the exponent, but the text ends here"),
            ("1e999", "1:1: this number is too large to be kept"),
            ("12x", "1:3: expected the end of the number, found x"),
            ("-", "1:2: expected a digit, but the text ends here"),
            ("\"abc", "1:1: this text has no closing quote"),
            ("\"a\nb\"", "1:3: a line ends inside the text; write \\n for it"),
            ("\"\u{1}\"", "1:2: a control character inside text must be escaped"),
            (#""\x41""#, "1:2: there is no such escape; a backslash itself is written \\\\"),
            (#""\u12g4""#, "1:2: this escape has 4 hexadecimal digits"),
            (#""\ud800""#, "1:2: half of a pair of surrogates stands alone"),
            (#""\udc00\ud800""#, "1:2: half of a pair of surrogates stands alone"),
            (#"{"a": 1, "b": 2, "a": 3}"#, "1:18: a is there twice in one object"),
            ("1 2", "1:3: expected the end of the text behind its one value, found 2"),
            ("[\u{0}]", "1:2: expected a value, found a control character"),
            ("\u{feff}1", "1:1: expected a value, found \u{feff}"),
        ])
    func faults(text: String, sentence: String) {
        #expect(fault(text) == sentence)
    }

    @Test(
        "JSON5 has its faults, too",
        arguments: [
            ("/* a", "1:1: this comment has no */ at its end"),
            ("/ a", "1:1: a comment begins with // or /*"),
            ("[,]", "1:2: expected a value, found ,"), ("{,}", "1:2: expected a name, found ,"),
            ("{1a: 1}", "1:2: expected a name, found 1"),
            ("[1,,]", "1:4: expected a value, found ,"),
            ("0x", "1:3: expected a hexadecimal digit, but the text ends here"),
            ("0xfg", "1:4: expected the end of the number, found g"),
            ("0x8000000000000000", "1:1: a hexadecimal number has at most 63 bits"),
            (".", "1:2: expected a digit behind the point, but the text ends here"),
            ("010", "1:1: a number has no zeros in front"),
            ("'a\nb'", "1:3: a line ends inside the text; write \\n for it, or \\ before the end"),
            (#"'\1'"#, "1:2: there is no such escape; a backslash itself is written \\\\"),
            (#"'\01'"#, "1:2: no digit may follow \\0"),
            (#"{\u0031a: 1}"#, "1:2: this character cannot stand in a name"),
            ("-nan", "1:2: expected a digit, found n"),
            ("+Inf", "1:1: this is no number"),
            ("'\\", "1:2: there is no such escape; a backslash itself is written \\\\"),
            ("{a: 1, 'a': 2}", "1:8: a is there twice in one object"),
        ])
    func relaxedFaults(text: String, sentence: String) {
        #expect(fault(text, .json5) == sentence)
    }

    @Test("text that is not UTF-8 is refused wherever it stands") func notUTF8() {
        let pieces: [([UInt8], [UInt8])] = [
            (Array("[\"".utf8), Array("\"]".utf8)), (Array("/*".utf8), Array("*/1".utf8)),
            (Array("{a".utf8), Array(":1}".utf8)), ([], []), (Array("1 ".utf8), []),
            (Array("'\\".utf8), Array("'".utf8)),
        ]
        for bad in [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xc3]] as [[UInt8]] {
            for (before, behind) in pieces {
                let text = before + bad + behind
                let message: String? = text.withBytes { bytes in
                    do throws(JSONTextError) {
                        _ = try JSONReader.value(bytes, .json5)
                        return nil
                    } catch {
                        return error.message
                    }
                }
                #expect(message == "this is not UTF-8", "\(text)")
            }
        }
    }

    @Test("depth, length and number of values are bounded") func bounds() {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(fault(nested(128)) == nil)
        #expect(fault(nested(129)) == "1:129: nested deeper than 128 levels")
        #expect(fault(String(repeating: "{\"a\":", count: 100_000)) == "1:641: nested deeper than 128 levels")
        var rules = JSONRules()
        rules.valuesMax = 3
        #expect(fault("[1,2]", rules) == nil)
        #expect(fault("[1,2,3]", rules) == "1:6: this is more than 3 values; more are not read")
        rules = JSONRules()
        rules.bytesMax = 5
        #expect(fault("[1,2]", rules) == nil)
        #expect(fault("[1,23]", rules) == "1:1: the text has 6 bytes; at most 5 are read")
    }

    @Test("a name that comes twice keeps its place and gets the last value, where that is allowed")
    func twice() throws {
        var rules = JSONRules()
        rules.allowsDuplicateNames = true
        let object = try #require(try read(#"{"a":1,"b":2,"a":3}"#, rules).object)
        #expect(object.names == ["a", "b"])
        #expect(object["a"] == 3)
    }

    @Test("names are compared by their bytes, in small objects and large ones") func names() throws {
        for extra in [0, 20] {
            let more = (0..<extra).map { ",\"n\($0)\":\($0)" }.joined()
            let object = try #require(try read("{\"\u{e9}\":1,\"e\u{301}\":2\(more)}").object)
            #expect(object.count == 2 + extra)
            #expect(object["\u{e9}"] == 1)
            #expect(object["e\u{301}"] == 2)
            #expect(extra == 0 || object["n19"] == 19)
        }
        #expect(JSONValue.string("\u{e9}") != .string("e\u{301}"))
    }

    @Test("members are set, replaced and taken away") func members() {
        var object = JSONObject()
        for number in 0..<12 { object["\(number)"] = .integer(Int64(number)) }
        object["3"] = "x"
        object["0"] = .some(nil)
        #expect(object["0"] == .null)
        object["5"] = Optional<JSONValue>.none
        #expect(object.names == ["0", "1", "2", "3", "4", "6", "7", "8", "9", "10", "11"])
        #expect(object["11"] == 11)
        #expect(object["5"] == nil)
    }

    @Test("accessors answer for their own kind only") func accessors() {
        let value: JSONValue = ["a": [1, 2.5, "x", true, nil, 3.0]]
        #expect(value["a"]?[0]?.integer == 1)
        #expect(value["a"]?[0]?.number == 1.0)
        #expect(value["a"]?[1]?.integer == nil)
        #expect(value["a"]?[1]?.number == 2.5)
        #expect(value["a"]?[2]?.text == "x")
        #expect(value["a"]?[3]?.bool == true)
        #expect(value["a"]?[4]?.isNull == true)
        #expect(value["a"]?[5]?.integer == 3)
        #expect(value["a"]?[6] == nil)
        #expect(value["b"] == nil)
        #expect(value[0] == nil)
        #expect(value.text == nil && value.bool == nil && value.array == nil && !value.isNull)
    }

    @Test("places are known by the way to them") func places() throws {
        let text = "{\n  // note\n  listen: [\n    'a', {tls: 'é', cert: 1}],\n}"
        let document = try text.withBytes { bytes throws(JSONTextError) in try JSONReader.document(bytes) }
        let list = JSONPath().name("listen")
        #expect(document.place(of: JSONPath())?.description == "1:1")
        #expect(document.place(of: list)?.description == "3:3")
        #expect(document.place(of: list.index(0))?.description == "4:5")
        #expect(document.place(of: list.index(1).name("cert"))?.description == "4:21")
        #expect(document.place(of: list.index(2)) == nil)
        #expect(list.index(1).name("cert").description == "listen[1].cert")
    }

    @Test("what is written is read to the same", arguments: [0, 1, 2, 3])
    func roundTrip(seed: UInt64) throws {
        var generator = Generator(state: seed)
        for _ in 0..<500 {
            let value = JSONSample.value(&generator, depth: 5)
            var writer = JSONWriter()
            writer.value(value)
            #expect(JSONValidator.fault(in: writer.bytes, depthMax: 128) == nil)
            #expect(try JSONReader.value(writer.bytes) == value)
            #expect(try JSONReader.value(writer.bytes, .json5) == value)
        }
    }

    @Test("values are written to the depth to which they are read") func deepest() throws {
        let text = String(repeating: "[", count: 128) + String(repeating: "]", count: 128)
        var writer = JSONWriter()
        writer.value(try read(text))
        #expect(writer.bytes.text == text)
    }

    @Test("the reader and the validator agree on what is JSON") func agreement() {
        var generator = Generator(state: 7)
        let alphabet = Array("{}[]\",:\\u0129ab.eE+-tn \n'/".utf8) + [0xff, 0xc3, 0xa9]
        var accepted = 0
        for _ in 0..<100_000 {
            let count = Int.random(in: 0..<12, using: &generator)
            let bytes = (0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
            }
            bytes.withBytes { bytes in
                var rules = JSONRules()
                rules.allowsDuplicateNames = true
                let isRead = (try? JSONReader.value(bytes, rules)) != nil
                let fault = JSONValidator.fault(in: bytes, depthMax: 128)
                if isRead { accepted += 1 }
                #expect(isRead == (fault == nil), "\(bytes.array)")
            }
        }
        #expect(accepted > 100)
    }
}

/// Values to try things with.
enum JSONSample {
    static func value(_ generator: inout Generator, depth: Int) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 9 : 6), using: &generator) {
        case 0: .null
        case 1: .bool(Bool.random(using: &generator))
        case 2: .integer(Int64(bitPattern: generator.next()) >> Int64.random(in: 0..<64, using: &generator))
        case 3: .double(double(&generator))
        case 4, 5: .string(text(&generator))
        case 6: .array(list(&generator, depth))
        default: .object(object(&generator, depth))
        }
    }

    private static func double(_ generator: inout Generator) -> Double {
        let value = Double(bitPattern: generator.next())
        return value.isFinite ? value : 0.5
    }

    static func text(_ generator: inout Generator) -> String {
        let alphabet = Array("abc \"\\/\n\t\u{0}\u{7f}é€😀\u{2028}'")
        let count = Int.random(in: 0..<20, using: &generator)
        return String(
            (0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] })
    }

    private static func list(_ generator: inout Generator, _ depth: Int) -> [JSONValue] {
        (0..<Int.random(in: 0..<6, using: &generator)).map { _ in value(&generator, depth: depth - 1) }
    }

    private static func object(_ generator: inout Generator, _ depth: Int) -> JSONObject {
        var object = JSONObject()
        for _ in 0..<Int.random(in: 0..<12, using: &generator) {
            object[text(&generator)] = value(&generator, depth: depth - 1)
        }
        return object
    }
}
