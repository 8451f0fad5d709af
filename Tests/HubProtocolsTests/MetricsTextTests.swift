import HubBytes
import HubProtocols
import Testing

/// Metrics of others are read as the formats have them, and whatever is none is refused with its line.
@Suite struct MetricsTextTests {
    private static func read(
        _ text: String, _ limits: MetricsText.Limits = MetricsText.Limits()
    ) throws(MetricsTextFault) -> MetricsText {
        try text.withBytes { (bytes) throws(MetricsTextFault) in try MetricsText(bytes, limits) }
    }

    @Test("samples are read with their labels, whatever stands around them") func samples() throws {
        let text = try Self.read(
            """
            # HELP a What it is.
            # TYPE a counter
            a_total 5

              b{x="1",y="two"} 0.5 1700000000000
            b { x = "2" , y = "a \\"b\\" \\\\ \\n" , } \t-1e3
            c:d{} +Inf
            e NaN
            f_bucket{le="0.1"} 3 # {trace="x"} 0.05
            # EOF
            """)
        #expect(text.count == 6)
        #expect(text.value("a_total") == 5)
        #expect(text.value("a_total", ["x": "1"]) == nil)
        #expect(text.value("b", ["x": "1", "y": "two"]) == 0.5)
        #expect(text.value("b", ["y": "a \"b\" \\ \n", "x": "2"]) == -1000)
        #expect(text.sum("b") == -999.5)
        #expect(text.sum("z") == nil)
        #expect(text.value("c:d") == .infinity)
        #expect(text.value("e")?.isNaN == true)
        #expect(text.value("f_bucket", ["le": "0.1"]) == 3)
        #expect(text.samples("b").map { $0.labels["x"] } == ["1", "2"])
    }

    @Test("nothing is no samples", arguments: ["", "\n", "\n\n# only a comment\n", "   \t "])
    func nothing(text: String) throws {
        #expect(try Self.read(text).count == 0)
    }

    @Test(
        "what is no metrics is refused, with the line",
        arguments: [
            ("<html>", .badName, 1), ("a 1\n1a 2", .badName, 2), ("a", .badValue, 1), ("a one", .badValue, 1),
            ("a 0x10", .badValue, 1), ("a 1 2 3", .badTime, 1), ("a 1 x", .badTime, 1),
            ("a{b=1} 1", .badLabel, 1),
            ("a{b=\"1\" 1", .badLabel, 1), ("a{b=\"1", .badLabel, 1), ("a{b=\"1\"c=\"2\"} 1", .badLabel, 1),
            ("a{=\"1\"} 1", .badLabel, 1), ("a{b=\"\\x\"} 1", .badEscape, 1), ("a{b=\"\\", .badEscape, 1),
            ("a{b=\"1\",b=\"1\"} 1", .repeatedLabel, 1), ("\n\na{b:c=\"1\"} 1", .badLabel, 3),
            ("a \(String(repeating: "1", count: 65))", .badValue, 1), ("é 1", .badName, 1),
        ] as [(String, MetricsTextFault.Reason, Int)])
    func refused(text: String, reason: MetricsTextFault.Reason, line: Int) {
        let fault = #expect(throws: MetricsTextFault.self) { try Self.read(text) }
        #expect(fault?.reason == reason)
        #expect(fault?.line == line)
    }

    @Test("a label that is not UTF-8 is refused") func notUTF8() {
        let bytes = Array("a{b=\"".utf8) + [0xff] + Array("\"} 1".utf8)
        let fault = #expect(throws: MetricsTextFault.self) { try bytes.withBytes { try MetricsText($0) } }
        #expect(fault?.reason == .notUTF8)
    }

    @Test("a limit is met exactly") func limits() throws {
        var limits = MetricsText.Limits()
        limits.bytesMax = 12
        limits.lineBytesMax = 5
        limits.samplesMax = 2
        #expect(try Self.read("a 111\nb 111\n", limits).count == 2)
        let cases: [(String, MetricsTextFault.Reason)] = [
            ("a 111\nb 111\n\n", .tooLong), ("a 1111", .lineTooLong), ("a 1\nb 1\nc 1", .tooManySamples),
        ]
        for (text, reason) in cases {
            let fault = #expect(throws: MetricsTextFault.self) { try Self.read(text, limits) }
            #expect(fault?.reason == reason)
        }
        limits = MetricsText.Limits()
        limits.labelsMax = 1
        #expect(try Self.read("a{b=\"1\"} 1", limits).count == 1)
        let fault = #expect(throws: MetricsTextFault.self) { try Self.read("a{b=\"1\",c=\"1\"} 1", limits) }
        #expect(fault?.reason == .tooManyLabels)
    }
}
