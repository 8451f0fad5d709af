package import HubConnection

/// The hub's metrics: who counts what, and where all of it is read.
package final class HubMetrics: Sendable {
    /// Where all of it is read.
    package let registry = MetricsRegistry()
    /// For the router's thread.
    package let router = RouterMetrics()
    /// For the storage thread.
    package let storage = StorageMetrics()
    /// Where the hub stands, and what its disk is worth.
    package let health: HealthBoard

    /// The metrics of a hub of this version.
    package init(version: String, health: HealthBoard = HealthBoard()) {
        self.health = health
        registry.add(router)
        registry.add(storage)
        registry.add(HealthSource(board: health))
        registry.add(ProcessSource(version: version))
    }

    /// What one more I/O loop counts beside its own counters.
    package func network() -> NetworkMetrics {
        let metrics = NetworkMetrics()
        registry.add(metrics)
        return metrics
    }

    /// Has an I/O loop's counters told.
    package func add(_ counters: LoopCounters) { registry.add(LoopSource(counters: counters)) }

    /// Has the counters of a loop's HTTP and WebSocket told.
    package func add(_ counters: WebCounters) { registry.add(WebSource(counters: counters)) }
}
