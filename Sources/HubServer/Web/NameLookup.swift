package import HubSystem
import Synchronization

/// Looks up hosts' addresses on threads of its own: the system's resolver may take seconds, and no loop can wait for it.
///
/// A host that does not answer holds up one thread and those that were given to it; the other threads go on.
package final class NameLookup: Sendable {
    private struct Question: Sendable {
        let host: String
        let port: UInt16
        let answer: @Sendable ([SocketAddress]) -> Void
    }

    private let queues: [Channel<Question>]
    private let threads: [SystemThread]
    private let next = Atomic(0)

    /// Starts so many threads, each of which has up to `waitingMax` questions waiting.
    package init(threads count: Int = 4, waitingMax: Int = 256) throws(SystemError) {
        precondition(count > 0)
        var queues: [Channel<Question>] = []
        var threads: [SystemThread] = []
        for number in 0..<count {
            let queue = try Channel<Question>(capacity: waitingMax)
            queues.append(queue)
            do {
                threads.append(try SystemThread(name: "lookup-\(number)") { Self.run(queue) })
            } catch {
                for queue in queues { queue.close() }
                for thread in threads { thread.join() }
                throw error
            }
        }
        self.queues = queues
        self.threads = threads
    }

    deinit {
        // The last one to hold it may be an answer, on one of the threads: nobody is waited for here.
        for queue in queues { queue.close() }
    }

    private static func run(_ queue: Channel<Question>) {
        while let question = queue.take(waitingMilliseconds: -1) {
            let addresses = SocketAddress.resolve(host: question.host, port: question.port)
            question.answer(addresses)
        }
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
