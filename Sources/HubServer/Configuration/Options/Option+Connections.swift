import HubModel

/// Connections, requests and WebSockets.
extension Option {
    static let connectionOptions: [Option] = [
        Option(
            "connections.max", .number(1...10_000_000), .number(100_000), "Connections that there may be.",
            because:
                "At 4 kB each they take 400 MB; the limit on descriptors may be lower, which the hub says when it "
                + "starts."),
        Option(
            "connections.per_address_max", .number(1...10_000_000), .number(16_384),
            "Connections from one IPv4 address or one IPv6 network of 64 bits. Unix sockets are not limited by this.",
            because: "Thousands of agents can run on one machine; one machine cannot take all."),
        Option(
            "connections.accepts_per_second", .number(1...1_000_000), .number(20_000),
            "Connections that a listener takes in a second.",
            because: "After an outage everybody comes back at once, and those who are here already go on."),
        Option(
            "connections.handshake", .duration(100...600_000), .number(10_000),
            "How long a connection may take until it is established, TLS included.",
            because: "Time for slow lines, and none for those who only occupy a place."),
        Option(
            "connections.idle", .duration(1000...86_400_000), .number(120_000),
            "How long a connection may be silent in both directions.",
            because:
                "WebSockets are asked after 30 s whether they are there, so that this meets the dead only."),
        Option(
            "connections.write", .duration(100...3_600_000), .number(20_000),
            "How long a client may take no byte although some are waiting.",
            because: "A slow client takes a byte now and then; this one is gone."),
        Option(
            "connections.linger", .duration(0...600_000), .number(5000),
            "How long closing a connection may take.", because: "The last answer arrives before the end."),
        Option(
            "connections.outbound_max", .bytes((64 << 10)...(1 << 30)), .number(32 << 20),
            "Bytes that may wait to be sent to one connection.",
            because:
                "Deliveries on their way when a connection turns out to be full are kept, not lost; a consumer "
                + "that is slower reads from the log."),
        Option(
            "connections.outbound_high", .bytes((16 << 10)...(1 << 30)), .number(1 << 20),
            "Waiting bytes from which on a connection gets no more deliveries.",
            because: "A tenth of a second on a line of 100 Mbit/s."),
        Option(
            "connections.outbound_low", .bytes(0...(1 << 30)), .number(256 << 10),
            "Waiting bytes from which on it gets deliveries again.",
            because: "Enough that the line does not run dry."),
    ]

    static let httpOptions: [Option] = [
        Option(
            "http.origins", .texts(countMax: 1000), .texts([]),
            "Pages of these origins, as https://example.org, may use the hub from browsers, by requests and WebSockets; "
                + "* stands for all.",
            because: "Pages that people happen to open should not talk to a hub on their machine."),
        Option(
            "http.first_request", .duration(100...600_000), .number(10_000),
            "From the beginning of a connection to its first request.",
            because: "Whoever connects wants something."),
        Option(
            "http.keep_alive", .duration(0...3_600_000), .number(60_000),
            "How long a connection is kept for another request.",
            because: "As long as most clients keep theirs."),
        Option(
            "http.head", .duration(100...600_000), .number(10_000),
            "How long the head of a request may take.",
            because: "A head is a few hundred bytes."),
        Option(
            "http.content_rate_min", .bytes(0...(1 << 30)), .number(1024),
            "Bytes a second that the content of a request must bring, over ten seconds.",
            because: "Slower than any line, faster than those who only occupy memory."),
        Option(
            "http.content_max", .bytes(1024...(1 << 30)), .number(16 << 20),
            "Bytes of the content of one request.",
            because: "A batch of messages fits."),
        Option(
            "http.content_total_max", .bytes((1 << 20)...(64 << 30)), .number(256 << 20),
            "Bytes of content that a loop may be collecting for all its connections; more is answered with 503.",
            because: "It bounds memory, whoever sends."),
        Option(
            "http.outstanding_max", .number(1...1000), .number(16), "Unanswered requests of one connection.",
            because: "Pipelining helps, and holds what is answered out of order."),
        Option(
            "http.event_comment", .duration(1000...3_600_000), .number(15_000),
            "Silence after which a stream of events gets a comment.",
            because: "Proxies on the way take a stream for dead after 30 s or a minute."),
    ]

    static let webSocketOptions: [Option] = [
        Option(
            "websocket.message_max", .bytes(1024...(1 << 30)), .number(8 << 20),
            "Bytes of a message with all its fragments, decompressed.",
            because: "A batch of frames is one message."),
        Option(
            "websocket.ping_after", .duration(0...3_600_000), .number(30_000),
            "Silence after which a client is asked whether it is there; 0 ms for never.",
            because: "Routers forget silent connections after a minute or more."),
        Option(
            "websocket.pong_within", .duration(100...3_600_000), .number(20_000),
            "How long its answer may take.", because: "An agent that is gone is known to be within a minute."),
        Option(
            "websocket.close_within", .duration(0...600_000), .number(5000),
            "How long a client may take to answer a farewell.",
            because: "Clients that end properly are told why."),
        Option(
            "websocket.compression", .flag, .flag(false), "Whether messages may be compressed (RFC 7692).",
            because: "On a fast line it costs more than it gains: about 20 µs for a message of 1 KiB."),
        Option(
            "websocket.compress_above", .bytes(0...(1 << 30)), .number(256),
            "Smaller messages are not compressed.",
            because: "There is little to gain."),
    ]
}
