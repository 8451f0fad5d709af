import CLinux

/// What one watched descriptor is ready for.
package struct Readiness: OptionSet, Sendable, BitwiseCopyable {
    /// The bits, as the system has them.
    package let rawValue: UInt32

    /// A set of bits.
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// There is something to read, the end of the stream included.
    package static let input = Readiness(rawValue: UInt32(CLINUX_IN))
    /// There is room to write.
    package static let output = Readiness(rawValue: UInt32(CLINUX_OUT))
    /// The descriptor failed. Always watched for.
    package static let error = Readiness(rawValue: UInt32(CLINUX_ERR))
    /// The other side is gone for both directions. Always watched for.
    package static let hangUp = Readiness(rawValue: UInt32(CLINUX_HUP))
}

/// Descriptors that are watched together, level-triggered: what is not dealt with is told again.
///
/// Each is watched under a token, which comes back with its events.
@safe package struct EpollSet: ~Copyable {
    private let file: FileDescriptor
    private let events: UnsafeMutablePointer<clinux_event>
    private let capacity: Int
    private var count = 0

    /// An empty set that tells of up to `eventsMax` descriptors at a time.
    package init(eventsMax: Int) throws(SystemError) {
        precondition(eventsMax > 0)
        let number = clinux_epoll_create()
        guard number >= 0 else { throw SystemError(code: -number, operation: "epoll_create1") }
        file = FileDescriptor(owning: number)
        capacity = eventsMax
        // Safety: freed in deinit; a wait says how many entries it filled.
        unsafe events = .allocate(capacity: eventsMax)
    }

    deinit {
        // Safety: the one allocation of this value; its entries need no deinitialization.
        unsafe events.deallocate()
    }

    /// Begins to watch a descriptor.
    package func add(_ descriptor: Int32, _ interest: Readiness, token: UInt64) throws(SystemError) {
        let code = clinux_epoll_add(file.number, descriptor, interest.rawValue, token)
        guard code == 0 else { throw SystemError(code: -code, operation: "epoll_ctl add") }
    }

    /// Watches a descriptor of the set for something else.
    package func change(_ descriptor: Int32, _ interest: Readiness, token: UInt64) {
        let code = clinux_epoll_modify(file.number, descriptor, interest.rawValue, token)
        precondition(code == 0, "a descriptor that was not watched is to be watched for something else")
    }

    /// Stops watching a descriptor. To be called before it is closed: a child process that inherited it would
    /// otherwise keep its events coming.
    package func remove(_ descriptor: Int32) {
        let code = clinux_epoll_remove(file.number, descriptor)
        precondition(code == 0, "a descriptor that was not watched is to be watched no more")
    }

    /// Waits for events and says how many there are; none when time is up. Negative means for ever.
    package mutating func wait(milliseconds: Int) -> Int {
        // Safety: `events` has room for as many as the call is told.
        let ready = unsafe clinux_epoll_wait(
            file.number, events, Int32(clamping: capacity), Int32(clamping: milliseconds))
        // Interrupted by a signal: nothing was ready, and the caller's deadlines are looked at once more.
        count = ready > 0 ? Int(ready) : 0
        return count
    }

    /// One of the events of the last wait.
    package func event(_ index: Int) -> (token: UInt64, readiness: Readiness) {
        precondition(index >= 0 && index < count)
        // Safety: the last wait filled the first `count` entries.
        let event = unsafe events[index]
        return (event.token, Readiness(rawValue: event.events))
    }
}

// Safety: the set has one owner; its memory goes with it.
extension EpollSet: @unchecked Sendable {}
