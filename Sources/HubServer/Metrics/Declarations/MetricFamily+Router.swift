/// What the router tells: messages on their way through the hub, and those who get them.
extension MetricFamily {
    static let messagesReceived = counter(
        "agenthub_messages_received", labels: ["kind"],
        "Records that agents proposed and that the router took into a block, by kind.")
    static let messagesReceivedBytes = counter(
        "agenthub_messages_received_bytes", "Payload bytes of the messages that the router took.")
    static let messagesDelivered = counter(
        "agenthub_messages_delivered", "Deliveries to consumers, repeated ones included.")
    static let messagesDeliveredBytes = counter(
        "agenthub_messages_delivered_bytes", "Payload bytes of the messages that were delivered.")
    static let messagesRedelivered = counter(
        "agenthub_messages_redelivered",
        "Deliveries of a message to a consumer that had been given it before.")
    static let messagesDuplicate = counter(
        "agenthub_messages_duplicate", "Messages that were known already by their id and not taken again.")
    static let receipts = counter(
        "agenthub_receipts", labels: ["durability"],
        "Receipts given to senders, by how firmly the message was kept.")
    static let refusals = counter(
        "agenthub_refusals", labels: ["code"], "Frames and requests that were refused, by code.")
    static let settlements = counter(
        "agenthub_settlements", labels: ["verdict"], "What consumers said of deliveries.")
    static let deadLetters = counter(
        "agenthub_dead_letters", labels: ["reason"], "Messages that went to the dead letters, by reason.")
    static let commandTimeouts = counter(
        "agenthub_command_timeouts", "Commands whose sender got no answer before the deadline.")
    static let consumerStalls = counter(
        "agenthub_consumer_stalls",
        "How often a consumer came to wait because as much was in flight as it allows.")
    static let consumerGaps = counter(
        "agenthub_consumer_gaps",
        "How often a consumer was told that messages which it should have had are gone.")
    static let presenceChanges = counter(
        "agenthub_presence_changes", "How often an agent came, went or fell silent.")
    static let tenantMessages = counter(
        "agenthub_tenant_messages_received", labels: ["tenant"], "Messages that the router took, by tenant.")
    static let publishSeconds = histogram(
        "agenthub_publish_seconds", .durations,
        "Time from a message's arrival at the hub to the receipt that says it is on disk.")
    static let deliverySeconds = histogram(
        "agenthub_delivery_seconds", .durations,
        "Time from a message's arrival to its first delivery to a consumer that is live.")
    static let acknowledgeSeconds = histogram(
        "agenthub_acknowledge_seconds", .durations, "Time from a delivery to its acknowledgement.")
    static let routerTurnSeconds = histogram(
        "agenthub_router_turn_seconds", .shortDurations, "Time that the router was busy in one turn.")
    static let routerTurnCommands = histogram(
        "agenthub_router_turn_commands", .amounts, "Commands that the router handled in one turn.")

    static let agentConnections = gauge("agenthub_agent_connections", "Connections that speak for an agent.")
    static let agentConnectionsPaused = gauge(
        "agenthub_agent_connections_paused", "Connections that want to hear no more for now.")
    static let sessionsOpen = gauge(
        "agenthub_sessions_open", "Sessions that were opened by name and not ended.")
    static let commandsOpen = gauge("agenthub_commands_open", "Commands that wait for an answer.")
    static let namesKnown = gauge(
        "agenthub_names_known", "Tenants, agents, sessions, topics and consumers that the hub knows by name.")
    static let dedupEntries = gauge(
        "agenthub_dedup_entries", "Message ids that are remembered, to know a second sending.")
    static let dedupBytes = gauge("agenthub_dedup_bytes", "Bytes that remembered message ids take.")
    static let consumersKnown = gauge(
        "agenthub_consumers", labels: ["state"], "Consumers by state; temporary ones have no name.")
    static let messagesInFlight = gauge(
        "agenthub_messages_in_flight", "Deliveries that a consumer has and has not settled.")
    static let deadLettersWaiting = gauge(
        "agenthub_dead_letters_waiting", "Dead letters that nobody has redriven or dropped.")
    static let consumerPendingMax = largest(
        "agenthub_consumer_pending_records_max", "The largest of all consumers' pending records.")
    static let consumerPending = gauge(
        "agenthub_consumer_pending_records", labels: ["tenant", "consumer"],
        "Records between where a consumer stands and the log's end; its filter may want none of them.")
    static let consumerInFlight = gauge(
        "agenthub_consumer_in_flight", labels: ["tenant", "consumer"],
        "Deliveries that a consumer has and has not settled.")
    static let consumerDeadLetters = gauge(
        "agenthub_consumer_dead_letters", labels: ["tenant", "consumer"],
        "Dead letters of a consumer that nobody has redriven or dropped.")
    static let consumerMembers = gauge(
        "agenthub_consumer_members", labels: ["tenant", "consumer"],
        "Connections that are served on a consumer's behalf.")

    static let ofRouter = [
        messagesReceived, messagesReceivedBytes, messagesDelivered, messagesDeliveredBytes,
        messagesRedelivered,
        messagesDuplicate, receipts, refusals, settlements, deadLetters, commandTimeouts, consumerStalls,
        consumerGaps, presenceChanges, tenantMessages, publishSeconds, deliverySeconds, acknowledgeSeconds,
        routerTurnSeconds, routerTurnCommands, agentConnections, agentConnectionsPaused, sessionsOpen,
        commandsOpen, namesKnown, dedupEntries, dedupBytes, consumersKnown, messagesInFlight,
        deadLettersWaiting, consumerPendingMax, consumerPending, consumerInFlight, consumerDeadLetters,
        consumerMembers,
    ]
}
