/// What the core wants done, in this order.
struct Effects {
    /// Posts that are done, those of one lane together as long as no other comes between.
    var posts: [(lane: PostLane, outcomes: [PostOutcome])] = []
    /// Tasks that have their receipt, or will have none.
    var receipts: [(waiter: ReceiptWaiter, result: Result<Receipt, ClientError>)] = []
    /// Tasks that have the answer to something else.
    var replies: [(waiter: Waiter<HubReply>, result: Result<HubReply, ClientError>)] = []
    /// What readers of events are told.
    var events: [ClientEvent] = []
    /// Subscriptions and replays that are over, by their keys; without an error, if they were ended.
    var finished: [(key: Int, error: ClientError?)] = []
    /// A connection is to be made.
    var connects = false
    /// Frames to be sent, before any messages.
    var frames: [ClientFrame] = []
    /// The connection is to be closed, with this code.
    var hangUp: UInt16?
    /// The client is over.
    var end: ClientError?

    init() {}

    /// Tells a lane of a post.
    mutating func tell(_ lane: PostLane, _ outcome: PostOutcome) {
        if let last = posts.indices.last, posts[last].lane === lane {
            posts[last].outcomes.append(outcome)
        } else {
            posts.append((lane, [outcome]))
        }
    }

    /// Tells whoever wants to know that a message was not taken.
    mutating func fail(_ completion: Completion, _ error: ClientError) {
        switch completion {
        case .nobody: events.append(.refused(error.refusal))
        case .waiter(let waiter): receipts.append((waiter, .failure(error)))
        case .lane(let lane, let tag): tell(lane, .failure(tag: tag, error))
        }
    }
}

extension ClientError {
    /// The error as a hub would say it.
    var refusal: HubRefusal {
        if case .refused(let refusal) = self { return refusal }
        return HubRefusal(ErrorCode(rawValue: "not_sent"), description)
    }
}

/// The answer to something that is no message.
enum HubReply: Sendable {
    case done
    case subscribed(key: Int, consumer: String)
    case agents([AgentState])
}
