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

// The layers, lowest first. `docs/architecture.md` has the table; `StyleTests` compares it with every import.
let package = Package(
    name: "AgentHub",
    products: [
        .executable(name: "agenthub", targets: ["agenthub"]),
        .library(name: "HubClient", targets: ["HubClient"]),
    ],
    targets: [
        .target(name: "CLMDB", linkerSettings: [.linkedLibrary("lmdb")]),
        .target(name: "COpenSSL", linkerSettings: [.linkedLibrary("ssl"), .linkedLibrary("crypto")]),
        .target(name: "CLinux"),
        .target(name: "CChecksum"),
        layer("HubBytes", []),
        layer("HubModel", ["HubBytes"]),
        layer("HubSystem", ["HubBytes", "CLinux"]),
        layer("HubStorage", ["HubBytes", "HubModel", "HubSystem", "CLMDB", "CChecksum"]),
        layer("HubRouter", ["HubBytes", "HubModel"]),
        layer("HubProtocols", ["HubBytes", "HubModel"]),
        layer("HubConnection", ["HubBytes", "HubSystem", "COpenSSL"]),
        layer(
            "HubServer",
            ["HubBytes", "HubModel", "HubSystem", "HubStorage", "HubRouter", "HubProtocols", "HubConnection"]),
        layer("HubClient", ["HubBytes", "HubModel", "HubSystem", "HubProtocols", "HubConnection"]),
        .executableTarget(
            name: "agenthub",
            dependencies: [
                "HubBytes", "HubModel", "HubSystem", "HubStorage", "HubProtocols", "HubServer", "HubClient",
            ],
            swiftSettings: strict),
        tests("StyleTests", []),
        tests("HubModelTests", ["HubBytes", "HubModel"]),
        tests("HubStorageTests", ["HubBytes", "HubModel", "HubSystem", "HubStorage"]),
        tests("HubProtocolsTests", ["HubBytes", "HubProtocols"]),
        // Logs to test with; no tests of its own.
        .target(
            name: "LogSamples", dependencies: ["HubBytes", "HubModel", "HubSystem", "HubStorage"],
            path: "Tests/LogSamples", swiftSettings: common),
        tests("LogToolsTests", ["HubBytes", "HubModel", "HubSystem", "HubStorage", "LogSamples"]),
        tests("CommandLineTests", ["HubModel", "HubStorage", "LogSamples", "agenthub"]),
    ]
)
