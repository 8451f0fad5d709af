import HubBytes
import HubSystem
import HubTiming

extension EventLoop {
    /// Makes sure that the connection's timer fires in time. Only what is due earlier moves it: activity just puts
    /// deadlines off, and the timer finds that out when it fires. So a byte that comes or goes costs no timer.
    mutating func schedule(_ id: ConnectionID) {
        Self.schedule(&connections[id], id, &wheel, settings)
    }

    private static func schedule(
        _ connection: inout Connection, _ id: ConnectionID, _ wheel: inout TimerWheel,
        _ settings: ConnectionSettings
    ) {
        guard connection.phase != .dead else { return }
        let due = connection.nextDue(settings)
        let grain = ConnectionSettings.timerGrain
        guard due < connection.timerDue, due <= .max - grain else { return }
        let rounded = (due + grain - 1) & ~(grain - 1)
        connection.timerDue = rounded
        if !wheel.rearm(connection.timer, deadline: rounded) {
            connection.timer = wheel.arm(payload(connectionTimer, id), deadline: rounded)
        }
    }

    /// A connection's timer fired: something is due, or was put off since.
    mutating func connectionDue(_ id: ConnectionID) {
        guard connections.contains(id), connections[id].phase != .dead else { return }
        connections[id].timerDue = .max
        if let reason = connections[id].overdue(now, settings) {
            if reason != .writeStalled || !connections[id].wasTakenFrom(now) { return expire(id, reason) }
        }
        if connections[id].releaseAt <= now {
            connections[id].releaseAt = .max
            if now - connections[id].lastActivity >= settings.keepBuffersMilliseconds {
                connections[id].releaseMemory()
            } else {
                releaseLater(id)
            }
        }
        if connections[id].partialSince != .max,
            now - connections[id].partialSince >= settings.partialMilliseconds
        {
            // Slow, but fast enough: what comes from now on is looked at in the same way.
            connections[id].partialSince = now
            connections[id].partialBytes = connections[id].input.byteCount
        }
        schedule(id)
    }

    private mutating func expire(_ id: ConnectionID, _ reason: CloseReason) {
        // Whoever took nothing, or began what it did not finish, is not waited for once more by the system.
        switch reason {
        case .writeStalled, .slowSender, .deadline, .lingerTimeout: connections[id].socket?.resetOnClose()
        default: break
        }
        remove(id, reason)
    }
}
