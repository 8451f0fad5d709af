import HubStorage
import HubSystem
import Synchronization

/// Looks every few seconds at what nobody tells the hub of: how much room the disk has, and whether checkpoints and
/// retention work.
final class Housekeeper: Sendable {
    private let thread: SystemThread?
    private let shared: Shared

    private final class Shared: Sendable {
        let isStopping = Atomic(false)
    }

    private static let pauseMilliseconds = 2000
    private static let stepMilliseconds = 100

    init(_ settings: HubSettings, _ metrics: HubMetrics, _ storage: StorageThread) {
        let shared = Shared()
        self.shared = shared
        // Without it the hub works, and says less of itself.
        thread = try? SystemThread(name: "housekeeper") {
            var watch = DiskWatch(
                lowBytes: settings.diskLowBytes,
                refuseBytes: min(settings.diskRefuseBytes, settings.diskLowBytes))
            if settings.probesSync, let probe = try? SyncProbe.run(in: settings.directory) {
                metrics.health.update { $0.probe = probe }
                settings.journal?.info("the disk was probed", ["syncing": LogValue(probe.sentence)])
                if let warning = probe.warning {
                    settings.journal?.warning(
                        "the disk may not keep what it promises", ["reason": LogValue(warning)])
                }
            }
            while !shared.isStopping.load(ordering: .acquiring) {
                let level = try? watch.look(at: settings.directory, metrics.health)
                if let level = level ?? nil {
                    settings.journal?.warning("room on the disk", ["level": LogValue(level.rawValue)])
                }
                if let trouble = storage.trouble {
                    settings.journal?.error(
                        "the log cannot be looked after", ["reason": LogValue(trouble.description)])
                }
                Self.pause(shared)
            }
        }
    }

    private static func pause(_ shared: Shared) {
        var left = pauseMilliseconds
        while left > 0, !shared.isStopping.load(ordering: .acquiring) {
            SystemClock.sleep(milliseconds: stepMilliseconds)
            left -= stepMilliseconds
        }
    }

    func stop() {
        shared.isStopping.store(true, ordering: .releasing)
        thread?.join()
    }
}
