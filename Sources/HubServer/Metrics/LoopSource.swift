import HubConnection

/// Tells the counters that an I/O loop keeps anyway.
struct LoopSource: MetricSource {
    let counters: LoopCounters

    func contribute(to reading: inout MetricReading) {
        for counter in LoopCounter.allCases {
            let (family, labels) = Self.series(counter)
            reading.add(family, labels, counters[counter])
        }
    }

    /// What a counter is called outside. A counter that is added to the loop has to be given a name here.
    private static func series(_ counter: LoopCounter) -> (MetricFamily, [String]) {
        switch counter {
        case .accepted: (.connectionsOpened, ["accepted"])
        case .adopted: (.connectionsOpened, ["adopted"])
        case .connected: (.connectionsOpened, ["connected"])
        case .refusedTotal: (.connectionsRefused, ["total_limit"])
        case .refusedAddress: (.connectionsRefused, ["address_limit"])
        case .refusedStopping: (.connectionsRefused, ["stopping"])
        case .shedNoDescriptors: (.connectionsRefused, ["no_descriptors"])
        case .acceptFailures: (.acceptTrouble, ["failure"])
        case .acceptThrottled: (.acceptTrouble, ["pause"])
        case .descriptorsExhausted: (.acceptTrouble, ["no_descriptors"])
        case .bytesIn: (.networkReceivedBytes, [])
        case .bytesOut: (.networkSentBytes, [])
        case .reads: (.networkOperations, ["read"])
        case .writes: (.networkOperations, ["write"])
        case .writesShort: (.networkOperations, ["short_write"])
        case .turns: (.loopTurns, [])
        case .closedFinished, .closedByHandler, .closedCut, .closedFailed, .closedConnectFailed,
            .closedInputTooLong, .closedOutputTooLong, .closedTransformFailed, .closedStopped,
            .timeoutConnect, .timeoutDeadline,
            .timeoutIdle, .timeoutSlowSender, .timeoutWrite, .timeoutLinger:
            (.connectionsClosed, [RouterMetrics.words("\(counter)")])
        case .filled: (.outboundFilled, [])
        case .sendsRefused: (.outboundRefused, [])
        case .staleEvents: (.loopStaleEvents, [])
        case .messages: (.loopMessages, [])
        case .datagramsIn: (.datagrams, ["received"])
        case .datagramsOut: (.datagrams, ["sent"])
        case .datagramsTooLong: (.datagrams, ["too_long"])
        case .datagramsFailed: (.datagrams, ["failed"])
        case .open: (.connectionsOpen, [])
        case .queuedMax: (.outboundQueuedMaxBytes, [])
        }
    }
}

/// Tells the counters of one loop's HTTP and WebSocket.
struct WebSource: MetricSource {
    let counters: WebCounters

    func contribute(to reading: inout MetricReading) {
        for count in WebCount.allCases {
            let (family, labels) = Self.series(count)
            reading.add(family, labels, counters[count])
        }
    }

    private static func series(_ count: WebCount) -> (MetricFamily, [String]) {
        switch count {
        case .requests: (.httpRequests, [])
        case .answers: (.httpAnswers, [])
        case .answersDropped: (.httpAnswersDropped, [])
        case .refusedRequests: (.httpRequestsRefused, ["malformed"])
        case .contentRefused: (.httpRequestsRefused, ["content"])
        case .upgrades: (.webSocketUpgrades, ["accepted"])
        case .upgradesRefused: (.webSocketUpgrades, ["refused"])
        case .messagesIn: (.webSocketMessages, ["in"])
        case .messagesOut: (.webSocketMessages, ["out"])
        case .messagesRefused: (.webSocketRefused, [])
        case .pings: (.webSocketPings, [])
        case .socketFaults: (.webSocketEnds, ["fault"])
        case .socketsClosed: (.webSocketEnds, ["closed"])
        case .socketsSilent: (.webSocketEnds, ["silent"])
        case .tlsFailed: (.tlsHandshakesFailed, [])
        case .calls: (.outboundCalls, [])
        case .callsFailed: (.outboundCallsFailed, [])
        case .callConnections: (.outboundCallConnections, [])
        }
    }
}
