/// What the I/O loops tell: connections, bytes, and what HTTP, WebSocket and TLS made of them.
extension MetricFamily {
    static let connectionsOpen = gauge(
        "agenthub_connections_open", "Connections that exist, outbound ones included.")
    static let connectionsOpened = counter(
        "agenthub_connections_opened", labels: ["origin"], "Connections by how they came to be.")
    static let connectionsRefused = counter(
        "agenthub_connections_refused", labels: ["reason"], "Connections that were closed at once, by reason."
    )
    static let connectionsClosed = counter(
        "agenthub_connections_closed", labels: ["reason"], "Connections that ended, by reason.")
    static let acceptTrouble = counter(
        "agenthub_accept_trouble", labels: ["trouble"],
        "How often a listener could not accept: a failure, a pause after one, or no descriptor left.")
    static let networkReceivedBytes = counter(
        "agenthub_network_received_bytes", "Bytes that sockets brought.")
    static let networkSentBytes = counter("agenthub_network_sent_bytes", "Bytes that sockets took.")
    static let networkOperations = counter(
        "agenthub_network_operations", labels: ["operation"],
        "System calls on sockets; a short write is one that took less than there was.")
    static let outboundFilled = counter(
        "agenthub_outbound_filled", "How often a connection came to have as much waiting as it may.")
    static let outboundRefused = counter(
        "agenthub_outbound_refused",
        "What could not be queued, since the connection had as much waiting as it may.")
    static let outboundQueuedMaxBytes = largest(
        "agenthub_outbound_queued_max_bytes", "The most bytes that ever waited on one connection.")
    static let loopTurns = counter("agenthub_loop_turns", "Turns of the I/O loops.")
    static let loopMessages = counter(
        "agenthub_loop_messages", "Messages from other threads to the I/O loops.")
    static let loopStaleEvents = counter(
        "agenthub_loop_stale_events", "Events for connections that were gone already.")
    static let datagrams = counter(
        "agenthub_datagrams", labels: ["outcome"], "Datagrams by what became of them.")

    static let httpRequests = counter("agenthub_http_requests", "Requests whose head was read.")
    static let httpAnswers = counter("agenthub_http_answers", "Answers that were written.")
    static let httpAnswersDropped = counter(
        "agenthub_http_answers_dropped", "Answers to requests whose connection was gone.")
    static let httpRequestsRefused = counter(
        "agenthub_http_requests_refused", labels: ["reason"],
        "Requests that were against the rules of HTTP, or whose content was not wanted.")
    static let httpResponses = counter(
        "agenthub_http_responses", labels: ["code"], seriesMax: 64,
        "Answers of the hub's own endpoints, by status.")
    static let httpRequestSeconds = histogram(
        "agenthub_http_request_seconds", .durations, "Time from a whole request to its answer.")
    static let webSocketUpgrades = counter(
        "agenthub_websocket_upgrades", labels: ["outcome"], "Requests to become a WebSocket.")
    static let webSocketMessages = counter(
        "agenthub_websocket_messages", labels: ["direction"], "WebSocket messages, pings not counted.")
    static let webSocketRefused = counter(
        "agenthub_websocket_messages_refused",
        "WebSocket messages that could not be queued for their receiver.")
    static let webSocketPings = counter("agenthub_websocket_pings", "Pings that were answered.")
    static let webSocketEnds = counter(
        "agenthub_websocket_ends", labels: ["reason"],
        "WebSockets that the other side ended, broke or let fall silent.")
    static let tlsHandshakesFailed = counter(
        "agenthub_tls_handshakes_failed", "TLS connections that could not be set up.")
    static let tlsFailures = counter(
        "agenthub_tls_failures", labels: ["reason"], "TLS that failed, by reason.")
    static let outboundCalls = counter("agenthub_outbound_calls", "HTTP calls of the hub to others.")
    static let outboundCallsFailed = counter(
        "agenthub_outbound_calls_failed", "HTTP calls of the hub to others that brought no answer.")
    static let outboundCallConnections = counter(
        "agenthub_outbound_call_connections", "Connections that were opened for the hub's own HTTP calls.")
    static let authentications = counter(
        "agenthub_authentications", labels: ["credential", "outcome"],
        "Attempts to say who one is, by what was shown and whether it was accepted.")

    static let ofNetwork = [
        connectionsOpen, connectionsOpened, connectionsRefused, connectionsClosed, acceptTrouble,
        networkReceivedBytes, networkSentBytes, networkOperations, outboundFilled, outboundRefused,
        outboundQueuedMaxBytes, loopTurns, loopMessages, loopStaleEvents, datagrams, httpRequests,
        httpAnswers,
        httpAnswersDropped, httpRequestsRefused, httpResponses, httpRequestSeconds, webSocketUpgrades,
        webSocketMessages, webSocketRefused, webSocketPings, webSocketEnds, tlsHandshakesFailed, tlsFailures,
        outboundCalls, outboundCallsFailed, outboundCallConnections, authentications,
    ]
}
