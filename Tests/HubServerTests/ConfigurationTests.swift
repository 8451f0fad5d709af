import HubConnection
import HubModel
import HubProtocols
import HubRouter
import HubStorage
import HubSystem
import Testing

@testable import HubServer

/// Configurations from flags, environment and file.
@Suite struct ConfigurationTests {
    private func load(
        _ file: String? = nil, environment: [String: String] = [:], flags: [(String, String)] = []
    ) throws(ConfigurationProblems) -> Configuration {
        var sources = ConfigurationSources()
        sources.file = file.map { ConfigurationSources.File(path: "hub.json5", text: Array($0.utf8)) }
        sources.environment = environment
        sources.flags = flags.map {
            ConfigurationSources.Flag(option: $0.0, value: $0.1, typed: "--set \($0.0)")
        }
        return try Configuration.load(sources)
    }

    private func problems(
        _ file: String? = nil, environment: [String: String] = [:], flags: [(String, String)] = []
    ) -> [String] {
        do throws(ConfigurationProblems) {
            _ = try load(file, environment: environment, flags: flags)
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }

    @Test("nothing said means the defaults, which each part of the hub has by itself as well") func defaults()
        throws
    {
        let configuration = try load()
        #expect(configuration.router == RouterSettings())
        #expect(configuration.log == LogOptions())
        #expect(configuration.retention == .everything)
        #expect(configuration.listeners.map(\.address.description) == ["127.0.0.1:8000"])
        #expect(configuration.listeners.allSatisfy { $0.tls == nil })
        #expect(!configuration.isInsecure && !configuration.showsMetricsToAnyone && configuration.probesSync)
        #expect(configuration.drainMilliseconds == 10_000)
        #expect(configuration.logging == HubLog.Settings())
        let web = configuration.web
        let usual = WebSettings()
        #expect(web.http == usual.http && web.keepAliveMilliseconds == usual.keepAliveMilliseconds)
        #expect(web.webSocket.pingAfter == usual.webSocket.pingAfter)
        #expect(web.contentBytesMax == usual.contentBytesMax && !web.compresses)
        #expect(web.handshake.deflate == nil)
        let connections = configuration.connections
        let standard = ConnectionSettings()
        #expect(connections.idleMilliseconds == standard.idleMilliseconds)
        #expect(connections.outboundHighWater == standard.outboundHighWater)
        #expect(connections.outboundLowWater == standard.outboundLowWater)
        #expect(connections.acceptsPerSecondMax == standard.acceptsPerSecondMax)
        #expect(connections.writeMilliseconds == standard.writeMilliseconds)
        #expect(configuration.admission().totalMax == 100_000)
        #expect(configuration.attemptsBurst == 10 && configuration.attemptsIntervalMilliseconds == 6000)
        #expect(configuration.diskRefuseBytes < configuration.diskLowBytes)
    }

    @Test("a flag goes before a variable, that before the file, and this before the default")
    func precedence() throws {
        let file = "{ drain: '1 s', loops: 1, router: { payload_max: '1 KiB' } }"
        let environment = ["AGENTHUB_DRAIN": "2 s", "AGENTHUB_LOOPS": "2", "HOME": "/nobody"]
        let configuration = try load(file, environment: environment, flags: [("drain", "3s")])
        #expect(configuration.drainMilliseconds == 3000)
        #expect(configuration.setting(.drain).origin == .flag("--set drain"))
        #expect(configuration.loops(processors: 8) == 2)
        #expect(configuration.setting(.loops).origin == .variable("AGENTHUB_LOOPS"))
        #expect(configuration.router.payloadBytesMax == 1024)
        let payload = try #require(OptionTable.option("router.payload_max"))
        #expect(configuration.setting(payload).origin == .file("hub.json5:1:37"))
        #expect(configuration.setting(.listeners).origin == .standard)
    }

    @Test(
        "values are taken in all forms that mean them",
        arguments: [
            ("drain", "90 s", "90 s"), ("drain", "90s", "90 s"), ("drain", "120000 ms", "2 min"),
            ("drain", "1h", "1 h"),
            ("drain", "0 s", "0 ms"), ("router.payload_max", "65536", "64 KiB"),
            ("router.payload_max", "64KiB", "64 KiB"),
            ("router.payload_max", "64 kB", "64000 B"), ("access.insecure", "yes", "true"),
            ("access.insecure", "0", "false"),
            ("consumer.backoff.factor", "1.5", "1.5"), ("consumer.backoff.factor", "3", "3.0"),
            ("loops", "none", "none"),
            ("http.origins", "https://a.org,http://b.org:80", "https://a.org,http://b.org:80"),
            ("http.origins", "*", "*"),
            ("http.origins", "['https://a.org']", "https://a.org"), ("http.origins", "[]", "[]"),
            (
                "listeners", "127.0.0.1:1,unix:/run/x",
                #"[{"address":"127.0.0.1:1"},{"address":"unix:/run/x"}]"#
            ),
            ("listeners", "{address: '[::1]:80'}", #"[{"address":"[::1]:80"}]"#),
            (
                "log.retention.topics", "[{pattern: 'a.>', age: '7 d', records: 5}]",
                #"[{"pattern":"a.>","age":"7 d","records":5}]"#
            ),
        ])
    func forms(name: String, text: String, shown: String) throws {
        let option = try #require(OptionTable.option(name))
        for configuration in [
            try load(flags: [(name, text)]), try load(environment: [option.variable: text]),
        ] {
            let value = configuration.setting(option).value
            #expect(option.text(of: value) == shown)
            // What is shown is taken again.
            #expect(try load(flags: [(name, shown)]).setting(option).value == value)
        }
    }

    @Test("everything that is wrong is said at once, each with its place") func allAtOnce() {
        let file = """
            {
              listeners: [{ addres: "0.0.0.0:1" }, { address: "localhost:80" }, 5],
              drian: "10 s", router: 5,
              log: { retention: { age: "10", topics: [{ pattern: "a..b" }] } },
              payload_max: 3,
              logging: { level: "informal", file: 3 },
              consumer: { in_flight: 0, backoff: { factor: 0.5 } },
            }
            """
        let found = problems(
            file, environment: ["AGENTHUB_LOOPS": "two"], flags: [("drain", "9"), ("drian", "9 s")])
        let expected = [
            "hub.json5:2:17: listeners[] has no option addres; did you mean \"address\"?",
            "hub.json5:2:15: an entry of listeners needs address",
            "hub.json5:2:42: address: \"localhost:80\" has a name; write 127.0.0.1:8000",
            "hub.json5:2:69: an entry of listeners is an object with address, or its text",
            "hub.json5:3:3: there is no option drian; did you mean \"drain\"?",
            "hub.json5:3:18: router is a whole number; it is a section, an object",
            "hub.json5:4:23: log.retention.age is \"10\"; allowed is a time as in \"30 s\", 1 s to 3650 d, or none",
            "hub.json5:4:45: pattern: the topic pattern has an empty token at byte 2; a topic pattern has 1 to 255 bytes of printable UTF-8",
            "hub.json5:5:3: there is no option payload_max; did you mean \"router.payload_max\"?",
            "hub.json5:6:14: logging.level is \"informal\"; allowed is \"debug\", \"info\", \"notice\", \"warning\" or \"error\"",
            "hub.json5:6:33: logging.file is 3; allowed is a path, or none",
            "hub.json5:7:15: consumer.in_flight is 0; allowed is a whole number, 1 to 65536",
            "hub.json5:7:40: consumer.backoff.factor is 0.5; allowed is a number, 1.0 to 100.0",
            "AGENTHUB_LOOPS: loops is \"two\"; allowed is a whole number, 1 to 256, or none",
            "--set drain: drain is \"9\"; allowed is a time as in \"30 s\", 0 ms to 1 h",
            "--set drian: there is no option drian; did you mean \"drain\"?",
        ]
        #expect(found.count == expected.count)
        for (found, expected) in zip(found, expected) { #expect(found == expected) }
    }

    @Test(
        "what does not go together is refused",
        arguments: [
            (
                "{ connections: { outbound_high: '64 MiB' } }",
                "1:18: connections.outbound_high (64 MiB) exceeds connections.outbound_max (32 MiB, the default)"
            ),
            (
                "{ connections: { outbound_max: '512 KiB' } }",
                "1:18: connections.outbound_high (1 MiB, the default) exceeds connections.outbound_max (512 KiB)"
            ),
            (
                "{ consumer: { backoff: { max: '500 ms' } } }",
                "1:26: consumer.backoff.initial (1 s, the default) exceeds consumer.backoff.max (500 ms)"
            ),
            (
                "{ listeners: [{ address: '127.0.0.1:1', tls: { certificate: 'a' } }] }",
                "1:15: 127.0.0.1:1: tls.key is missing; certificate and key belong together"
            ),
            (
                "{ listeners: [{ address: '127.0.0.1:1', tls: { client_ca: 'a' } }] }",
                "1:15: 127.0.0.1:1: tls.client_ca and tls.client_crl need tls.certificate and tls.key"
            ),
            (
                "{ listeners: [{ address: '127.0.0.1:1', tls: { certificate: 'a', key: 'b', clients: 'required' } }] }",
                "1:15: 127.0.0.1:1: tls.clients is \"required\", which needs tls.client_ca"
            ),
            ("{ listeners: ['127.0.0.1:1', '127.0.0.1:1'] }", "1:30: 127.0.0.1:1 is there twice"),
            (
                "{ log: { retention: { topics: ['a'] } } }",
                "1:32: an entry of log.retention.topics limits age, bytes or records"
            ),
            (
                "{ http: { origins: ['a.org'] } }",
                "1:11: \"a.org\" is no origin; write https://example.org, without a path, or *"
            ),
        ])
    func contradictions(file: String, sentence: String) {
        #expect(problems(file).contains("hub.json5:\(sentence)"), "\(problems(file))")
    }

    @Test(
        "a file that cannot be read is one problem",
        arguments: [
            ("", "hub.json5:1:1: expected a value, but the text ends here"),
            ("[]", "hub.json5:1:1: a configuration is an object, in braces"),
            ("{ drain: 10 s }", "hub.json5:1:13: expected a comma or }, found s"),
            ("{ loops: 1, loops: 2 }", "hub.json5:1:13: loops is there twice in one object"),
        ])
    func unreadable(file: String, sentence: String) {
        #expect(problems(file) == [sentence])
    }

    @Test("two ports that the system chooses are two listeners") func chosenPorts() throws {
        #expect(try load("{ listeners: ['127.0.0.1:0', '127.0.0.1:0'] }").listeners.count == 2)
    }

    @Test("an option is given once, except that a flag for a list may be repeated") func repeated() throws {
        #expect(
            problems(flags: [("drain", "1 s"), ("loops", "1"), ("drain", "2 s")])
                == ["--set drain: drain was given by --set drain already"])
        let configuration = try load(flags: [
            ("listeners", "127.0.0.1:1"), ("listeners", "{address: '127.0.0.1:2'}"),
        ])
        #expect(configuration.listeners.map(\.address.description) == ["127.0.0.1:1", "127.0.0.1:2"])
    }

    @Test("a variable with a name nearly right is warned of, others are somebody else's") func variables()
        throws
    {
        let environment = [
            "AGENTHUB_DRIAN": "1 s", "AGENTHUB_PORT_8000_TCP_ADDR": "x", "AGENTHUB_TOKEN": "t", "PATH": "p",
        ]
        let configuration = try load(environment: environment)
        #expect(
            configuration.warnings == [
                "AGENTHUB_DRIAN: there is no such variable; did you mean \"AGENTHUB_DRAIN\"?"
            ])
    }

    @Test("a hundred problems are listed, the rest counted") func many() {
        let file = "{" + (0..<150).map { "x\($0): 1" }.joined(separator: ",") + "}"
        do throws(ConfigurationProblems) {
            _ = try load(file)
            Issue.record("taken")
        } catch {
            #expect(error.problems.count == 100)
            #expect(error.omitted == 50)
        }
    }

    @Test("settings reach the parts of the hub that they are for") func conversions() throws {
        let file = """
            { data: "/d", access: { file: "/a" }, log: { retention: { age: "1 d", bytes: "1 GiB", records: 7,
                topics: [{ pattern: "x.*", bytes: "1 MiB" }] }, checkpoint: { interval: "1 s" } },
              quota: { agent: { messages_per_second: 5 }, tenant: { stored: "1 GiB" } },
              consumer: { acknowledgement: "automatic", backoff: { factor: 1.25 } },
              http: { origins: ["*"] }, websocket: { compression: true, ping_after: "1 s" },
              listeners: [{ address: "[::1]:1", tls: { certificate: "c", key: "k", client_ca: "a", clients: "required",
                minimum: "1.3" } }] }
            """
        let configuration = try load(file)
        #expect(configuration.dataDirectory(["STATE_DIRECTORY": "/s"]) == "/d")
        #expect(configuration.accessFile(dataDirectory: "/d") == "/a")
        let limits = RetentionLimits(ageMilliseconds: 86_400_000, bytes: 1 << 30, records: 7)
        let rule = RetentionPolicy.TopicRule(try TopicPattern("x.*"), RetentionLimits(bytes: 1 << 20))
        #expect(configuration.retention == RetentionPolicy(log: limits, topics: [rule]))
        #expect(configuration.log.checkpoint.intervalMilliseconds == 1000)
        #expect(configuration.router.agentQuota.messagesPerSecond == 5)
        #expect(configuration.router.tenantQuota.storedBytes == 1 << 30)
        #expect(configuration.router.consumer.acknowledgement == .automatic)
        #expect(configuration.router.consumer.backoffFactorThousandths == 1250)
        #expect(configuration.web.handshake.deflate != nil)
        #expect(configuration.web.webSocket.pingAfter == 1_000_000_000)
        let tls = try #require(configuration.listeners.first?.tls)
        #expect(tls.paths == ["c", "k", "a"])
        #expect(tls.requiresClientCertificate && tls.minimumVersion == .tls13)
    }

    @Test(
        "without a data directory the environment says where it is",
        arguments: [
            (["STATE_DIRECTORY": "/var/lib/agenthub:/x", "HOME": "/h"], "/var/lib/agenthub"),
            (["XDG_STATE_HOME": "/x/state", "HOME": "/h"], "/x/state/agenthub"),
            (["XDG_STATE_HOME": "relative", "HOME": "/h"], "/h/.local/state/agenthub"),
            ([:], "agenthub-data"),
        ])
    func dataDirectory(environment: [String: String], expected: String) throws {
        #expect(try load().dataDirectory(environment) == expected)
    }

    @Test("changes are told apart by when they take effect") func changes() throws {
        let old = try load("{ drain: '1 s', loops: 1 }")
        let new = try load(
            "{ drain: '2 s', loops: 2, log: { retention: { age: '1 h' } }, logging: { level: 'debug' } }")
        let changes = new.changes(from: old)
        #expect(
            changes.live.map(\.description) == [
                "drain: 1 s → 2 s", "log.retention.age: none → 1 h", "logging.level: info → debug",
            ])
        #expect(changes.afterRestart.map(\.description) == ["loops: 1 → 2"])
        #expect(old.changes(from: old).isEmpty)
        let merged = new.reloaded(over: old)
        #expect(merged.drainMilliseconds == 2000)
        #expect(merged.loops(processors: 1) == 1)
        // The same entries on other lines are no change.
        let one = try load("{ listeners: ['127.0.0.1:1'] }")
        let other = try load("{\n\n listeners: ['127.0.0.1:1'] }")
        #expect(other.changes(from: one).isEmpty)
    }
}

