import HubModel
import Testing

/// Moments as text.
@Suite struct TimestampTests {
    @Test(
        "a moment is read from ISO 8601",
        arguments: [
            ("1970-01-01", 0), ("1970-01-01T00:00Z", 0),
            ("2026-11-20T10:18:54.000123Z", 1_795_169_934_000_123),
            ("2026-11-20T10:18:54", 1_795_169_934_000_000), ("2026-11-20 10:18:54.5", 1_795_169_934_500_000),
            ("2026-11-20T12:18:54+02:00", 1_795_169_934_000_000),
            ("2026-11-20t05:18:54-05:00", 1_795_169_934_000_000),
            ("1969-12-31T23:59:59.999999Z", -1), ("2000-02-29", 951_782_400_000_000),
        ] as [(String, Int64)])
    func valid(text: String, microseconds: Int64) {
        #expect(Timestamp(text: text)?.microseconds == microseconds)
    }

    @Test(
        "anything else is no moment",
        arguments: [
            "", "2026", "2026-13-01", "2026-00-10", "2026-02-29", "1900-02-29", "2026-04-31", "2026-11-20T",
            "2026-11-20T10",
            "2026-11-20T24:00", "2026-11-20T10:60", "2026-11-20T10:18:60", "2026-11-20T10:18:54.",
            "2026-11-20T10:18Zx",
            "2026-11-20T10:18:54.1234567Z", "2026-11-20T10:18+2:00", "20261120", "now", "2026-11-20x",
            "2026-1-1",
        ])
    func invalid(text: String) {
        #expect(Timestamp(text: text) == nil)
    }

    @Test("what is written is read again") func roundTrip() {
        var microseconds: Int64 = -62_135_596_800_000_000
        while microseconds < 253_402_300_799_000_000 {
            let time = Timestamp(microseconds: microseconds)
            #expect(Timestamp(text: time.description) == time)
            microseconds += 86_400_000_000 * 97 + 12_345_678_901
        }
    }
}
