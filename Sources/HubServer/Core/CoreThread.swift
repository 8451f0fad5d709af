import HubModel
import HubRouter
package import HubStorage
import HubSystem
import Synchronization

/// The core on a thread of its own.
package final class CoreThread: Sendable {
    private let links: CoreLinks
    private let thread: SystemThread

    /// Recovers the router on the thread, and begins to serve. Fails if the log cannot be read.
    package init(
        _ settings: CoreSettings, _ links: CoreLinks, _ storage: StorageThread, _ metrics: HubMetrics,
        progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
    ) throws(StorageError) {
        let outcome = Outcome()
        self.links = links
        do throws(SystemError) {
            let started = try Channel<Bool>(capacity: 1)
            thread = try SystemThread(name: "core") {
                do throws(StorageError) {
                    let recovered = try Recovered(
                        storage, settings.router, now: Core.clock(), progress: progress)
                    var core = Core(settings, links, storage, metrics, recovered)
                    let waiter = try CoreWaiter(links, core.pipeline)
                    started.send(true)
                    core.run(waiter)
                } catch {
                    outcome.failure.withLock { $0 = error }
                    started.send(false)
                }
            }
            _ = started.take(waitingMilliseconds: -1)
        } catch {
            throw StorageError(error, path: "")
        }
        if let failure = outcome.failure.withLock({ $0 }) {
            thread.join()
            throw failure
        }
    }

    private final class Outcome: Sendable {
        let failure = Mutex<StorageError?>(nil)
    }

    /// Writes what there is, and ends.
    package func stop() {
        links.stop()
        thread.join()
    }
}

/// What the core waits for while there is nothing to do.
struct CoreWaiter: ~Copyable {
    private var set: EpollSet
    private let links: CoreLinks

    init(_ links: CoreLinks, _ pipeline: borrowing BlockPipeline) throws(StorageError) {
        self.links = links
        do throws(SystemError) {
            let set = try EpollSet(eventsMax: 8)
            try set.add(pipeline.descriptor, .input, token: 0)
            try set.add(links.intakes.arrivals.descriptor, .input, token: 1)
            try set.add(links.pages.arrivals.descriptor, .input, token: 2)
            try set.add(links.wake.descriptor, .input, token: 3)
            self.set = set
        } catch {
            throw StorageError(error, path: "")
        }
    }

    mutating func wait(milliseconds: Int, _ pipeline: borrowing BlockPipeline) {
        let count = set.wait(milliseconds: milliseconds)
        for index in 0..<max(0, count) {
            switch set.event(index).token {
            case 0: pipeline.clearArrivals()
            case 1: links.intakes.arrivals.clear()
            case 2: links.pages.arrivals.clear()
            default: links.wake.clear()
            }
        }
    }
}

extension Core {
    /// Turns until it is told to stop and nothing is on its way.
    mutating func run(_ waiter: consuming CoreWaiter) {
        while true {
            let isBusy = turn()
            if links.isStopping, !isBusy, pipeline.blocksOnTheWay == 0, pipeline.openRecords == 0 { break }
            if isBusy { continue }
            waiter.wait(milliseconds: waitMilliseconds, pipeline)
        }
        links.orders.close()
        links.pages.close()
    }

    /// How long there is nothing to do, if nothing comes in.
    private var waitMilliseconds: Int {
        // A loop that is slow to take what it is sent does not say when it has.
        if outboxes.isHeld { return 1 }
        var deadline = reads.nextDeadline
        if let due = router.nextDeadline { deadline = min(deadline ?? due, due) }
        let most = links.isStopping ? 1 : 500
        guard let deadline else { return most }
        let micros = deadline.microseconds - Core.clock().microseconds
        return Int(min(max(0, (micros + 999) / 1000), Int64(most)))
    }
}
