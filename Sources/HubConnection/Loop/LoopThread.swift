package import HubSystem
import Synchronization

/// A loop on a thread of its own, as other threads see it.
package final class LoopThread<Message: Sendable>: ConnectionInlet, Sendable {
    /// What the loop counts.
    package let counters: LoopCounters
    private let mailbox: Mailbox<LoopCommand<Message>>
    /// Connections that were handed to this loop, taken or not.
    private let offered = Atomic(0)
    private let thread = Mutex<SystemThread?>(nil)

    /// Starts a loop; what is needed of the system is there when this returns. The handler is made on the loop's
    /// thread, so it need not be such as can be sent.
    package init<Handler: ConnectionHandler & ~Copyable>(
        name: String, settings: ConnectionSettings, admission: AdmissionLimits,
        _ makeHandler: @escaping @Sendable () -> Handler
    ) throws(SystemError) where Handler.Message == Message {
        let counters = LoopCounters()
        let mailbox = try Mailbox<LoopCommand<Message>>(capacity: settings.mailboxMax)
        let started = try Channel<StartResult>(capacity: 1)
        self.counters = counters
        self.mailbox = mailbox
        let thread = try SystemThread(name: name) {
            do throws(SystemError) {
                let loop = try EventLoop(settings, counters: counters, admission: admission)
                var driver = try LoopDriver(loop, makeHandler(), mailbox)
                started.send(StartResult(failure: nil))
                driver.run()
            } catch {
                started.send(StartResult(failure: error))
            }
        }
        self.thread.withLock { $0 = thread }
        if let failure = started.take(waitingMilliseconds: -1)?.failure {
            thread.join()
            throw failure
        }
    }

    private struct StartResult: Sendable {
        let failure: SystemError?
    }

    /// Sends the loop's handler a message and leaves nil; leaves it where it is if too many wait already. The handler
    /// is then told when there is room.
    package func send(_ message: inout Message?) {
        guard let content = message else { return }
        var command: LoopCommand<Message>? = .message(content)
        mailbox.offer(&command)
        if command == nil { message = nil }
    }

    /// Has the loop accept connections, for itself or to be dealt out to several.
    package func listen(
        _ socket: consuming ListeningSocket, tag: UInt32 = 0, dealingTo inlets: [any ConnectionInlet] = []
    ) {
        var command: LoopCommand<Message>? = .listen(socket, tag: tag, inlets: inlets)
        mailbox.offer(&command, evenIfFull: true)
    }

    /// Connections that the loop has, and such as are on their way to it.
    package var load: Int { max(0, offered.load(ordering: .relaxed) + counters.balance) }

    /// Hands a connection over.
    package func offer(_ connection: inout AcceptedConnection?) {
        guard let content = connection.take() else { return }
        var command: LoopCommand<Message>? = .connection(content)
        mailbox.offer(&command)
        guard let refused = command.take() else {
            _ = offered.wrappingAdd(1, ordering: .relaxed)
            return
        }
        if case .connection(let content) = consume refused { connection = consume content }
    }

    /// Stops accepting, closes all connections, and ends the loop when they are gone, or after so many milliseconds.
    package func stop(graceMilliseconds: Int64) {
        var command: LoopCommand<Message>? = .stop(graceMilliseconds: graceMilliseconds)
        mailbox.offer(&command, evenIfFull: true)
    }

    /// Waits until the loop has ended.
    package func join() {
        let thread = thread.withLock { $0 }
        thread?.join()
    }
}
