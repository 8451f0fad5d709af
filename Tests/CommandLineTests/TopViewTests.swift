import HubBytes
import HubProtocols
import HubSystem
import Testing

@testable import agenthub

/// Two looks at a hub's metrics and a size make exactly these lines.
@Suite struct TopViewTests {
    static let before = """
        agenthub_build_info{version="0.1.0",log_format="1"} 1
        agenthub_messages_received_total{kind="message"} 1000
        agenthub_messages_received_total{kind="command"} 10
        agenthub_messages_received_bytes_total 100000
        agenthub_messages_delivered_total 2000
        agenthub_refusals_total{code="bad_json"} 7
        agenthub_log_commits_total 100
        agenthub_log_records_total 1010
        agenthub_log_commit_seconds_bucket{le="0.001"} 50
        agenthub_log_commit_seconds_bucket{le="0.01"} 100
        agenthub_log_commit_seconds_bucket{le="+Inf"} 100
        process_cpu_seconds_total 5
        """

    static let now = """
        agenthub_build_info{version="0.1.0",log_format="1"} 1
        agenthub_ready 1
        agenthub_phase{phase="starting"} 0
        agenthub_phase{phase="serving"} 1
        agenthub_messages_received_total{kind="message"} 25000
        agenthub_messages_received_total{kind="command"} 30
        agenthub_messages_received_bytes_total 6244000
        agenthub_messages_delivered_total 50000
        agenthub_messages_delivered_bytes_total 12288000
        agenthub_messages_redelivered_total 3
        agenthub_refusals_total{code="bad_json"} 7
        agenthub_log_commits_total 300
        agenthub_log_records_total 25030
        agenthub_log_commit_seconds_bucket{le="0.001"} 150
        agenthub_log_commit_seconds_bucket{le="0.01"} 300
        agenthub_log_commit_seconds_bucket{le="+Inf"} 300
        agenthub_connections_open 1027
        agenthub_agent_connections 1024
        agenthub_sessions_open 1
        agenthub_log_size_bytes 1288490188
        agenthub_log_start_offset 0
        agenthub_log_head_offset 10000000
        agenthub_disk_free_bytes 12884901888
        process_cpu_seconds_total 5.68
        process_resident_memory_bytes 129394278
        process_open_fds 1050
        process_max_fds 4096
        process_start_time_seconds 1000
        agenthub_consumers{state="live"} 2
        agenthub_consumers{state="catching_up"} 1
        agenthub_consumers{state="paused"} 0
        agenthub_consumer_pending_records{tenant="default",consumer="audit"} 120000
        agenthub_consumer_pending_records{tenant="default",consumer="worker"} 0
        agenthub_consumer_pending_records{tenant="default",consumer="idle"} 0
        agenthub_consumer_in_flight{tenant="default",consumer="worker"} 64
        agenthub_consumer_dead_letters{tenant="default",consumer="worker"} 2
        agenthub_consumer_members{tenant="default",consumer="worker"} 3
        """

    static func figures(_ now: String = now, _ before: String = before) throws -> TopFigures {
        try TopFigures(
            now: now.withBytes { try MetricsText($0) }, before: before.withBytes { try MetricsText($0) },
            seconds: 2, wallSeconds: 12_520)
    }

    static func lines(_ figures: TopFigures, _ columns: Int, _ rows: Int) -> [String] {
        TopView(title: "http://hub:8000", size: Terminal.Size(columns: columns, rows: rows), style: .plain)
            .lines(figures)
    }

