// swift-tools-version: 6.2
import PackageDescription

/// What every target of ours is compiled with. Tests drop strict memory safety: they poke at bytes on purpose.
let common: [SwiftSetting] = [
    .swiftLanguageMode(.v6), .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableExperimentalFeature("Lifetimes"),
]
let strict: [SwiftSetting] = common + [.strictMemorySafety()]

func layer(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: common)
}

/// A program that measures or torments the others; nobody installs it.
func tool(
    _ name: String, _ dependencies: [Target.Dependency], path: String, _ swift: [String] = [],
    _ linker: [String] = []
) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, path: path,
        swiftSettings: common + (swift.isEmpty ? [] : [.unsafeFlags(swift)]),
        linkerSettings: linker.isEmpty ? [] : [.unsafeFlags(linker)])
}

/// Fuzzers are built by `Tests/Fuzz/run` alone: their programs have no `main`, libFuzzer brings it.
let fuzzers: [Target] =
    Context.environment["AGENTHUB_FUZZ"] == nil
    ? []
    : [
        .target(name: "Fuzzing", path: "Tests/Fuzz/Fuzzing", swiftSettings: common),
        tool(
            "BlockFuzz", ["Fuzzing", "HubBytes", "HubModel", "HubStorage"], path: "Tests/Fuzz/BlockFuzz",
            ["-sanitize=fuzzer", "-parse-as-library"], ["-sanitize=fuzzer"]),
        tool(
            "HTTPRequestFuzz", ["Fuzzing", "HubBytes", "HubProtocols", "HTTPTranscript"],
            path: "Tests/Fuzz/HTTPRequestFuzz",
            ["-sanitize=fuzzer", "-parse-as-library"], ["-sanitize=fuzzer"]),
        tool(
            "HTTPResponseFuzz", ["Fuzzing", "HubBytes", "HubProtocols", "HTTPTranscript"],
            path: "Tests/Fuzz/HTTPResponseFuzz",
            ["-sanitize=fuzzer", "-parse-as-library"], ["-sanitize=fuzzer"]),
        tool(
            "WebSocketFuzz", ["Fuzzing", "HubBytes", "HubProtocols"], path: "Tests/Fuzz/WebSocketFuzz",
            ["-sanitize=fuzzer", "-parse-as-library"], ["-sanitize=fuzzer"]),
        tool(
            "InflateFuzz", ["Fuzzing", "HubBytes", "HubProtocols"], path: "Tests/Fuzz/InflateFuzz",
            ["-sanitize=fuzzer", "-parse-as-library"], ["-sanitize=fuzzer"]),
        tool(
            "JSONFuzz", ["Fuzzing", "HubBytes", "HubProtocols"], path: "Tests/Fuzz/JSONFuzz",
            ["-sanitize=fuzzer", "-parse-as-library"], ["-sanitize=fuzzer"]),
        tool(
            "NativeFuzz", ["Fuzzing", "HubBytes", "HubModel", "HubProtocols", "NativeSamples"],
            path: "Tests/Fuzz/NativeFuzz",
            ["-sanitize=fuzzer", "-parse-as-library"], ["-sanitize=fuzzer"]),
        tool(
            "MetricsTextFuzz", ["Fuzzing", "HubBytes", "HubProtocols"], path: "Tests/Fuzz/MetricsTextFuzz",
            ["-sanitize=fuzzer", "-parse-as-library"], ["-sanitize=fuzzer"]),
        tool(
            "TLSRecordFuzz", ["Fuzzing", "HubBytes", "HubConnection"], path: "Tests/Fuzz/TLSRecordFuzz",
            ["-sanitize=fuzzer", "-parse-as-library"], ["-sanitize=fuzzer"]),
        tool(
            "CredentialFuzz",
            ["Fuzzing", "HubBytes", "HubModel", "HubConnection", "HubProtocols", "HubServer"],
            path: "Tests/Fuzz/CredentialFuzz",
            ["-sanitize=fuzzer", "-parse-as-library"], ["-sanitize=fuzzer"]),
    ]

