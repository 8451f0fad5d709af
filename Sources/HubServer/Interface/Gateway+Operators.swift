import HubBytes
import HubConnection
import HubModel
import HubProtocols
import HubRouter
import HubStorage

/// What operators do: to consumers and to dead letters.
extension Gateway {
    // MARK: Consumers

    /// Moves, pauses or resumes a consumer; the answer is the consumer as it is then.
    mutating func changeConsumer(
        _ call: Call, _ name: String, _ web: inout WebConnections, _ loop: inout EventLoop
    ) throws(Refusal) {
        try require(.changeConsumers, call)
        let change = try ConsumerChange(call.content)
        let tenant = call.identity.tenant.text
        try operate(call, &loop) { core, request in
            let (id, _) = try core.consumer(name, tenant: tenant)
            if let position = change.position {
                try core.router.move(
                    consumer: id, to: position, request, now: core.now, &core.pipeline.open)
            }
            if let isPaused = change.isPaused {
                // One answer is enough.
                let request = change.position == nil ? request : OperatorRequest(nil)
                if isPaused {
                    try core.router.pause(consumer: id, request, now: core.now, &core.pipeline.open)
                } else {
                    try core.router.resume(consumer: id, request, now: core.now, &core.pipeline.open)
                }
            }
        } _: { gateway, web, loop in
            do throws(Refusal) {
                try gateway.ask(call) { (core) throws(Refusal) in
                    try core.consumer(name, tenant: tenant).status
                } _: { status, _ in
                    Document.make { $0.consumer(status) }
                }
            } catch {
                gateway.desk.refuse(call.token, error, &web, &loop)
            }
        }
    }

    mutating func deleteConsumer(
        _ call: Call, _ name: String, _ web: inout WebConnections, _ loop: inout EventLoop
    ) throws(Refusal) {
        try require(.changeConsumers, call)
        let tenant = call.identity.tenant.text
        try operate(call, &loop) { core, request in
            let (id, _) = try core.consumer(name, tenant: tenant)
            try core.router.delete(consumer: id, request, now: core.now, &core.pipeline.open)
        } _: { gateway, web, loop in
            web.answer(call.token, .noContent, type: "application/json", RawSpan(), &loop)
        }
    }

    /// Has the core do something that is in the log when it is done, and goes on then.
    private mutating func operate(
        _ call: Call, _ loop: inout EventLoop,
        _ act: @escaping @Sendable (inout Core, OperatorRequest) throws -> Void,
        _ then: @escaping LoopTask
    ) throws(Refusal) {
        let visitor = try VisitorTable.visitor(
            call.identity.agent.text, tenant: call.identity.tenant.text, &desk, now: loop.now)
        let (seat, token) = (visitor.seat, call.token)
        let links = desk.hub.links
        let number = desk.loop
        visitor.ask(
            tag: { tag in
                .task { core in
                    let order = Order(seat, tag: tag, .heard)
                    do { try act(&core, OperatorRequest(seat, tag: tag)) } catch let refusal as Refusal {
                        core.refuse(order, refusal)
                    } catch {
                        core.refuse(order, Refusal(.storageUnavailable, "the log cannot be read: \(error)"))
                    }
                }
            }, &desk, loop
        ) { outcome, desk, web, loop in
            if case .refused(let refusal) = outcome { return desk.refuse(token, refusal, &web, &loop) }
            links.offer(loop: number, then)
        }
    }

    // MARK: Dead letters

    mutating func listDeadLetters(_ call: Call) throws(Refusal) {
        try require(.readDeadLetters, call)
        let limit = Int(try call.number("limit", in: 1...1000, default: 100))
        let after = try call.number("cursor", in: 0...UInt64(Int64.max), default: 0)
        let (tenant, wanted) = (call.identity.tenant.text, call.parameters["consumer"])
        let bytesMax = desk.hub.settings.pageBytesMax
        try ask(call) { (core) throws(Refusal) in
            let owner = core.tenant(tenant)
            let consumer: NameID?
            if let wanted { consumer = try core.consumer(wanted, tenant: tenant).id } else { consumer = nil }
            // One more than is shown says whether there is another page.
            return core.router.deadLetters(of: owner, consumer, from: Offset(after), limit: limit + 1)
        } _: { letters, reader in
            let shown = Array(letters.prefix(limit))
            return try Document.page(
                shown, next: letters.count > limit ? shown.last?.behind : nil, bytesMax: bytesMax,
                cursor: { $0.behind }
            ) { letter, writer in
                try DeadLetterLook.writeIfKept(letter, reader, &writer)
            }
        }
    }