    @Test("an ordinary terminal has everything") func ordinary() throws {
        #expect(
            Self.lines(try Self.figures(), 80, 24) == [
                "AgentHub 0.1.0 · http://hub:8000 · serving · up 3 h 12 min",
                "",
                "Messages     in 12,010/s    out 24,000/s   again 1.5/s    refused 0/s",
                "Bytes        in 2.9 MiB/s   out 5.9 MiB/s",
                "Publish      p50 –          p99 –",
                "Commit       p50 1.0 ms     p99 9.8 ms     100/s          120.1 each",
                "Connections  1,027 open     1,024 agents   1 session",
                "Log          1.2 GiB        offsets 0 to 9,999,999 12.0 GiB free",
                "Process      CPU 34 %       123.4 MiB      1,050 of 4,096 descriptors",
                "",
                "Consumers: 2 live, 1 catching up",
                "    PENDING  IN FLIGHT       DEAD    MEMBERS  CONSUMER",
                "    120,000          0          0          0  default/audit",
                "          0         64          2          3  default/worker",
                "          0          0          0          0  default/idle",
            ])
    }

    @Test("a small terminal shows what fits, and says what does not") func small() throws {
        #expect(
            Self.lines(try Self.figures(), 44, 14) == [
                "AgentHub 0.1.0 · http://hub:8000 · serving …",
                "",
                "Messages     in 12,010/s    out 24,000/s   …",
                "Bytes        in 2.9 MiB/s   out 5.9 MiB/s",
                "Publish      p50 –          p99 –",
                "Commit       p50 1.0 ms     p99 9.8 ms     …",
                "Connections  1,027 open     1,024 agents   …",
                "Log          1.2 GiB        offsets 0 to 9,…",
                "Process      CPU 34 %       123.4 MiB      …",
                "",
                "Consumers: 2 live, 1 catching up",
                "    PENDING  IN FLIGHT       DEAD    MEMBER…",
                "    120,000          0          0          …",
                "  … and 2 more",
            ])
    }

    @Test("no size is exceeded, down to one character", arguments: 1...30, [1, 2, 13, 20, 81])
    func bounds(rows: Int, columns: Int) throws {
        let lines = Self.lines(try Self.figures(), columns, rows)
        #expect(lines.count <= rows)
        #expect(lines.allSatisfy { $0.count <= columns })
    }

    @Test("a hub that says nothing is shown as such") func nothing() throws {
        #expect(
            Self.lines(try Self.figures("", ""), 80, 24) == [
                "AgentHub ? · http://hub:8000 · unknown",
                "",
                "Messages     in 0/s         out 0/s        again 0/s      refused 0/s",
                "Bytes        in 0 B/s       out 0 B/s",
                "Publish      p50 –          p99 –",
                "Commit       p50 –          p99 –          0/s",
                "Connections  0 open         0 agents       0 sessions",
                "Log          –              no records",
                "Process      CPU 0 %        –",
                "",
                "Consumers: none",
            ])
    }

    @Test(
        "what needs attention comes first",
        arguments: [
            ("agenthub_storage_failing 1\nagenthub_ready 0", ["! blocks cannot be written: see /health"]),
            ("agenthub_disk_level 1\nagenthub_ready 1", ["! the disk is low on room"]),
            ("agenthub_disk_level 2\nagenthub_ready 0", ["! the disk has no room for new messages"]),
            ("agenthub_ready 0", ["! the hub takes no messages: see /ready"]),
            ("agenthub_dead_letters_total{reason=\"expired\"} 1", ["! messages go to the dead letters"]),
            (
                "agenthub_consumer_stalls_total 1\nagenthub_log_maintenance_failures_total 1",
                [
                    "! consumers wait at their limit of messages in flight",
                    "! checkpoint or retention fails: see the hub's log",
                ]
            ),
            ("process_open_fds 90\nprocess_max_fds 100", ["! 90 % of the descriptors are in use"]),
            (
                "agenthub_log_commit_seconds_bucket{le=\"0.5\"} 10\nagenthub_log_commit_seconds_bucket{le=\"+Inf\"} 10",
                ["! syncing is slow: the slowest of a hundred commits took 495.0 ms"]
            ),
            ("agenthub_ready 1", []),
        ] as [(String, [String])])
    func alerts(metrics: String, expected: [String]) throws {
        let lines = Self.lines(try Self.figures(metrics, ""), 100, 24)
        #expect(lines.filter { $0.hasPrefix("!") } == expected)
        if !expected.isEmpty { #expect(lines[1] == expected[0]) }
    }

    @Test("a counter that begins anew counts from nothing") func restart() throws {
        let figures = try Self.figures(
            "agenthub_messages_delivered_total 100", "agenthub_messages_delivered_total 5000")
        #expect(figures.delivered == 50)
    }

    @Test("names from clients do not move the cursor") func hostileNames() throws {
        let figures = try Self.figures(
            "agenthub_consumer_pending_records{tenant=\"a\",consumer=\"\u{1b}[2Jx\u{202e}\u{7f}\"} 1", "")
        #expect(Self.lines(figures, 80, 24).last?.hasSuffix("a/·[2Jx··") == true)
    }

    @Test("absurd numbers are shown as something, and end nothing") func absurd() throws {
        let names = [
            "agenthub_messages_received_total", "agenthub_messages_received_bytes_total",
            "agenthub_log_size_bytes",
            "agenthub_log_head_offset", "agenthub_log_start_offset", "process_cpu_seconds_total",
            "process_start_time_seconds", "process_open_fds", "process_max_fds", "agenthub_connections_open",
            "agenthub_log_commits_total", "agenthub_log_records_total",
        ]
        for value in ["+Inf", "-Inf", "NaN", "1e308", "-1e308", "-5", "9.3e18"] {
            let text =
                names.map { "\($0) \(value)\n" }.joined()
                + "agenthub_consumer_pending_records{tenant=\"a\",consumer=\"b\"} \(value)\n"
                + "agenthub_log_commit_seconds_bucket{le=\"1e300\"} \(value)\n"
            let figures = try Self.figures(text, "")
            #expect(Self.lines(figures, 80, 24).count > 10)
            #expect(TopJSON.line(figures).bytes.byteCount > 100)
        }
    }

    @Test("quantiles lie within their bucket, by its share") func quantiles() throws {
        let text = try """
        x_bucket{le="1"} 10
        x_bucket{le="2"} 30
        x_bucket{le="+Inf"} 40
        """.withBytes { try MetricsText($0) }
        let quantile = BucketQuantile("x", now: text, before: nil)
        #expect(quantile.count == 40)
        #expect(quantile.value(0.25) == 1)
        #expect(quantile.value(0.5) == 1.5)
        #expect(quantile.value(0.99) == 2)
        #expect(BucketQuantile("x", now: text, before: text).value(0.5) == nil)
    }
}