// The layers, lowest first. `docs/architecture.md` has the table; `StyleTests` compares it with every import.
let package = Package(
    name: "AgentHub",
    products: [
        .executable(name: "agenthub", targets: ["agenthub"]),
        .library(name: "HubClient", targets: ["HubClient"]),
        // Loaded by LD_PRELOAD into processes under test; nothing links it.
        .library(name: "FaultLayer", type: .dynamic, targets: ["FaultLayer"]),
    ],
    targets: [
        .target(name: "CLMDB", linkerSettings: [.linkedLibrary("lmdb")]),
        .target(name: "COpenSSL", linkerSettings: [.linkedLibrary("ssl"), .linkedLibrary("crypto")]),
        .target(name: "CZlib", linkerSettings: [.linkedLibrary("z")]),
        .target(name: "CLinux"),
        .target(name: "CChecksum"),
        layer("HubBytes", []),
        layer("HubModel", ["HubBytes"]),
        layer("HubSystem", ["HubBytes", "CLinux"]),
        layer("HubTiming", []),
        layer("HubStorage", ["HubBytes", "HubModel", "HubSystem", "CLMDB", "CChecksum"]),
        layer("HubRouter", ["HubBytes", "HubModel", "HubTiming"]),
        layer("HubProtocols", ["HubBytes", "HubModel", "CZlib"]),
        layer("HubConnection", ["HubBytes", "HubSystem", "HubTiming", "COpenSSL"]),
        layer(
            "HubServer",
            ["HubBytes", "HubModel", "HubSystem", "HubStorage", "HubRouter", "HubProtocols", "HubConnection"]),
        layer("HubClient", ["HubBytes", "HubModel", "HubSystem", "HubProtocols", "HubConnection"]),
        .executableTarget(
            name: "agenthub",
            dependencies: [
                "HubBytes", "HubModel", "HubSystem", "HubStorage", "HubProtocols", "HubConnection",
                "HubServer",
                "HubClient",
            ],
            swiftSettings: strict),
        // The programs that the documentation prints, built so that they go on to work.
        tool("ExampleWorker", ["HubClient"], path: "docs/examples/swift/worker"),
        tool("ExamplePlanner", ["HubClient"], path: "docs/examples/swift/planner"),
        // Without the Swift runtime, which would otherwise come along into every process it is loaded into.
        .target(
            name: "FaultLayer", path: "Tests/FaultLayer",
            linkerSettings: [.unsafeFlags(["-nostartfiles", "-static-stdlib"])]),
        .target(name: "Randomness", path: "Tests/Randomness", swiftSettings: common),
        .target(
            name: "FaultTrace", dependencies: ["Randomness"], path: "Tests/FaultTrace", swiftSettings: common),
        // Records whose every byte follows from their offset: written by benchmarks and by harnesses that kill
        // the writer, and known again by whoever reads them.
        .target(
            name: "LogLoad", dependencies: ["HubBytes", "HubModel", "HubSystem", "HubStorage"],
            path: "bench/LogLoad", swiftSettings: common),
        tool(
            "StorageBench",
            ["Workbench", "LogLoad", "HubBytes", "HubModel", "HubSystem", "HubStorage", "CLMDB"],
            path: "bench/StorageBench"),
        // What benchmarks share: their command lines and figures.
        .target(name: "Workbench", path: "bench/Workbench", swiftSettings: common),
        // Stands before the C library's heap functions in programs that measure.
        .target(name: "AllocationCounter", path: "bench/AllocationCounter"),
        tool(
            "RouterBench",
            [
                "Workbench", "AllocationCounter", "HubBytes", "HubModel", "HubSystem", "HubTiming",
                "HubRouter",
            ],
            path: "bench/RouterBench"),
        tool(
            "ProtocolBench", ["Workbench", "HubBytes", "HubModel", "HubSystem", "HubProtocols"],
            path: "bench/ProtocolBench"),
        tool(
            "ConnectionBench",
            ["Workbench", "HubBytes", "HubSystem", "HubProtocols", "HubConnection", "HubServer"],
            path: "bench/ConnectionBench"),
        tool(
            "AccessBench", ["HubBytes", "HubModel", "HubConnection", "HubProtocols", "HubServer"],
            path: "bench/AccessBench"),
        tool(
            "MetricsBench", ["HubBytes", "HubModel", "HubRouter", "HubServer", "HubSystem"],
            path: "bench/MetricsBench"),
        tool(
            "ClientBench",
            ["HubBytes", "HubModel", "HubSystem", "HubProtocols", "HubConnection", "HubServer", "HubClient"],
            path: "bench/ClientBench"),
        tool("TLSBench", ["Workbench", "HubBytes", "HubSystem", "HubConnection"], path: "bench/TLSBench"),
        // Load for a hub that runs, by the native protocol.
        tool(
            "HubLoad",
            ["HubBytes", "HubModel", "HubSystem", "HubProtocols", "HubConnection", "HubServer"],
            path: "bench/HubLoad"),
        tool(
            "EchoServer", ["HubBytes", "HubProtocols", "HubConnection", "HubServer", "HubSystem"],
            path: "Tests/Conformance/EchoServer"),
        tool(
            "NativeFrames", ["HubBytes", "HubModel", "HubProtocols", "NativeSamples"],
            path: "Tests/Conformance/NativeFrames"),
        tool(
            "CrashHarness",
            ["LogLoad", "FaultTrace", "Randomness", "HubBytes", "HubModel", "HubSystem", "HubStorage"],
            path: "Tests/CrashHarness"),
        tool(
            "HubSimulation", ["HubBytes", "HubModel", "HubRouter", "HubStorage"], path: "Tests/HubSimulation"),
        tests("FaultTraceTests", ["FaultTrace", "Randomness"]),
        tests("StyleTests", []),
        tests("HubModelTests", ["HubBytes", "HubModel"]),
        tests("HubSystemTests", ["HubBytes", "HubSystem"]),
        tests("HubStorageTests", ["HubBytes", "HubModel", "HubSystem", "HubStorage", "Randomness"]),
        tests("HubRouterTests", ["HubBytes", "HubModel", "HubTiming", "HubRouter"]),
        tests("RouterContractTests", ["HubBytes", "HubModel", "HubRouter", "HubStorage"]),
        // What the HTTP readers say, written down; for tests and fuzzers.
        .target(
            name: "HTTPTranscript", dependencies: ["HubBytes", "HubProtocols"], path: "Tests/HTTPTranscript",
            swiftSettings: common),
        // Frames of the native protocol, made from a seed; for tests, fuzzers and the check against the schemas.
        .target(
            name: "NativeSamples", dependencies: ["HubBytes", "HubModel", "HubProtocols", "Randomness"],
            path: "Tests/NativeSamples", swiftSettings: common),
        tests(
            "HubProtocolsTests",
            ["HubBytes", "HubModel", "HubProtocols", "Randomness", "HTTPTranscript", "NativeSamples"]),
        // A plain socket as the other side of connections under test.
        .target(
            name: "SocketPeer", dependencies: ["HubBytes", "HubSystem", "HubConnection"],
            path: "Tests/SocketPeer",
            swiftSettings: common),
        tests(
            "HubServerTests",
            [
                "HubBytes", "HubModel", "HubSystem", "HubStorage", "HubRouter", "HubProtocols",
                "HubConnection", "HubServer", "SocketPeer", "EchoServer", "LogSamples",
            ]),
        // Who may come in and do what.
        tests(
            "AccessTests",
            [
                "HubBytes", "HubModel", "HubSystem", "HubProtocols", "HubConnection", "HubServer",
                "LogSamples",
                "Randomness",
            ]),
        tests(
            "MetricsTests",
            [
                "HubBytes", "HubModel", "HubSystem", "HubStorage", "HubRouter", "HubProtocols",
                "HubConnection",
                "HubServer",
            ]),
        tests(
            "HubClientTests",
            [
                "HubBytes", "HubModel", "HubSystem", "HubProtocols", "HubConnection", "HubServer",
                "HubClient",
                "LogSamples", "Randomness",
            ]),
        tests("HubConnectionTests", ["SocketPeer", "HubBytes", "HubSystem", "HubConnection", "TLSBench"]),
        // Logs to test with; no tests of its own.
        .target(
            name: "LogSamples",
            dependencies: ["HubBytes", "HubModel", "HubSystem", "HubStorage", "Randomness"],
            path: "Tests/LogSamples", swiftSettings: common),
        tests("LogToolsTests", ["HubBytes", "HubModel", "HubSystem", "HubStorage", "LogSamples"]),
        tests(
            "CommandLineTests",
            [
                "HubBytes", "HubModel", "HubProtocols", "HubStorage", "HubSystem", "HubClient", "LogSamples",
                "agenthub",
            ]),
        tests("CrashTests", ["CrashHarness"]),
        // Python against the program; the suites themselves are in Tests/EndToEnd.
        tests("EndToEndTests", ["agenthub"]),
        tests("SimulationTests", ["HubSimulation"]),
    ] + fuzzers
)
