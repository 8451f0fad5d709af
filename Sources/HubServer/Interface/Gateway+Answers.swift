import HubBytes
import HubConnection
import HubModel
import HubProtocols
import HubStorage

/// What somebody who looks into the hub is answered: a document, or why there is none.
typealias Looked = Result<[UInt8], Refusal>

extension Gateway {
    /// Finds something out from the log, on a thread that may wait for the disk, and answers with it.
    mutating func look(
        _ call: Call, _ find: @escaping @Sendable (any LogReader) throws -> [UInt8]
    ) throws(Refusal) {
        guard startLooking(call, .ok, find) else { throw Self.tooMany }
    }

    /// As `look`, with another status, where it is too late to throw.
    mutating func answer(
        _ call: Call, _ status: HTTPStatus, _ web: inout WebConnections, _ loop: inout EventLoop,
        _ find: @escaping @Sendable (any LogReader) throws -> [UInt8]
    ) {
        if !startLooking(call, status, find) { desk.refuse(call.token, Self.tooMany, &web, &loop) }
    }

    private func startLooking(
        _ call: Call, _ status: HTTPStatus, _ find: @escaping @Sendable (any LogReader) throws -> [UInt8]
    ) -> Bool {
        let (links, loop, token) = (desk.hub.links, desk.loop, call.token)
        return desk.hub.library.perform { reader in
            let looked = Self.looked { try find(reader) }
            links.tell(loop: loop) { gateway, web, loop in
                gateway.desk.answer(token, looked, status, &web, &loop)
            }
        }
    }

    private static let tooMany = Refusal(
        .limitReached, "too many questions wait to be answered; try again", retryAfterMilliseconds: 1000)

    /// Finds something out from the router, on the core's thread, and answers with it; what it is made of is put into
    /// words on a thread of the library, which may ask the log besides.
    mutating func ask<Facts: Sendable>(
        _ call: Call, _ find: @escaping @Sendable (inout Core) throws -> Facts,
        _ words: @escaping @Sendable (Facts, any LogReader) throws -> [UInt8]
    ) {
        let (hub, loop, token) = (desk.hub, desk.loop, call.token)
        hub.links.perform { core in
            let facts: Facts
            do { facts = try find(&core) } catch {
                let refusal = Self.refusal(error)
                return hub.links.tell(loop: loop) { gateway, web, loop in
                    gateway.desk.answer(token, .failure(refusal), .ok, &web, &loop)
                }
            }
            let isAsked = hub.library.perform { reader in
                let looked = Self.looked { try words(facts, reader) }
                hub.links.tell(loop: loop) { gateway, web, loop in
                    gateway.desk.answer(token, looked, .ok, &web, &loop)
                }
            }
            guard !isAsked else { return }
            hub.links.tell(loop: loop) { gateway, web, loop in
                gateway.desk.answer(
                    token, .failure(Self.tooMany), .ok, &web, &loop)
            }
        }
    }

    private static func looked(_ find: () throws -> [UInt8]) -> Looked {
        do { return .success(try find()) } catch { return .failure(refusal(error)) }
    }

    private static func refusal(_ error: any Error) -> Refusal {
        if let refusal = error as? Refusal { return refusal }
        return Refusal(.storageUnavailable, "the log cannot be read: \(error)")
    }
}

extension Desk {
    /// Answers a request with a document, or with why there is none.
    mutating func answer(
        _ token: WebToken, _ looked: Looked, _ status: HTTPStatus, _ web: inout WebConnections,
        _ loop: inout EventLoop
    ) {
        switch looked {
        case .success(let document):
            document.withBytes { web.answer(token, status, type: "application/json", $0, &loop) }
        case .failure(let refusal): refuse(token, refusal, &web, &loop)
        }
    }
}

/// Documents that the interface answers with.
enum Document {
    /// Writes one.
    static func make(_ write: (inout JSONWriter) throws -> Void) rethrows -> [UInt8] {
        var writer = JSONWriter()
        try write(&writer)
        return writer.bytes.array
    }

    /// Writes a page of a list, with the cursor of the next one.
    static func page<Item>(
        _ items: [Item], next: NameID?, _ write: (Item, inout JSONWriter) throws -> Void
    ) rethrows -> [UInt8] {
        try make { writer in
            writer.beginObject()
            writer.key("items")
            writer.beginArray()
            for item in items { try write(item, &writer) }
            writer.endArray()
            if let next {
                writer.key("next")
                writer.string("\(next.rawValue)")
            }
            writer.endObject()
        }
    }
}

extension JSONWriter {
    /// A member that is a text.
    mutating func member(_ name: StaticString, _ text: String) {
        key(name)
        string(text)
    }

    /// A member that is a text, unless that is empty.
    mutating func member(_ name: StaticString, ifAny text: String) {
        if !text.isEmpty { member(name, text) }
    }

    /// A member that is a number.
    mutating func member(_ name: StaticString, _ value: some FixedWidthInteger) {
        key(name)
        number(value)
    }

    /// A member that is a moment, unless there is none.
    mutating func member(_ name: StaticString, _ time: Timestamp) {
        if time != .none { member(name, time.description) }
    }

    /// A message as the native protocol has it.
    mutating func delivery(_ message: RoutedMessage, in texts: RawSpan) {
        var buffer = ByteBuffer(capacity: 1024)
        NativeWriter.delivery(
            message, in: texts, consumer: RawSpan(), attempt: 1, replay: RawSpan(), to: &buffer)
        embed(buffer.bytes)
    }
}
