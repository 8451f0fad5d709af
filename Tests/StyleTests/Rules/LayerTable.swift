/// The layers: what each target in `Sources` may import. `docs/architecture.md` shows the same table, and
/// `Package.swift` declares the same dependencies; rules compare all three.
enum LayerTable {
    /// The allowed imports of each Swift target, lowest layer first.
    static let layers: KeyValuePairs<String, Set<String>> = [
        "HubBytes": [],
        "HubModel": ["HubBytes"],
        "HubSystem": ["HubBytes", "CLinux", "Glibc", "Synchronization"],
        "HubTiming": [],
        "HubStorage": ["HubBytes", "HubModel", "HubSystem", "CLMDB", "CChecksum", "Synchronization"],
        "HubRouter": ["HubBytes", "HubModel", "HubTiming"],
        "HubProtocols": ["HubBytes", "HubModel", "CZlib"],
        "HubConnection": ["HubBytes", "HubSystem", "HubTiming", "COpenSSL", "Synchronization"],
        "HubServer": [
            "HubBytes", "HubModel", "HubSystem", "HubStorage", "HubRouter", "HubProtocols", "HubConnection",
            "Synchronization", "FoundationEssentials",
        ],
        "HubClient": [
            "HubBytes", "HubModel", "HubSystem", "HubProtocols", "HubConnection", "Synchronization",
        ],
        "agenthub": [
            "HubBytes", "HubModel", "HubSystem", "HubStorage", "HubProtocols", "HubConnection", "HubServer",
            "HubClient", "FoundationEssentials",
        ],
    ]

    /// Each C module of ours and the one target that may import it.
    static let doors = [
        "CLMDB": "HubStorage", "CChecksum": "HubStorage", "CZlib": "HubProtocols",
        "COpenSSL": "HubConnection", "CLinux": "HubSystem",
    ]

    /// Programs that measure us beside the bare library, and so need it.
    static let comparisons = ["bench/StorageBench/": "CLMDB"]

    /// Modules that come with the toolchain, so that `Package.swift` does not name them.
    static let toolchainModules: Set = ["Glibc", "Synchronization", "FoundationEssentials"]

    /// The allowed imports of a target; nil if it is not in the table.
    static func imports(of target: String) -> Set<String>? {
        layers.first { $0.key == target }?.value
    }
}
