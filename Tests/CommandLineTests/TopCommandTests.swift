import Foundation
import HubBytes
import HubSystem
import Synchronization
import Testing

/// `agenthub top` as it is called, against something that answers like a hub.
@Suite struct TopCommandTests {
    /// Answers each connection with the same bytes, whatever it asks, until it is stopped.
    private final class Answering: Sendable {
        let url: String
        private let stop: Stop
        private let thread: SystemThread

        init(_ answer: String) throws {
            let ip = try #require(IPAddress("127.0.0.1"))
            let listener = try ListeningSocket(.ip(ip, port: 0))
            url = "http://\(listener.address)"
            let stop = Stop()
            self.stop = stop
            let handover = Handover(listener)
            thread = try SystemThread(name: "answering") { handover.serve(answer, until: stop) }
        }

        deinit {
            stop.flag.store(true, ordering: .relaxed)
            thread.join()
        }
    }

    private final class Stop: Sendable {
        let flag = Atomic(false)
    }

    /// The listener on its way to the thread that owns it from then on.
    private final class Handover: Sendable {
        private let listener: Mutex<ListeningSocket?>

        init(_ listener: consuming ListeningSocket) { self.listener = Mutex(listener) }

        func serve(_ answer: String, until stop: Stop) {
            guard let listener = listener.withLock({ $0.take() }) else { return }
            while !stop.flag.load(ordering: .relaxed) {
                guard case .connection(let socket, _) = listener.accept() else {
                    SystemClock.sleep(milliseconds: 2)
                    continue
                }
                var request = ByteBuffer(capacity: 4096)
                while !request.bytes.text.hasSuffix("\r\n\r\n") {
                    if case .later = socket.receive(into: &request, upTo: 4096) {
                        SystemClock.sleep(milliseconds: 1)
                    }
                }
                answer.withBytes { _ = socket.send($0) }
                socket.finishSending()
                while case .later = socket.receive(into: &request, upTo: 4096) {
                    SystemClock.sleep(milliseconds: 1)
                }
            }
        }
    }

    private static func http(_ content: String, status: String = "200 OK") -> String {
        "HTTP/1.1 \(status)\r\nContent-Length: \(content.utf8.count)\r\nConnection: close\r\n\r\n\(content)"
    }

    private static let metrics = http(TopViewTests.now + "\n")

    @Test("once writes one picture, without colours or control sequences") func once() throws {
        let hub = try Answering(Self.metrics)
        let run = try CommandRun.agenthub("top", "--once", "--url", hub.url)
        #expect(run.code == 0 && run.complaint == "")
        let lines = run.output.split(separator: "\n").map(String.init)
        #expect(lines.first?.hasPrefix("AgentHub 0.1.0 · \(hub.url) · serving · up ") == true)
        #expect(lines.contains("Connections  1,027 open     1,024 agents   1 session"))
        #expect(lines.last?.hasSuffix("default/idle") == true)
        #expect(!run.output.contains("\u{1b}"))
    }

    @Test("JSON is one object a look") func json() throws {
        let hub = try Answering(Self.metrics)
        let object = try CommandRun.agenthub("top", "--once", "--json", "--url", hub.url + "/metrics")
            .object()
        #expect(object["phase"] as? String == "serving")
        #expect(object["connections"] as? Int == 1027)
        #expect(object["received_per_second"] as? Double == 0)
        #expect(object["commit_p99_seconds"] is NSNull)
        #expect((object["consumers"] as? [[String: Any]])?.first?["name"] as? String == "default/audit")
        let two = try CommandRun.shell("timeout 60 \"$agenthub\" top --json --url \(hub.url) | head -2")
        #expect(try two.lines().count == 2)
    }

    @Test(
        "whoever answers with something else is told so",
        arguments: [
            (http("no", status: "404 Not Found"), "answered with status 404, not with metrics"),
            (http("<html>\n"), "has no metrics: line 1: a name of letters"),
            ("SSH-2.0-OpenSSH_9\r\n", "understand the answer"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort", "understand the answer"),
        ])
    func otherAnswers(answer: String, part: String) throws {
        let hub = try Answering(answer)
        let run = try CommandRun.agenthub("top", "--once", "--url", hub.url)
        #expect(run.code == 3 && run.output == "")
        #expect(run.complaint.contains(part), "\(run.complaint)")
    }

    @Test("nobody there is code 3, a URL that cannot be read is code 2") func unreachable() throws {
        let refused = try CommandRun.agenthub("top", "--once", "--url", "http://127.0.0.1:1")
        #expect(refused.code == 3)
        #expect(
            refused.complaint.contains(
                "cannot read http://127.0.0.1:1/metrics: connect to 127.0.0.1:1: Connection refused"))
        for url in ["https://127.0.0.1:1", "ws://127.0.0.1:1"] {
            #expect(try CommandRun.agenthub("top", "--once", "--url", url).code == 3)
        }
        for url in ["ftp://127.0.0.1:1", "127.0.0.1:1", "http://a b"] {
            let run = try CommandRun.agenthub("top", "--once", "--url", url)
            #expect(run.code == 2 && run.complaint.lowercased().contains("url"))
        }
    }

    @Test(
        "the terminal is followed in its size and given back as it was, however the program ends",
        arguments: ["q", "TERM", "INT", "HUP", "SEGV", "hangup"])
    func terminal(how: String) throws {
        let hub = try Answering(Self.metrics)
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Operations/terminal.py").path
        let run = try CommandRun.shell("timeout 200 python3 '\(script)' \"$agenthub\" \(hub.url) \(how)")
        #expect(run.code == 0, "\(run.complaint)")
        #expect(run.output == (how == "hangup" ? "ended\n" : "restored\n"))
    }
}
