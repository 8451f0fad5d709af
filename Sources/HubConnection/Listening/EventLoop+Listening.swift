package import HubSystem
import HubTiming

extension EventLoop {
    /// Accepts connections from now on, for this loop or to be dealt out to several.
    package mutating func listen(
        _ socket: consuming ListeningSocket, tag: UInt32 = 0, dealingTo inlets: [any ConnectionInlet] = []
    ) throws(SystemError) {
        guard !isStopping else { return }
        let id = listenerIDs.make()
        do {
            try epoll.add(socket.descriptor, .input, token: EventToken(.listener, id).rawValue)
        } catch {
            listenerIDs.giveBack(id)
            throw error
        }
        let rate = TokenBucket(
            perSecond: settings.acceptsPerSecondMax, burst: settings.acceptsPerSecondMax,
            nowMilliseconds: now)
        listeners.insert(Listener(socket: socket, tag: tag, inlets: inlets, rate: rate), id)
    }

    mutating func closeListener(_ id: ConnectionID) {
        let listener = listeners.remove(id)
        if !listener.isResting { epoll.remove(listener.socket.descriptor) }
        listenerIDs.giveBack(id)
    }

    /// Takes in who waits, up to the bounds of a turn and a second.
    mutating func accept(_ id: ConnectionID) {
        guard listeners.contains(id) else { return counters.add(.staleEvents) }
        var taken = 0
        while taken < settings.acceptsPerTurnMax {
            if listeners[id].rate.available(nowMilliseconds: now) < 1,
                let pause = listeners[id].rate.take(1, nowMilliseconds: now)
            {
                counters.add(.acceptThrottled)
                return rest(id, milliseconds: pause)
            }
            taken += 1
            switch listeners[id].socket.accept() {
            case .connection(let socket, let peer): accepted(socket, peer, id)
            case .gone: continue
            case .none: return
            case .noDescriptors: return shed(id)
            case .failed(let code):
                counters.add(.acceptFailures)
                notice(.acceptFailed(code: code))
                return rest(id, milliseconds: settings.acceptPauseMilliseconds)
            }
        }
    }

    private mutating func accepted(
        _ socket: consuming StreamSocket, _ peer: SocketAddress, _ listener: ConnectionID
    ) {
        counters.add(.accepted)
        _ = listeners[listener].rate.take(1, nowMilliseconds: now)
        if let refusal = admission.admit(peer) {
            counters.add(refusal)
            notice(.connectionsRefused(refusal))
            return
        }
        if lacksDescriptors {
            lacksDescriptors = false
            notices.append(.descriptorsAvailable)
        }
        let tag = listeners[listener].tag
        let inlets = listeners[listener].inlets
        guard let inlet = Self.leastLoaded(inlets) else { return adopt(socket, peer: peer, listener: tag) }
        var connection: AcceptedConnection? = AcceptedConnection(socket: socket, peer: peer, listener: tag)
        inlet.offer(&connection)
        // A loop that does not take it is behind, or stops: this one runs, as can be seen.
        if let refused = connection.take() {
            adopt(refused.socket, peer: refused.peer, listener: refused.listener)
        }
    }

    private static func leastLoaded(_ inlets: [any ConnectionInlet]) -> (any ConnectionInlet)? {
        var best: (inlet: any ConnectionInlet, load: Int)?
        for inlet in inlets {
            let load = inlet.load
            if load < best?.load ?? .max { best = (inlet, load) }
        }
        return best?.inlet
    }

    /// No descriptor is left: some of those that wait are told so, by way of the spare one, and then the listener
    /// rests. Epoll would otherwise tell of them in each turn.
    private mutating func shed(_ id: ConnectionID) {
        counters.add(.descriptorsExhausted)
        if !lacksDescriptors { notices.append(.descriptorsExhausted) }
        lacksDescriptors = true
        for _ in 0..<settings.acceptsPerTurnMax {
            var isShed = false
            let isKept = Self.shedOne(&spare, listeners[id].socket, &isShed)
            if isShed { counters.add(.shedNoDescriptors) }
            if !isShed || !isKept { break }
        }
        rest(id, milliseconds: settings.acceptPauseMilliseconds)
    }

    private static func shedOne(
        _ spare: inout SpareDescriptor, _ socket: borrowing ListeningSocket, _ isShed: inout Bool
    ) -> Bool {
        guard spare.giveUp() else { return spare.retake() }
        // Taken and closed at once.
        if case .connection = socket.accept() { isShed = true }
        return spare.retake()
    }

    private mutating func rest(_ id: ConnectionID, milliseconds: Int64) {
        guard !listeners[id].isResting else { return }
        listeners[id].isResting = true
        epoll.remove(listeners[id].socket.descriptor)
        _ = wheel.arm(Self.payload(Self.listenerTimer, id), deadline: moment(after: max(milliseconds, 1)))
    }

    /// A listener has rested.
    mutating func listenerDue(_ id: ConnectionID) {
        guard listeners.contains(id), listeners[id].isResting else { return }
        _ = spare.retake()
        let token = EventToken(.listener, id).rawValue
        do {
            try epoll.add(listeners[id].socket.descriptor, .input, token: token)
            listeners[id].isResting = false
        } catch {
            notice(.acceptFailed(code: error.code))
            _ = wheel.arm(
                Self.payload(Self.listenerTimer, id),
                deadline: moment(after: settings.acceptPauseMilliseconds))
        }
    }
}
