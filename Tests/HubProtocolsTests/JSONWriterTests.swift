import HubBytes
import HubProtocols
import Testing

/// What is written is valid and says what was meant.
@Suite struct JSONWriterTests {
    private func written(_ body: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        body(&writer)
        #expect(JSONValidator.fault(in: writer.bytes) == nil)
        return writer.bytes.text
    }

    @Test("commas come between values and nowhere else") func commas() {
        let text = written { writer in
            writer.beginObject()
            writer.key("a")
            writer.number(1)
            writer.key("b")
            writer.beginArray()
            writer.beginArray()
            writer.endArray()
            writer.beginObject()
            writer.endObject()
            writer.null()
            writer.bool(true)
            writer.endArray()
            writer.key(text: "c\"")
            writer.bool(false)
            writer.endObject()
        }
        #expect(text == #"{"a":1,"b":[[],{},null,true],"c\"":false}"#)
    }

    @Test("lines of the top level stand by themselves") func lines() {
        var writer = JSONWriter()
        for number in 1...2 {
            writer.beginObject()
            writer.key("n")
            writer.number(number)
            writer.endObject()
            writer.newline()
        }
        #expect(writer.bytes.text == "{\"n\":1}\n{\"n\":2}\n")
        writer.removeAll()
        writer.null()
        #expect(writer.bytes.text == "null")
    }

    @Test(
        "text is escaped where it must be",
        arguments: [
            ("plain", #""plain""#), ("", #""""#), ("a\"b\\c", #""a\"b\\c""#), ("\n\r\t", #""\n\r\t""#),
            ("\u{0}\u{8}\u{c}\u{1f}\u{7f}", "\"\\u0000\\u0008\\u000c\\u001f\u{7f}\""), ("é€😀", "\"é€😀\""),
            ("0123456\"89abcde\\", #""0123456\"89abcde\\""#), ("01234567\u{1}", #""01234567\u0001""#),
            (String(repeating: "x", count: 31) + "ü", "\"" + String(repeating: "x", count: 31) + "ü\""),
        ])
    func escapes(text: String, expected: String) {
        #expect(written { $0.string(text) } == expected)
    }

    @Test("every byte at every place of a word is told apart") func places() {
        for byte in UInt8.min...UInt8.max {
            for place in 0..<17 {
                var bytes = Array(repeating: UInt8(ascii: "~"), count: 17)
                bytes[place] = byte
                let text = written { writer in bytes.withBytes { writer.string($0) } }
                let isPlain = byte >= 0x20 && byte < 0x80 && byte != 0x22 && byte != 0x5c
                #expect((text.utf8.count == 19) == isPlain)
            }
        }
    }

    @Test("bytes that are not UTF-8 become replacement characters") func replacement() {
        let text = written { writer in [0x61, 0xff, 0xc3, 0x62, 0xe2, 0x82].withBytes { writer.string($0) } }
        #expect(text == "\"a\u{fffd}\u{fffd}b\u{fffd}\u{fffd}\"")
    }

    @Test("numbers are written in full") func numbers() {
        #expect(written { $0.number(UInt64.max) } == "18446744073709551615")
        #expect(written { $0.number(Int64.min) } == "-9223372036854775808")
        #expect(written { $0.number(0.1) } == "0.1")
        #expect(written { $0.number(1e300) } == "1e+300")
        #expect(written { $0.number(Double.infinity) } == "null")
        #expect(written { $0.number(Double.nan) } == "null")
    }

    @Test(
        "bytes become base64",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ])
    func base64(text: String, expected: String) {
        #expect(written { writer in text.withBytes { writer.base64($0) } } == "\"\(expected)\"")
        #expect(written { writer in [0xfb, 0xff].withBytes { writer.base64($0) } } == "\"+/8=\"")
    }

    @Test("JSON that is embedded stays on one line and is otherwise as it was") func embedding() {
        let text = written { writer in
            writer.beginArray()
            "{\r\n \"a\" : \"\\n\"\n}".withBytes { writer.embed($0) }
            writer.number(1)
            writer.endArray()
        }
        #expect(text == #"[{   "a" : "\n" },1]"#)
    }
}
