import HubBytes
import HubModel

/// What agents want routed.
extension NativeReader {
    /// The longest that a message may live: ten years.
    private static let lifeMax: Int64 = 315_360_000_000

    func message(_ id: Slice, _ batch: inout ByteBuffer) throws(Refusal) -> Publication {
        var message = Publication(.message)
        try address(&message, &batch)
        guard message.target != .implied else {
            throw Refusal(.missingField, "a message has a `topic`, or in `to` the agent that it is for")
        }
        message.isRetained = try bool(.retain) ?? false
        message.lifeMilliseconds = try integer(.ttlMs, 1...Self.lifeMax)
        if let payload = try data(batch) {
            message.payload = payload
        } else if !message.isRetained {
            throw missing(.data)
        }
        try fill(&message, id, &batch)
        return message
    }

    func command(_ id: Slice, _ batch: inout ByteBuffer) throws(Refusal) -> Publication {
        var command = Publication(.command)
        guard !id.isEmpty else {
            throw Refusal(.missingField, "a command has an `id`, which its answer names")
        }
        try address(&command, &batch)
        guard command.target != .implied else {
            throw Refusal(.missingField, "a command has in `to` the agent that it is for, or a `topic`")
        }
        guard let payload = try data(batch), let inner = try inside(.data) else { throw missing(.data) }
        command.payload = payload
        guard let word = inner[.command], word.isText else {
            throw Refusal(.missingField, "`data.command` is missing: a string that names what is to be done")
        }
        if let life = try integer(.timeoutMs, 1...Self.lifeMax) {
            command.lifeMilliseconds = life
        } else if let life = inner[.timeoutMs] {
            command.lifeMilliseconds = try integer(life, .timeoutMs, 1...Self.lifeMax)
        } else if let life = inner[.timeout] {
            command.lifeMilliseconds = try integer(life, .timeout, 1...Self.lifeMax)
        }
        try fill(&command, id, &batch)
        return command
    }

    func response(_ id: Slice, _ batch: inout ByteBuffer) throws(Refusal) -> Publication {
        var response = Publication(.response)
        try address(&response, &batch)
        guard response.target != .topic else {
            throw Refusal(.badField, "a response has no `topic`: it goes to whoever sent the command")
        }
        response.payload = try data(batch) ?? .empty
        guard !response.payload.isEmpty else { throw missing(.data) }
        if scanner[has: .commandID] {
            response.correlation = try required(.commandID, &batch)
        } else if scanner[.data]?.kind == .object, let command = try inside(.data)?[.commandID] {
            guard command.isText else { throw Refusal(.badField, "`data.command_id` must be a string") }
            response.correlation = place(command, &batch)
        }
        guard !response.correlation.isEmpty else {
            throw Refusal(
                .missingField, "a response has in `command_id` the id of the command that it answers")
        }
        try fill(&response, id, &batch)
        return response
    }

    func status(_ id: Slice, _ batch: inout ByteBuffer) throws(Refusal) -> Publication {
        var status = Publication(.status)
        guard !scanner[has: .topic], !scanner[has: .to] else {
            throw Refusal(.badField, "a status has neither `topic` nor `to`: it is for whoever wants to know")
        }
        guard let payload = try data(batch), let inner = try inside(.data) else { throw missing(.data) }
        guard let word = inner[.status], word.isText else {
            throw Refusal(.missingField, "`data.status` is missing: a string such as \"idle\" or \"busy\"")
        }
        status.payload = payload
        status.lifeMilliseconds = try integer(.ttlMs, 1...Self.lifeMax)
        try fill(&status, id, &batch)
        return status
    }

    // MARK: Parts

    @inline(__always)
    private func address(_ publication: inout Publication, _ batch: inout ByteBuffer) throws(Refusal) {
        let hasTopic = scanner[has: .topic]
        guard scanner[has: .to] else {
            guard hasTopic else { return }
            publication.target = .topic
            publication.name = try required(.topic, &batch)
            return
        }
        guard !hasTopic else {
            throw Refusal(.badField, "a frame goes to a `topic` or to the agent in `to`, not to both")
        }
        publication.target = .agent
        publication.name = try required(.to, &batch)
    }

    @inline(__always)
    private func fill(
        _ publication: inout Publication, _ id: Slice, _ batch: inout ByteBuffer
    ) throws(Refusal) {
        publication.id = id
        publication.session = try text(.session, &batch)
        publication.cause = try text(.cause, &batch)
        publication.trace = try text(.traceparent, &batch)
        if scanner[has: .durability] { publication.durability = try durability() }
    }

    func durability() throws(Refusal) -> Durability {
        switch try string(.durability) {
        case "fsynced": .fsynced
        case "memory": .memory
        case "replicated": .replicated
        default: throw mistyped(.durability, "\"fsynced\", \"memory\" or \"replicated\"")
        }
    }
}
