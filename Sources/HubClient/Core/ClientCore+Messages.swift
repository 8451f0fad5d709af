import HubBytes

/// What a receipt says, without its texts.
struct ReceiptFacts: Equatable, Sendable {
    var sequence: UInt64
    var offset: UInt64
    var durability = Durability.fsynced
    var isDuplicate = false
    var isAway = false
}

// Messages on their way to the hub.
extension ClientCore {
    /// Bytes of one frame that is a batch.
    private static let batchBytesMax = 64 * 1024
    /// Frames of one batch, if the hub does not say how many it takes.
    private static let batchFramesMax = 1024

    /// The next frames to be sent; nil if there are none, or nothing can be sent now. Their bytes are in the outbox until it
    /// is used again.
    mutating func nextRun(now: Int64, _ effects: inout Effects) -> (chunk: Int, range: Range<Int>)? {
        guard isOnline else { return nil }
        let framesMax = min(hub?.batchFramesMax ?? Self.batchFramesMax, 4096)
        let memory = options.unreceipted == .fail ? options.hubMemoryMilliseconds : nil
        while true {
            switch outbox.next(bytesMax: Self.batchBytesMax, framesMax: framesMax, memory: memory, now: now) {
            case .frames(let chunk, let range, _): return (chunk, range)
            case .none: return nil
            case .expired(let number):
                let refusal = HubRefusal(.expired, "the message lost its value before it could be sent")
                give(up: number, .refused(refusal), &effects)
            case .forgotten(let number): give(up: number, .uncertain, &effects)
            }
        }
    }

    private mutating func give(up number: UInt64, _ error: ClientError, _ effects: inout Effects) {
        if let completion = outbox.finish(number) { effects.fail(completion, error) }
        if let command = commands.removeValue(forKey: number) { command.waiter.finish(.failure(error)) }
    }

    /// The hub has a message. Only who waits for all of a receipt gets its texts made.
    mutating func receipted(
        _ number: UInt64, _ facts: ReceiptFacts, id: RawSpan, session: RawSpan, _ effects: inout Effects
    ) {
        switch outbox.finish(number) {
        case nil, .nobody: break
        case .waiter(let waiter):
            let receipt = Receipt(
                id: id.text, session: session.text, sequence: facts.sequence, offset: facts.offset,
                durability: facts.durability, isDuplicate: facts.isDuplicate, isAway: facts.isAway)
            effects.receipts.append((waiter, .success(receipt)))
        case .lane(let lane, let tag):
            let receipt = PostReceipt(
                tag: tag, sequence: facts.sequence, offset: facts.offset, durability: facts.durability,
                isDuplicate: facts.isDuplicate)
            effects.tell(lane, .receipt(receipt))
        }
    }

    /// The hub refuses a message, or to go on with a command that it has.
    mutating func refused(message number: UInt64, _ refusal: HubRefusal, _ effects: inout Effects) {
        let error = ClientError.refused(refusal)
        let command = commands.removeValue(forKey: number)
        command?.waiter.finish(.failure(error))
        if let completion = outbox.finish(number) {
            if case .nobody = completion, command != nil { return }
            effects.fail(completion, error)
        } else if command == nil {
            effects.events.append(.refused(refusal))
        }
    }

    /// The hub refuses what was asked under a number.
    mutating func refused(request id: UInt64, _ refusal: HubRefusal, _ effects: inout Effects) {
        if let request = requests.removeValue(forKey: id) {
            let error = ClientError.refused(refusal)
            if let waiter = request.waiter {
                effects.replies.append((waiter, .failure(error)))
            } else if case .repeatable = request.kind {
                effects.events.append(.refused(refusal))
            }
            // One that could not be served the first time has nobody who reads it; one that was served before ends.
            if case .subscribe(let key) = request.kind, subscriptions.removeValue(forKey: key) != nil {
                effects.finished.append((key, error))
                if key == Self.answersKey { failCommands(error) }
            }
            return
        }
        if replays.contains(where: { $0.value.request == id }) {
            return replayEnded(id, .refused(refusal), &effects)
        }
        effects.events.append(.refused(refusal))
    }

    /// No answers will come.
    private mutating func failCommands(_ error: ClientError) {
        for (_, command) in commands { command.waiter.finish(.failure(error)) }
        commands.removeAll()
    }

    /// The hub refuses something that has no id.
    mutating func refused(_ refusal: HubRefusal, _ effects: inout Effects) {
        warned(refusal)
        effects.events.append(.refused(refusal))
    }
}