    mutating func showDeadLetter(_ call: Call, _ text: String) throws(Refusal) {
        try require(.readDeadLetters, call)
        let offset = try Self.offset(text)
        let identity = call.identity
        try look(call) { reader in
            let owner = try TenantLook.find(identity, reader)
            return try Document.make { try DeadLetterLook.write(offset, reader, &$0, of: owner) }
        }
    }

    /// Brings a dead letter back, or drops it.
    mutating func settleDeadLetter(
        _ call: Call, _ text: String, redrive: Bool, _ web: inout WebConnections, _ loop: inout EventLoop
    ) throws(Refusal) {
        try require(.changeDeadLetters, call)
        let offset = try Self.offset(text)
        let tenant = call.identity.tenant.text
        try operate(call, &loop) { core, request in
            let owner = core.tenant(tenant)
            let page = try core.reader.page(.log(from: offset, to: offset.next), PageLimit(records: 1))
            guard page.count == 1, page[0].tenant == owner,
                let facts = Router.facts(ofLetter: page[0])
            else { throw Refusal(.unknownMessage, "there is no dead letter at offset \(offset)") }
            if redrive {
                try core.router.redrive(
                    letter: page[0], isKept: facts.message >= core.reader.bounds.start, request,
                    now: core.now,
                    &core.pipeline.open)
            } else {
                try core.router.drop(letter: page[0], request, now: core.now, &core.pipeline.open)
            }
        } _: { gateway, web, loop in
            guard redrive else {
                return web.answer(call.token, .noContent, type: "application/json", RawSpan(), &loop)
            }
            gateway.answer(call, .accepted, &web, &loop) { reader in
                try Document.make { try DeadLetterLook.write(offset, reader, &$0) }
            }
        }
    }
}

/// What is to be changed of a consumer.
struct ConsumerChange: Sendable {
    var position: Offset?
    var isPaused: Bool?

    init(_ content: [UInt8]) throws(Refusal) {
        let value: JSONValue
        do throws(JSONTextError) {
            value = try content.withBytes { (bytes) throws(JSONTextError) in
                try JSONReader.value(bytes, .strict)
            }
        } catch {
            throw Refusal(.badJSON, "the request is no JSON: \(error)")
        }
        guard case .object(let object) = value else {
            throw Refusal(.badField, "the request is an object with `position`, `paused` or both")
        }
        for member in object.members {
            switch (member.name, member.value) {
            case ("position", .integer(let offset)) where offset >= 0: position = Offset(UInt64(offset))
            case ("position", .string("all")): position = .zero
            case ("position", .string("new")): position = .end
            case ("paused", .bool(let isPaused)): self.isPaused = isPaused
            case ("position", _):
                throw Refusal(.badField, "`position` is an offset, \"new\" or \"all\"")
            case ("paused", _): throw Refusal(.badField, "`paused` is true or false")
            default:
                throw Refusal(.badField, "`\(member.name)` cannot be changed; `position` and `paused` can")
            }
        }
        if position == nil, isPaused == nil {
            throw Refusal(.missingField, "the request has neither `position` nor `paused`")
        }
    }
}

extension Offset {
    /// As the cursor of a list that goes on behind it.
    fileprivate var behind: String { "\(rawValue + 1)" }
}

/// Dead letters in the interface's words.
enum DeadLetterLook {
    /// Writes one of a list: of one that the log has lost since, there is nothing to say.
    static func writeIfKept(
        _ offset: Offset, _ reader: any LogReader, _ writer: inout JSONWriter
    ) throws {
        do { try write(offset, reader, &writer) } catch let refusal as Refusal
            where refusal.code == .unknownMessage
        {}
    }

    static func write(
        _ offset: Offset, _ reader: any LogReader, _ writer: inout JSONWriter, of tenant: NameID? = nil
    ) throws {
        let page = try reader.page(.log(from: offset, to: offset.next), PageLimit(records: 1))
        guard page.count == 1, tenant == nil || page[0].tenant == tenant,
            let facts = Router.facts(ofLetter: page[0])
        else { throw Refusal(.unknownMessage, "there is no dead letter at offset \(offset)") }
        writer.beginObject()
        writer.member("offset", offset.rawValue)
        writer.member("message", facts.message.rawValue)
        writer.member("consumer", try reader.name(facts.consumer)?.text ?? "")
        writer.member("reason", "\(facts.reason)")
        writer.member("attempts", facts.attempts)
        writer.member("remark", ifAny: facts.remark)
        writer.member("taken", facts.taken)
        writer.member("last_delivered", facts.lastDelivered)
        let message = try MessagePage(
            reader, .log(from: facts.message, to: facts.message.next), PageLimit(records: 1))
        if let first = message.messages.first {
            writer.key("delivery")
            writer.delivery(first, in: message.bytes.bytes)
        }
        writer.endObject()
    }
}
