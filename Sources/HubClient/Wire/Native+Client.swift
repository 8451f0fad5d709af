import HubBytes
import HubModel
import HubProtocols

// Between the words of this library and those of the protocol.

extension NativeSubscribe {
    init(_ filter: Filter, _ options: SubscribeOptions, from start: StartPosition) {
        self.init()
        if case .topics(let patterns) = filter { topics = patterns }
        consumer = options.consumer
        isShared = options.isShared ? true : nil
        isSticky = options.isSticky ? true : nil
        from =
            switch start {
            case .new: nil
            case .all: .all
            case .last: .last
            case .offset(let offset): .offset(Offset(offset))
            case .time(let time): .time(Timestamp(microseconds: time))
            }
        isExplicit = options.acknowledgement != .onDelivery
        inFlightMax = options.inFlightMax
        ackWaitMilliseconds = options.ackWaitMilliseconds
        deliveriesMax = options.deliveriesMax
        backoffInitialMilliseconds = options.backoffInitialMilliseconds
        backoffFactorThousandths = options.backoffFactor.map { Int(($0 * 1000).rounded()) }
        backoffMaxMilliseconds = options.backoffMaxMilliseconds
    }
}

extension NativeReplay {
    init(_ spec: ReplaySpec) {
        self.init()
        session = spec.session
        topics = spec.topics
        from = spec.from.map { NativePlace($0) }
        to = spec.to.map { NativePlace($0) }
        limit = spec.limit
        speed =
            switch spec.speed {
            case .instant: .instant
            case .original: .times(1)
            case .times(let factor): .times(factor)
            }
    }
}

extension NativePlace {
    init(_ point: ReplayPoint) {
        self =
            switch point {
            case .offset(let offset): .offset(Offset(offset))
            case .sequence(let sequence): .sequence(SequenceNumber(sequence))
            case .time(let time): .time(Timestamp(microseconds: time))
            }
    }
}

extension HubInfo {
    init(_ welcome: NativeWelcome) {
        self.init()
        agent = welcome.agent
        hub = welcome.hub
        version = welcome.version
        epoch = welcome.epoch.description
        head = welcome.head.rawValue
        heartbeatSeconds = welcome.heartbeatSeconds
        payloadBytesMax = welcome.messageBytesMax > 0 ? welcome.messageBytesMax : nil
        batchFramesMax = welcome.batchFramesMax > 0 ? welcome.batchFramesMax : nil
    }
}

extension Durability {
    var inModel: HubModel.Durability {
        switch self {
        case .fsynced: .fsynced
        case .memory: .memory
        case .replicated: .replicated
        }
    }

    init(_ other: HubModel.Durability) {
        self =
            switch other {
            case .fsynced: .fsynced
            case .memory: .memory
            case .replicated: .replicated
            }
    }
}

extension Response {
    /// The answer in a delivery.
    init(_ delivery: NativeDelivery, in texts: RawSpan) {
        let message = delivery.message
        isFromHub = message.flags.contains(.failure)
        from = message.sender.of(texts).text
        let data = message.payload.of(texts)
        if isFromHub {
            status = "failed"
            error = data.text
            json = ""
        } else {
            let answer = AnswerFields(data)
            status = answer.status ?? "completed"
            error = answer.error
            json = answer.result ?? ""
        }
    }
}
