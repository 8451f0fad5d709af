package import HubSystem
import Synchronization

/// Looks up hosts' addresses on threads of its own: the system's resolver may take seconds, and no loop can wait for it.
///
/// A host that does not answer holds up one thread and those that were given to it; the other threads go on. What was
/// found is remembered for a while, so that a host which is called often is not looked up each time.
package final class NameLookup: Sendable {
    private struct Question: Sendable {
        let host: String
        let port: UInt16
        let answer: @Sendable ([SocketAddress]) -> Void
    }

    private let queues: [Channel<Question>]
    private let threads: [SystemThread]
    private let next = Atomic(0)
    private let memory: Memory

    /// What threads remember together; they outlive the object that started them by an answer.
    private final class Memory: Sendable {
        let cache: Mutex<NameCache>
        init(_ cache: NameCache) { self.cache = Mutex(cache) }

        func addresses(of host: String, port: UInt16) -> [SocketAddress]? {
            let now = SystemClock.monotonicNanoseconds()
            return cache.withLock { $0.addresses(of: host, port: port, now: now) }
        }
    }

    /// Starts so many threads, each of which has up to `waitingMax` questions waiting.
    package init(
        threads count: Int = 4, waitingMax: Int = 256,
        cache: NameCache = NameCache(hostsMax: 1024, holdsMilliseconds: 30_000, missingMilliseconds: 5_000)
    ) throws(SystemError) {
        precondition(count > 0)
        let memory = Memory(cache)
        var queues: [Channel<Question>] = []
        var threads: [SystemThread] = []
        for number in 0..<count {
            let queue = try Channel<Question>(capacity: waitingMax)
            queues.append(queue)
            do {
                threads.append(try SystemThread(name: "lookup-\(number)") { Self.run(queue, memory) })
            } catch {
                for queue in queues { queue.close() }
                for thread in threads { thread.join() }
                throw error
            }
        }
        self.queues = queues
        self.threads = threads
        self.memory = memory
    }

    deinit {
        // The last one to hold it may be an answer, on one of the threads: nobody is waited for here.
        for queue in queues { queue.close() }
    }

    private static func run(_ queue: Channel<Question>, _ memory: Memory) {
        while let question = queue.take(waitingMilliseconds: -1) {
            // Many may have asked for the same host before the first answer came.
            if let known = memory.addresses(of: question.host, port: question.port) {
                question.answer(known)
                continue
            }
            let addresses = SocketAddress.resolve(host: question.host, port: question.port)
            let now = SystemClock.monotonicNanoseconds()
            memory.cache.withLock { $0.remember(addresses, of: question.host, now: now) }
            question.answer(addresses)
        }
    }

    /// A host's addresses if they were found a short while ago, empty if there were none; nil if somebody has to be asked.
    /// Waits for nobody, so a loop may look here first.
    package func known(host: String, port: UInt16) -> [SocketAddress]? {
        memory.addresses(of: host, port: port)
    }

    /// Asks for a host's addresses; false if too many questions wait already. The answer, empty if there are none, comes on
    /// another thread: it should only send a loop a message.
    package func ask(
        host: String, port: UInt16, _ answer: @escaping @Sendable ([SocketAddress]) -> Void
    ) -> Bool {
        let first = next.wrappingAdd(1, ordering: .relaxed).oldValue
        var question: Question? = Question(host: host, port: port, answer: answer)
        for offset in queues.indices {
            queues[Int(UInt(bitPattern: first &+ offset) % UInt(queues.count))].offer(&question)
            if question == nil { return true }
        }
        return false
    }

    /// Answers what was asked and ends.
    package func stop() {
        for queue in queues { queue.close() }
        for thread in threads { thread.join() }
    }
}
