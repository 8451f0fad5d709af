package import HubConnection
import HubModel
package import HubStorage
package import HubSystem
import Synchronization

/// A hub that runs: its threads, from the sockets to the disk.
package final class Hub: Sendable {
    /// Why a hub does not start.
    package enum Failure: Error, CustomStringConvertible {
        /// The log is not there, is not to be had, or is damaged.
        case storage(StorageError)
        /// An address cannot be listened on.
        case listening(SocketAddress, SystemError)
        /// The hub must not listen there without credentials.
        case refused(ListeningPolicy.Refused)
        /// The system refuses threads or descriptors.
        case system(SystemError)

        /// What went wrong, in a sentence.
        package var description: String {
            switch self {
            case .storage(let error): error.description
            case .listening(let address, let error): "cannot listen on \(address): \(error)"
            case .refused(let refused): refused.description
            case .system(let error): error.description
            }
        }
    }

    /// Where it listens, with the ports that the system chose.
    package let addresses: [SocketAddress]
    /// What the hub counts, and how it is.
    package let metrics: HubMetrics
    /// What the operator should know of where it listens.
    package let warnings: [String]
    /// What all loops share.
    package let context: HubContext
    /// The log's side for reading.
    package var reader: any LogReader { storage.reader }
    /// What the loops and listeners count.
    package let loops: LoopGroup<LoopMessage>
    /// What happened to requests and WebSockets.
    package let webCounters: WebCounters
    private let settings: HubSettings
    private let storage: StorageThread
    private let pages: ReaderThread
    private let core: CoreThread
    private let housekeeper: Housekeeper
    private let isStopped = Atomic(false)

    /// Opens the log, recovers the router, and begins to listen; `progress` hears of the recovery.
    package init(
        _ settings: HubSettings, progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
    ) throws(Failure) {
        self.settings = settings
        let policies = try Self.policies(settings)
        warnings = policies.flatMap(\.warnings)
        let metrics = HubMetrics(version: settings.version)
        self.metrics = metrics
        let (storage, core, links) = try Self.openLog(settings, metrics, progress)
        self.storage = storage
        self.core = core
        let counters = WebCounters()
        webCounters = counters
        do throws(SystemError) {
            pages = try ReaderThread(links, storage.reader)
            let library = try Library(storage.reader)
            let walks = try Library(
                storage.reader, name: "walks", threads: 1, waitingMax: settings.gateway.walksWaitingMax)
            let context = HubContext(
                settings, policies.map(\.admission), links, library, walks: walks, metrics,
                epoch: storage.reader.bounds.epoch)
            self.context = context
            var web = settings.web
            for (number, endpoint) in settings.endpoints.enumerated() {
                if let tls = endpoint.tls { web.tls[UInt32(number)] = tls }
            }
            let webSettings = web
            loops = try LoopGroup(
                count: settings.loops, settings: settings.connection,
                admission: AdmissionLimits(
                    totalMax: settings.connectionsMax, perAddressMax: settings.connectionsPerAddressMax)
            ) { number in
                WebHandler(Gateway(context, loop: number), webSettings, counters: counters)
            }
            links.serve(loops.loops)
        } catch {
            core.stop()
            storage.close()
            throw .system(error)
        }
        for loop in loops.loops { metrics.add(loop.counters) }
        metrics.add(counters)
        do throws(Failure) { addresses = try Self.listen(settings, loops) } catch {
            core.stop()
            storage.close()
            throw error
        }
        metrics.health.update { $0.phase = .serving }
        housekeeper = Housekeeper(settings, metrics, storage)
        settings.journal?.notice(
            "the hub is ready",
            [
                "version": LogValue(settings.version), "directory": LogValue(settings.directory),
                "epoch": LogValue(context.epoch.description),
                "head": LogValue(storage.reader.bounds.head.description),
                "listens": LogValue(addresses.map(\.description).joined(separator: " ")),
            ])
        for warning in warnings { settings.journal?.warning("access", ["warning": LogValue(warning)]) }
    }

    private static func policies(_ settings: HubSettings) throws(Failure) -> [ListeningPolicy] {
        let hasCredentials = settings.authenticator.slot.current.hasCredentials
        var policies: [ListeningPolicy] = []
        for endpoint in settings.endpoints {
            do throws(ListeningPolicy.Refused) {
                policies.append(
                    try ListeningPolicy.decide(
                        endpoint.place, hasCredentials: hasCredentials, insecure: settings.isInsecure))
            } catch {
                throw .refused(error)
            }
        }
        return policies
    }

    /// Whoever gives out tokens before the hub first runs has made the directory with them.
    private static func logOptions(_ settings: HubSettings) -> LogOptions {
        var options = settings.log
        options.neighbours = [AccessFile.name]
        return options
    }

    private static func openLog(
        _ settings: HubSettings, _ metrics: HubMetrics, _ progress: @escaping @Sendable (Int, Int) -> Void
    ) throws(Failure) -> (StorageThread, CoreThread, CoreLinks) {
        do throws(StorageError) {
            let (directory, options) = (settings.directory, Self.logOptions(settings))
            var coreSettings = settings.core
            coreSettings.journal = settings.journal
            let storage = try StorageThread(clock: { Core.clock() }) { () throws(StorageError) in
                metrics.storage.measuring(
                    try LMDBLog.open(directory, options: options, now: Core.clock()))
            }
            metrics.storage.watch(storage.reader, directory: directory)
            let links: CoreLinks
            do throws(SystemError) { links = try CoreLinks(loops: settings.loops) } catch {
                storage.close()
                throw StorageError(error, path: directory)
            }
            do throws(StorageError) {
                let core = try CoreThread(coreSettings, links, storage, metrics) { done, all in
                    metrics.health.update { $0.phase = .recovering(done: done, of: all) }
                    progress(done, all)
                }
                return (storage, core, links)
            } catch {
                storage.close()
                throw error
            }
        } catch {
            throw .storage(error)
        }
    }

    private static func listen(
        _ settings: HubSettings, _ loops: LoopGroup<LoopMessage>
    ) throws(Failure) -> [SocketAddress] {
        var addresses: [SocketAddress] = []
        for (number, endpoint) in settings.endpoints.enumerated() {
            do throws(SystemError) {
                addresses.append(try loops.listen(endpoint.address, tag: UInt32(number)))
            } catch {
                loops.stop(graceMilliseconds: 0)
                throw .listening(endpoint.address, error)
            }
        }
        return addresses
    }

    /// Lets connections go, writes what there is, and ends all threads. Connections are closed one after another over
    /// half of the time, so that agents do not all come to a successor at once.
    package func stop() {
        guard !isStopped.exchange(true, ordering: .acquiringAndReleasing) else { return }
        settings.journal?.notice("the hub goes down")
        let left = loops.count(.open)
        metrics.health.update { $0.phase = .draining(connectionsLeft: left) }
        let spread = settings.drainMilliseconds / 2
        for number in loops.loops.indices {
            context.links.tell(loop: number) { gateway, web, loop in
                gateway.drain(overMilliseconds: spread, &web, &loop)
            }
        }
        let began = SystemClock.monotonicNanoseconds()
        // Whoever only asks by HTTP has an answer, or asks again elsewhere.
        while context.conversations.load(ordering: .relaxed) > 0,
            elapsed(since: began) < settings.drainMilliseconds
        {
            SystemClock.sleep(milliseconds: 5)
        }
        loops.stop(graceMilliseconds: 1000)
        housekeeper.stop()
        core.stop()
        pages.join()
        context.walks.close()
        context.library.close()
        storage.close()
    }

    /// Takes over what of another configuration can be while the hub runs: who gets in, certificates, what is kept.
    package func reload(_ newer: Configuration) throws(ConfigurationProblems) {
        try newer.renewCertificates(of: settings.endpoints)
        do throws(AccessError) {
            try context.authenticator.slot.reload(
                AccessFile(path: newer.accessFile(dataDirectory: settings.directory)))
        } catch {
            throw ConfigurationProblems([
                ConfigurationProblem(place: "access.file", message: error.description)
            ])
        }
        storage.setRetention(newer.retention)
        settings.journal?.level = newer.logging.level
        settings.journal?.reopen()
        settings.journal?.notice("the configuration was read again")
    }

    private func elapsed(since began: UInt64) -> Int64 {
        Int64((SystemClock.monotonicNanoseconds() - began) / 1_000_000)
    }
}
