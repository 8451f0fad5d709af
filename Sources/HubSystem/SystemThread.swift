import CLinux
import Glibc
import Synchronization

/// A thread of the operating system with a name and a body. What it works on is made inside the body, so that
/// nothing but what is `Sendable` comes in.
package final class SystemThread: Sendable {
    private struct Start {
        let name: String
        let body: @Sendable () -> Void
    }

    private final class StartBox {
        let start: Start
        init(_ start: Start) { self.start = start }
    }

    /// The system's handle, nil once joined.
    private let handle: Mutex<pthread_t?>

    /// Starts a thread.
    package init(name: String, _ body: @escaping @Sendable () -> Void) throws(SystemError) {
        var thread = pthread_t()
        // Safety: the box is retained for the new thread, which releases it; on failure it is released here.
        let box = unsafe Unmanaged.passRetained(StartBox(Start(name: name, body: body)))
        let code = unsafe pthread_create(
            &thread, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                let start = unsafe Unmanaged<StartBox>.fromOpaque(argument).takeRetainedValue().start
                unsafe clinux_name_thread(start.name)
                start.body()
                return nil
            }, box.toOpaque())
        guard code == 0 else {
            unsafe box.release()
            throw SystemError(code: code, operation: "start thread \(name)")
        }
        handle = Mutex(thread)
    }

    deinit {
        // Nobody will join it: the system forgets it when the body returns.
        handle.withLock { handle in
            if let thread = handle { _ = pthread_detach(thread) }
        }
    }

    /// Waits until the body has returned.
    package func join() {
        let thread = handle.withLock { handle in
            defer { handle = nil }
            return handle
        }
        // The handle was taken out above, so it is joined once.
        if let thread { _ = pthread_join(thread, nil) }
    }
}
