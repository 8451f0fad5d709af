import Foundation
import Glibc
import HubBytes
import HubModel
import HubSystem
import Testing

@testable import HubServer

/// The hub's log of itself.
@Suite struct LogTests {
    /// Writes with a log to a file, closes it, and hands out what is in the file.
    private func written(
        _ change: (inout HubLog.Settings) -> Void = { _ in }, _ body: (HubLog, URL) throws -> Void
    ) throws -> [String] {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).log")
        defer { try? FileManager.default.removeItem(at: file) }
        var settings = HubLog.Settings()
        settings.destination = .file(file.path)
        change(&settings)
        let log = try HubLog(settings)
        try body(log, file)
        log.close()
        return try content(file)
    }

    private func content(_ file: URL) throws -> [String] {
        try String(contentsOf: file, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
            .dropLast().map(String.init)
    }

    private func line(_ value: LogValue, _ format: LogFormat = .text) -> String {
        let line = LogLine(
            time: Timestamp(microseconds: 0), level: .info, message: "said", fields: [("key", value)])
        var buffer = ByteBuffer()
        line.write(to: &buffer, format, colours: false)
        return buffer.bytes.text
    }

    @Test("a line for people has time, level, message and fields") func text() throws {
        let lines = try written { log, _ in
            log.info("agent connected", ["agent": "planner", "connection": 7, "secure": true])
            log.warning("lines look like this", ["reason": "no room left"])
        }
        #expect(lines.count == 2)
        #expect(lines[0].hasSuffix("Z INFO    agent connected agent=planner connection=7 secure=true"))
        #expect(lines[1].hasSuffix("Z WARNING lines look like this reason=\"no room left\""))
        let time = lines[0].prefix { $0 != " " }
        #expect(Timestamp(text: String(time)) != nil)
    }

    @Test("a line for programs is an object") func json() throws {
        let lines = try written {
            $0.format = .json
        } _: { log, _ in
            log.error("it failed", ["reason": "a\nb \"c\"", "count": -3, "final": false])
        }
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(lines[0].utf8)) as? [String: Any])
        #expect(object["level"] as? String == "error")
        #expect(object["message"] as? String == "it failed")
        #expect(object["reason"] as? String == "a\nb \"c\"")
        #expect(object["count"] as? Int == -3)
        #expect(object["final"] as? Bool == false)
        #expect((object["time"] as? String).flatMap { Timestamp(text: $0) } != nil)
    }

    @Test(
        "nothing in a value ends the line, moves the cursor or turns the writing",
        arguments: [
            ("plain", "plain"), ("", "\"\""), ("two words", "\"two words\""), ("a=b", "\"a=b\""),
            ("é😀", "\"é😀\""),
            ("a\nINFO forged", #""a\nINFO forged""#), ("\r\t\u{0}", #""\r\t\u0000""#),
            ("\u{1b}[31mred", #""\u001b[31mred""#),
            ("\u{9b}31m", #""\u009b31m""#), ("\u{202e}gpj.exe", #""\u202egpj.exe""#),
            ("\u{2028}x", #""\u2028x""#),
            ("\u{85}", #""\u0085""#), ("\u{7f}", #""\u007f""#), ("q\"\\", #""q\"\\""#),
            ("\u{feff}", #""\ufeff""#),
            ("\u{e0041}", #""\udb40\udc41""#),
        ])
    func escaping(value: String, shown: String) throws {
        #expect(line(.text(value)) == "1970-01-01T00:00:00.000000Z INFO    said key=\(shown)\n")
        let json = line(.text(value), .json)
        #expect(json.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 && $0.value != 0x7f })
        let object = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
        #expect(object?["key"] as? String == value)
    }

    @Test("long values are cut") func length() {
        let shown = line(.text(String(repeating: "x", count: 5000)))
        #expect(shown.hasSuffix(String(repeating: "x", count: LogText.lengthMax) + "…\"\n"))
        #expect(shown.count < 1100)
    }

    @Test("a secret is three stars wherever it is written") func secrets() {
        let secret = Secret("hunter2")
        #expect(line(LogValue(secret)).hasSuffix(" key=***\n"))
        var dumped = ""
        dump(secret, to: &dumped)
        dump(["inside": secret], to: &dumped)
        for text in ["\(secret)", String(describing: secret), String(reflecting: [secret]), dumped] {
            #expect(!text.contains("hunter2"))
        }
        #expect(secret.reveal() == "hunter2")
    }

    @Test("levels below the threshold cost nothing, and the threshold can be moved") func levels() throws {
        var made = 0
        let lines = try written { log, _ in
            func value() -> LogValue {
                made += 1
                return 1
            }
            log.debug("one", ["value": value()])
            log.level = .debug
            log.debug("two", ["value": value()])
            log.level = .error
            log.warning("three", ["value": value()])
            #expect(log.isOn(.error) && !log.isOn(.warning))
        }
        #expect(made == 1)
        #expect(lines.count == 1 && lines[0].hasSuffix("DEBUG   two value=1"))
    }

    @Test("what is said too often is counted and told of, and does not silence anything else") func repeats()
        throws
    {
        let lines = try written {
            $0.repeatsMax = 3
            $0.spanMilliseconds = 100
        } _: { log, file in
            for number in 0..<50 { log.warning("refused", ["number": LogValue(number)]) }
            log.info("other")
            // Told of without anybody saying anything more.
            for _ in 0..<100 where try !content(file).contains(where: { $0.contains("suppressed") }) {
                SystemClock.sleep(milliseconds: 20)
            }
            log.warning("refused", ["number": 99])
        }
        #expect(lines.filter { $0.contains("number=") }.count == 4)
        #expect(lines.filter { $0.hasSuffix("WARNING refused suppressed=47") }.count == 1)
        #expect(lines.last?.hasSuffix("number=99") == true)
        #expect(lines.contains { $0.hasSuffix("INFO    other") })
    }

    @Test("what was suppressed is told of at the end at the latest") func lastSummary() throws {
        let lines = try written {
            $0.repeatsMax = 1
        } _: { log, _ in
            for _ in 0..<5 { log.info("again") }
        }
        #expect(lines.count == 2 && lines[1].hasSuffix("again suppressed=4"))
    }

    @Test("a log that does not get rid of its lines drops them, counts them, and holds nobody up")
    func dropping() throws {
        // A pipe that nobody reads stands for a disk that does not answer.
        let pipe = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).pipe")
        #expect(mkfifo(pipe.path, 0o600) == 0)
        defer { try? FileManager.default.removeItem(at: pipe) }
        let reader = open(pipe.path, O_RDONLY | O_NONBLOCK)
        defer { close(reader) }
        var settings = HubLog.Settings()
        settings.destination = .file(pipe.path)
        settings.repeatsMax = 1_000_000
        settings.waitingMax = 100
        let log = try HubLog(settings)
        let value = String(repeating: "x", count: 900)
        let begin = SystemClock.monotonicNanoseconds()
        var said = 0
        while log.dropped == 0, said < 100_000 {
            log.info("line", ["value": .text(value)])
            said += 1
        }
        #expect(log.dropped > 0)
        #expect(SystemClock.monotonicNanoseconds() - begin < 20_000_000_000)
        // The disk answers again: all that was not dropped is there, and the number of what was.
        let closing = Thread { log.close() }
        closing.start()
        var read: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while !closing.isFinished, SystemClock.monotonicNanoseconds() - begin < 40_000_000_000 {
            let count = Glibc.read(reader, &chunk, chunk.count)
            if count > 0 { read += chunk.prefix(count) } else { SystemClock.sleep(milliseconds: 5) }
        }
        while case let count = Glibc.read(reader, &chunk, chunk.count), count > 0 {
            read += chunk.prefix(count)
        }
        let lines = String(decoding: read, as: UTF8.self).split(separator: "\n")
        #expect(lines.filter { $0.contains("INFO    line value=") }.count == said - log.dropped)
        #expect(lines.contains { $0.hasSuffix("WARNING lines were dropped count=\(log.dropped)") })
    }

    @Test("a file that was moved away is made anew when asked, and nothing is lost") func reopening() throws {
        let lines = try written { log, file in
            log.info("before")
            let moved = file.appendingPathExtension("1")
            defer { try? FileManager.default.removeItem(at: moved) }
            for _ in 0..<100 where try content(file).isEmpty { SystemClock.sleep(milliseconds: 10) }
            try FileManager.default.moveItem(at: file, to: moved)
            log.reopen()
            for _ in 0..<200 where !FileManager.default.fileExists(atPath: file.path) {
                SystemClock.sleep(milliseconds: 10)
            }
            log.info("behind")
            #expect(try content(moved).count == 1)
        }
        #expect(lines.count == 1 && lines[0].hasSuffix("behind"))
    }

    @Test("a file that is there is added to") func appending() throws {
        let lines = try written { log, file in
            log.info("one")
            log.close()
            var settings = HubLog.Settings()
            settings.destination = .file(file.path)
            let second = try HubLog(settings)
            second.info("two")
            second.close()
            second.info("too late")
            #expect(second.dropped == 1)
        }
        #expect(lines.map { $0.suffix(3) } == ["one", "two"])
    }

    @Test("many threads write whole lines, each thread's in order") func threads() throws {
        let lines = try written {
            $0.repeatsMax = 1_000_000
            $0.waitingMax = 100_000
        } _: { log, _ in
            let threads = try (0..<4).map { thread in
                try SystemThread(name: "writer-\(thread)") {
                    for number in 0..<1000 {
                        log.info("line", ["thread": LogValue(thread), "number": LogValue(number)])
                    }
                }
            }
            for thread in threads { thread.join() }
        }
        #expect(lines.count == 4000)
        for thread in 0..<4 {
            let own = lines.filter { $0.contains("thread=\(thread) ") }
            let numbers = own.compactMap { line in line.split(separator: "=").last.flatMap { Int($0) } }
            #expect(numbers == Array(0..<1000))
        }
    }

    @Test("a file that cannot be opened is an error at once") func noFile() {
        var settings = HubLog.Settings()
        settings.destination = .file("/nowhere/at/all.log")
        #expect(throws: SystemError.self) { _ = try HubLog(settings) }
    }
}
