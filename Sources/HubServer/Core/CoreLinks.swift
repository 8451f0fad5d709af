package import HubConnection
import HubModel
package import HubSystem
import Synchronization

/// What a loop is sent by other threads.
package enum LoopMessage: Sendable {
    /// What the core has for it, and where it puts it when it has told all: memory goes round.
    case outbox(Parcel<Outbox>, emptied: Parcel<Outbox>)
    /// What it had handed to the core comes back, to be filled again.
    case intake(Parcel<Intake>)
    /// Something that is to be done on its thread.
    case task(LoopTask)
}

/// What joins the core with the other threads.
package final class CoreLinks: Sendable {
    /// What loops ask.
    package let intakes: Channel<Intake>
    /// Pages that are to be read.
    package let orders: Channel<PageOrder>
    /// Pages that were.
    package let pages: Channel<ReadPage>
    /// Tasks from threads that are no loops.
    private let tasks = Mutex<[CoreTask]>([])
    let wake: EventCounter
    private let stopping = Atomic(false)
    private let loops = Mutex<[LoopThread<LoopMessage>]>([])

    /// How many pages may wait to be read.
    static let ordersMax = 256

    /// Links for a core that is to be started, and that so many loops hand in to.
    package init(loops: Int) throws(SystemError) {
        intakes = try Channel(capacity: loops * Desk.handedInMax)
        orders = try Channel(capacity: Self.ordersMax)
        pages = try Channel(capacity: Self.ordersMax)
        wake = try EventCounter()
    }

    /// The loops that are served, once they run. Until then nothing is sent.
    package func serve(_ threads: [LoopThread<LoopMessage>]) { loops.withLock { $0 = threads } }

    var threads: [LoopThread<LoopMessage>] { loops.withLock { $0 } }

    /// Has something done on a loop's thread. Waits while its mailbox is full: loops wait for nobody, so that it is
    /// soon emptied.
    package func tell(loop: Int, _ task: @escaping LoopTask) {
        let threads = threads
        guard loop < threads.count else { return }
        var message: LoopMessage? = .task(task)
        for _ in 0..<Self.triesMax {
            threads[loop].send(&message)
            if message == nil { return }
            SystemClock.sleep(milliseconds: 1)
        }
    }

    /// Has something done on a loop's thread, and waits for nothing: for loops, which from within a call cannot call
    /// themselves, and for the core, which everyone waits for.
    package func offer(loop: Int, _ task: @escaping LoopTask) {
        offer(loop: loop, task, tries: Self.triesMax)
    }

    private func offer(loop: Int, _ task: @escaping LoopTask, tries: Int) {
        let threads = threads
        guard loop < threads.count, tries > 0 else { return }
        var message: LoopMessage? = .task(task)
        threads[loop].send(&message)
        // Its mailbox is full: tried again in each turn of the core's.
        if message != nil { perform { core in core.links.offer(loop: loop, task, tries: tries - 1) } }
    }

    /// A loop that is gone takes nothing any more.
    private static let triesMax = 1000

    /// Has something done on the core's thread.
    package func perform(_ task: @escaping CoreTask) {
        tasks.withLock { $0.append(task) }
        wake.signal()
    }

    func takeTasks() -> [CoreTask] {
        tasks.withLock { tasks in
            defer { tasks = [] }
            return tasks
        }
    }

    /// Has the core write what it has, and end.
    package func stop() {
        stopping.store(true, ordering: .releasing)
        wake.signal()
    }

    var isStopping: Bool { stopping.load(ordering: .acquiring) }
}
