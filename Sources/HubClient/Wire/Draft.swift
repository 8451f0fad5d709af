import HubBytes
import HubModel
import HubProtocols

/// A message as it is to be written, whose texts lie in a buffer that travels along.
enum Draft {
    case publication(Publication)
    case step(NativeSessionStep)

    /// Appends its frame.
    func write(_ texts: RawSpan, to buffer: inout ByteBuffer) {
        switch self {
        case .publication(let publication):
            NativeClientWriter.publication(publication, in: texts, to: &buffer)
        case .step(let step): NativeClientWriter.step(step, in: texts, to: &buffer)
        }
    }
}

/// Makes drafts of what a program wants to send.
struct MessageWriter {
    /// Whom a message is for.
    enum Target {
        case topic(String)
        case agent(String)
    }

    /// What is sent.
    enum Kind {
        case message(Target)
        case command(Target, timeoutMilliseconds: Int64)
        case response(command: String, to: String)
        case status
        case sessionOpen(with: String?)
        case sessionAccept
        case sessionReject
        case sessionClose
    }

    let kind: Kind
    let data: Payload
    let options: PublishOptions
    let session: String?
    let ids: IDs

    /// Puts the texts into a buffer and says where they are.
    func draft(_ number: UInt64, _ texts: inout ByteBuffer) -> Draft {
        switch kind {
        case .message(let target): .publication(publication(.message, target, number, &texts))
        case .command(let target, let timeout):
            .publication(publication(.command, target, number, &texts) { $0.lifeMilliseconds = timeout })
        case .response(let command, let agent):
            .publication(
                publication(.response, .agent(agent), number, &texts, correlation: command))
        case .status: .publication(publication(.status, nil, number, &texts))
        case .sessionOpen(let agent): .step(step(.open, number, with: agent, &texts))
        case .sessionAccept: .step(step(.accept, number, with: nil, &texts))
        case .sessionReject: .step(step(.reject, number, with: nil, &texts))
        case .sessionClose: .step(step(.close, number, with: nil, &texts))
        }
    }

    private func publication(
        _ kind: MessageKind, _ target: Target?, _ number: UInt64, _ texts: inout ByteBuffer,
        correlation: String? = nil, _ change: (inout Publication) -> Void = { _ in }
    ) -> Publication {
        var publication = Publication(kind)
        switch target {
        case .topic(let name):
            publication.target = .topic
            publication.name = texts.place(name)
        case .agent(let name):
            publication.target = .agent
            publication.name = texts.place(name)
        case nil: break
        }
        publication.id = id(number, &texts)
        if let session { publication.session = texts.place(session) }
        if let correlation { publication.correlation = texts.place(correlation) }
        if let cause = options.cause { publication.cause = texts.place(cause) }
        if let trace = options.trace { publication.trace = texts.place(trace) }
        publication.lifeMilliseconds = options.ttlMilliseconds
        publication.isRetained = options.retain
        publication.durability = options.durability.inModel
        if !data.bytes.isEmpty { publication.payload = data.bytes.withBytes { texts.place($0) } }
        change(&publication)
        return publication
    }

    private func step(
        _ kind: NativeSessionStep.Kind, _ number: UInt64, with agent: String?, _ texts: inout ByteBuffer
    ) -> NativeSessionStep {
        var step = NativeSessionStep(kind)
        step.id = id(number, &texts)
        step.session = texts.place(session ?? "")
        if let agent { step.with = texts.place(agent) }
        guard !data.bytes.isEmpty else { return step }
        let start = texts.count
        texts.append(kind == .open ? "{\"purpose\":" as StaticString : "{\"reason\":")
        data.bytes.withBytes { texts.append($0) }
        texts.append(UInt8(ascii: "}"))
        step.data = Slice(from: start, in: texts)
        return step
    }

    private func id(_ number: UInt64, _ texts: inout ByteBuffer) -> Slice {
        if let chosen = options.id { return texts.place(chosen) }
        let start = texts.count
        ids.append(number, IDs.messageMark, to: &texts)
        return Slice(from: start, in: texts)
    }
}