/// The table of options, and what is made from it.
@Suite struct OptionTableTests {
    @Test("names, variables and flags are told apart, and each option says what it is and why") func table() {
        let options = OptionTable.options
        #expect(Set(options.map(\.name)).count == options.count)
        #expect(Set(options.map(\.variable)).count == options.count)
        let flags = options.compactMap(\.flag?.name)
        #expect(Set(flags).count == flags.count)
        for option in options {
            #expect(option.summary.hasSuffix("."), "\(option.name)")
            #expect(option.reason.hasSuffix(".") && option.reason.count > 10, "\(option.name)")
            #expect(option.name.allSatisfy { $0.isLowercase || $0 == "." || $0 == "_" }, "\(option.name)")
        }
        for section in OptionTable.sections where !section.name.isEmpty {
            #expect(section.options.allSatisfy { $0.name.hasPrefix(section.name + ".") })
        }
    }

    @Test("each default is a value that is allowed, in a file and on a command line") func standards() throws
    {
        for option in OptionTable.options {
            var faults: [OptionFault] = []
            #expect(
                option.value(option.json(of: option.standard), at: JSONPath(), &faults) == option.standard)
            let text = try option.json(fromText: option.text(of: option.standard))
            #expect(option.value(text, at: JSONPath(), &faults) == option.standard, "\(option.name)")
            #expect(faults.isEmpty)
        }
    }

    @Test("the bounds of numbers hold, and what is beyond them does not") func bounds() {
        var looked = 0
        for option in OptionTable.options {
            let range: ClosedRange<Int64>
            switch option.kind {
            case .number(let bounds), .bytes(let bounds), .duration(let bounds): range = bounds
            default: continue
            }
            looked += 1
            var faults: [OptionFault] = []
            for value in [range.lowerBound, range.upperBound] {
                let json = option.json(of: .number(value))
                #expect(option.value(json, at: JSONPath(), &faults) == .number(value), "\(option.name)")
            }
            #expect(faults.isEmpty)
            for value in [range.lowerBound - 1, range.upperBound + 1] {
                _ = option.value(option.json(of: .number(value)), at: JSONPath(), &faults)
            }
            #expect(faults.count == 2, "\(option.name)")
        }
        #expect(looked > 50)
    }

    @Test("the documented file is taken as it is, and with nothing commented out says the defaults")
    func file() throws {
        var sources = ConfigurationSources()
        sources.file = ConfigurationSources.File(path: "f", text: Array(OptionPages.file.utf8))
        #expect(try Configuration.load(sources).changes(from: Configuration()).isEmpty)
        let active = OptionPages.file.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let text = line.drop { $0 == " " }
            let name = text.dropFirst(3).prefix { $0.isLowercase || $0 == "_" }
            let isOption =
                text.hasPrefix("// ") && text.hasSuffix(",") && !name.isEmpty
                && text.dropFirst(3 + name.count).hasPrefix(": ")
            return isOption ? String(text.dropFirst(3)) : String(line)
        }
        sources.file = ConfigurationSources.File(path: "f", text: Array(active.joined(separator: "\n").utf8))
        let configuration = try Configuration.load(sources)
        #expect(configuration.changes(from: Configuration()).isEmpty)
        for option in OptionTable.options {
            #expect(configuration.setting(option).origin != .standard, "\(option.name)")
        }
    }

    @Test(
        "units are read and written",
        arguments: [
            ("1 s", 1000), ("1s", 1000), ("15 min", 900_000), ("0 ms", 0), ("2 d", 172_800_000), ("1", nil),
            ("s", nil),
            ("-1 s", nil), ("1.5 s", nil), ("1 m", nil), ("1 S", nil), ("", nil), ("1 s ", nil), ("٣ s", nil),
            ("9223372036854775807 s", nil), ("92233720368547758070 ms", nil),
        ] as [(String, Int64?)])
    func times(text: String, value: Int64?) {
        #expect(UnitText.read(text, UnitText.times) == value)
        if let value {
            #expect(UnitText.read(UnitText.write(value, UnitText.times), UnitText.times) == value)
        }
    }
}
