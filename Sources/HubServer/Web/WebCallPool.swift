import HubBytes
package import HubConnection
import HubProtocols
import HubSystem

/// Requests of ours and the connections for them, by host.
struct WebCallPool {
    /// What is there for one host.
    struct Host {
        /// Connections, those being made included.
        var connections = 0
        /// Those that nothing is asked on, the latest used last.
        var idle: [ConnectionID] = []
        /// Requests that wait for one, the oldest first.
        var waiting: [ActiveCall] = []
        /// On the list of those that wait for room for another connection.
        var isBlocked = false
    }

    /// Connections to one host.
    static let connectionsMax = 8
    /// Requests that may wait for one host.
    static let waitingMax = 1024
    /// How long an unused connection is kept.
    static let idleMilliseconds: Int64 = 30_000

    var hosts: [WebCallKey: Host] = [:]
    /// Hosts whose requests wait because there are as many connections in all as may be, the longest waiting first.
    var blocked: [WebCallKey] = []
    var active: [WebCallID: ActiveCall] = [:]
    /// Requests for which there could be no connection; the application is told soon.
    var failed: [(call: ActiveCall, outcome: WebCallOutcome)] = []
    /// Connections to all hosts that nothing is asked on.
    private var idleCount = 0
    private var next: UInt64 = 0

    /// Keeps a connection that nothing is asked on.
    mutating func addIdle(_ id: ConnectionID, _ key: WebCallKey) {
        hosts[key]?.idle.append(id)
        idleCount += 1
    }

    /// Takes a host's connection that was used last.
    mutating func takeIdle(_ key: WebCallKey) -> ConnectionID? {
        guard let id = hosts[key]?.idle.popLast() else { return nil }
        idleCount -= 1
        return id
    }

    /// Takes the connection that some host has not used for longest.
    mutating func takeIdleOfAny() -> ConnectionID? {
        guard idleCount > 0, let key = hosts.first(where: { !$0.value.idle.isEmpty })?.key else { return nil }
        idleCount -= 1
        return hosts[key]?.idle.removeFirst()
    }

    /// Takes out a connection that is gone.
    mutating func dropIdle(_ id: ConnectionID, _ key: WebCallKey) {
        guard let place = hosts[key]?.idle.firstIndex(of: id) else { return }
        hosts[key]?.idle.remove(at: place)
        idleCount -= 1
    }

    /// Lets go of hosts whose requests were given up while they waited for room.
    mutating func tidyBlocked() {
        guard blocked.count > 2 * active.count + 64 else { return }
        var seen: Set<WebCallKey> = []
        blocked.removeAll { hosts[$0]?.isBlocked != true || !seen.insert($0).inserted }
    }

    /// Forgets a host that nothing is there for.
    mutating func forget(_ key: WebCallKey) {
        if let host = hosts[key], host.connections == 0, host.waiting.isEmpty { hosts[key] = nil }
    }

    mutating func makeID() -> WebCallID {
        next += 1
        return WebCallID(number: next)
    }
}

extension WebConnections {
    /// Sends a request to somebody; the application hears of `answered`. Connections are kept and used again.
    package mutating func call(
        _ call: WebCall, _ loop: inout EventLoop
    ) throws(WebRequestFault) -> WebCallID {
        if call.url.usesTLS, call.tls == nil { throw .noTLS }
        guard call.method != .other, call.method != .connect else { throw .badWord }
        if let refusal = settings.outbound.refusal(of: call.address) { throw .forbidden(refusal) }
        guard calls.active.count < settings.outboundCallsMax else { throw .tooMany }
        let active: ActiveCall
        let deadline = loop.moment(after: call.timeoutMilliseconds)
        do throws(HTTPFieldFault) { active = try ActiveCall(calls.makeID(), call, deadline: deadline) } catch
        {
            throw .badField(error)
        }
        guard calls.hosts[active.key]?.waiting.count ?? 0 < WebCallPool.waitingMax else { throw .tooMany }
        counters.add(.calls)
        calls.active[active.id] = active
        calls.hosts[active.key, default: WebCallPool.Host()].waiting.append(active)
        serve(active.key, &loop)
        return active.id
    }

    /// Gives up a request; its answer is not told.
    package mutating func cancel(_ id: WebCallID, _ loop: inout EventLoop) {
        guard let call = calls.active.removeValue(forKey: id) else { return }
        calls.hosts[call.key]?.waiting.removeAll { $0 === call }
        if let connection = call.connection { loop.cut(connection) }
        calls.forget(call.key)
    }

    /// Finds connections for the requests that wait for a host.
    mutating func serve(_ key: WebCallKey, _ loop: inout EventLoop) {
        while let host = calls.hosts[key], let call = host.waiting.first {
            if let id = calls.takeIdle(key) {
                guard loop.isOpen(id), case .call(let side) = table[id].role else { continue }
                calls.hosts[key]?.waiting.removeFirst()
                side.call = call
                sendCall(id, side, &loop)
            } else if host.connections < WebCallPool.connectionsMax {
                guard makesRoomOutside(&loop) else {
                    if !host.isBlocked { calls.blocked.append(key) }
                    calls.hosts[key]?.isBlocked = true
                    return
                }
                calls.hosts[key]?.waiting.removeFirst()
                connect(for: call, &loop)
            } else {
                return
            }
        }
    }

    /// Whether there may be another connection to somebody. One that nothing is asked on is ended for it if need be.
    mutating func makesRoomOutside(_ loop: inout EventLoop) -> Bool {
        guard loop.outboundCount >= settings.outboundConnectionsMax else { return true }
        while let id = calls.takeIdleOfAny() {
            guard loop.isOpen(id) else { continue }
            loop.cut(id)
            return loop.outboundCount < settings.outboundConnectionsMax
        }
        return false
    }

    /// Serves hosts whose requests wait for room for a connection, as far as there is room now.
    mutating func serveBlocked(_ loop: inout EventLoop) {
        while let key = calls.blocked.first, !loop.isStopping, makesRoomOutside(&loop) {
            calls.blocked.removeFirst()
            calls.hosts[key]?.isBlocked = false
            serve(key, &loop)
        }
    }

    private mutating func connect(for call: ActiveCall, _ loop: inout EventLoop) {
        do throws(SystemError) {
            let id = try loop.connect(to: call.key.address)
            counters.add(.callConnections)
            call.connection = id
            table.insert(WebConnection(role: .call(CallSide(call))), id)
            calls.hosts[call.key]?.connections += 1
        } catch {
            calls.failed.append((call, .notConnected(.connectFailed(code: error.code))))
        }
    }

    /// Sends the request of a connection.
    mutating func sendCall(_ id: ConnectionID, _ side: CallSide, _ loop: inout EventLoop) {
        guard let call = side.call else { return }
        call.connection = id
        var limits = settings.http
        limits.contentBytesMax = UInt64(call.answerBytesMax)
        side.reader = HTTPResponseReader(to: call.method, limits: limits)
        loop.setDeadline(id, afterMilliseconds: nil)
        if call.send(on: id, &loop) == .refused { loop.cut(id) }
    }
}
