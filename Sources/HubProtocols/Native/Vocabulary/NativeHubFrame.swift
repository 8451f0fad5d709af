package import HubModel

/// What the hub sent. Its texts lie in the buffer that travels along, unescaped; data lies there as it was written. `re` is
/// the id of the frame that is answered, and empty if none is.
package enum NativeHubFrame: Sendable {
    /// The agent is known.
    indirect case welcome(NativeWelcome, re: Slice)
    /// The agent is to say hello once more, with the signature of these characters.
    case challenge(nonce: Slice, re: Slice)
    /// What became of a message.
    case receipt(NativeReceipt, re: Slice, session: Slice)
    /// A message.
    case delivery(NativeDelivery)
    /// A frame was refused, or something else went wrong.
    indirect case error(NativeErrorFrame)
    /// A consumer serves the connection.
    case subscribed(re: Slice, consumer: Slice, position: Offset, pending: Int?)
    /// A consumer no longer serves it.
    case unsubscribed(re: Slice, consumer: Slice)
    /// A heartbeat was heard.
    case heartbeatAck(re: Slice)
    /// A ping was heard.
    case pong(re: Slice)
    /// A replay is being ended.
    case cancelled(re: Slice)
    /// A replay is over, after so many messages; another one would go on at `next`.
    case replayEnd(re: Slice, sent: Int, NativeReplayEnd, next: Offset)
    /// Something is held back.
    case paused(re: Slice, NativeScope)
    /// Something goes on.
    case resumed(re: Slice, NativeScope)
    /// Messages are missing: those of a consumer or a session, or of a replay by its id.
    case gap(NativeGap, name: Slice)
    /// A consumer's deliveries wait for acknowledgements.
    case stalled(consumer: Slice, inFlight: Int, limit: Int)
    /// An agent came, went or fell silent.
    case presence(agent: Slice, NativePresence, since: Timestamp)
    /// An operator did something to a consumer.
    case consumer(name: Slice, NativeConsumerEvent)
    /// Who is there.
    indirect case agents(re: Slice, [NativeAgent])
    /// A type that is newer than this program, which ignores it.
    case other(type: Slice)
}

/// A message as a member of a consumer is given it.
package struct NativeDelivery: Sendable, BitwiseCopyable {
    /// The message. An answer of the hub's own has the flag `failure`, and a word for its payload.
    package var message: RoutedMessage
    /// On whose behalf.
    package var consumer = Slice.empty
    /// The how-manieth time.
    package var attempt = 1
    /// The id of the frame that asked to see it again; empty for a live one.
    package var replay = Slice.empty

    /// A message that is given for the first time.
    package init(message: RoutedMessage) { self.message = message }
}

/// Why something was not done.
package struct NativeErrorFrame: Sendable, Equatable {
    /// The id of the frame that it answers.
    package var re = Slice.empty
    /// The word.
    package var code: String
    /// What was wrong and what would be right.
    package var message: String
    /// More, as JSON; empty if there is none.
    package var details = Slice.empty
    /// When asking again makes sense, if it does.
    package var retryAfterMilliseconds: Int?

    /// A word and a sentence.
    package init(code: String, message: String) {
        self.code = code
        self.message = message
    }
}

/// An agent in a list.
package struct NativeAgent: Sendable, Equatable {
    /// Its id.
    package var agent: String
    /// Where it is.
    package var state: NativePresence
    /// Since when; none if nobody knows.
    package var since: Timestamp
    /// The data of its last status, as JSON; empty if it never sent one.
    package var status: Slice

    /// One with all that is known of it.
    package init(agent: String, state: NativePresence, since: Timestamp, status: Slice) {
        self.agent = agent
        self.state = state
        self.since = since
        self.status = status
    }
}
