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
        guard startLooking(call, .ok, desk.hub.library, find) else { throw Self.tooMany }
    }

    /// As `look`, for what needs much of the log.
    mutating func walk(
        _ call: Call, _ find: @escaping @Sendable (any LogReader, WalkBound) throws -> [UInt8]
    ) throws(Refusal) {
        let bound = WalkBound(desk.hub)
        let isStarted = startLooking(call, .ok, desk.hub.walks) { reader in
            try bound.check()
            return try find(reader, bound)
        }
        guard isStarted else { throw Self.tooMany }
    }

    /// As `look`, with another status, where it is too late to throw.
    mutating func answer(
        _ call: Call, _ status: HTTPStatus, _ web: inout WebConnections, _ loop: inout EventLoop,
        _ find: @escaping @Sendable (any LogReader) throws -> [UInt8]
    ) {
        if !startLooking(call, status, desk.hub.library, find) {
            desk.refuse(call.token, Self.tooMany, &web, &loop)
        }
    }

    private func startLooking(
        _ call: Call, _ status: HTTPStatus, _ library: Library,
        _ find: @escaping @Sendable (any LogReader) throws -> [UInt8]
    ) -> Bool {
        let (links, loop, token) = (desk.hub.links, desk.loop, call.token)
        return library.perform { reader in
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
        _ call: Call, _ find: @escaping @Sendable (inout Core) throws(Refusal) -> Facts,
        _ words: @escaping @Sendable (Facts, any LogReader) throws -> [UInt8]
    ) throws(Refusal) {
        let (hub, loop, token) = (desk.hub, desk.loop, call.token)
        guard hub.questions.enter() else { throw Self.tooMany }
        hub.links.perform { core in
            let found: Result<Facts, Refusal>
            do throws(Refusal) { found = .success(try find(&core)) } catch { found = .failure(error) }
            let isAsked = hub.library.perform { reader in
                hub.questions.leave()
                let looked = Self.looked { try words(try found.get(), reader) }
                hub.links.tell(loop: loop) { gateway, web, loop in
                    gateway.desk.answer(token, looked, .ok, &web, &loop)
                }
            }
            guard !isAsked else { return }
            hub.questions.leave()
            hub.links.offer(loop: loop) { gateway, web, loop in
                gateway.desk.refuse(token, Self.tooMany, &web, &loop)
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

    /// Writes a page of a list, with the cursor of the next one. `cursor` is that behind an item: with it the page ends
    /// earlier that has grown beyond some bytes.
    static func page<Item>(
        _ items: [Item], next: String?, bytesMax: Int, cursor: (Item) -> String,
        _ write: (Item, inout JSONWriter) throws -> Void
    ) rethrows -> [UInt8] {
        try make { writer in
            var next = next
            writer.beginObject()
            writer.key("items")
            writer.beginArray()
            for (place, item) in items.enumerated() {
                try write(item, &writer)
                guard writer.bytes.byteCount > bytesMax, place + 1 < items.count else { continue }
                next = cursor(item)
                break
            }
            writer.endArray()
            if let next { writer.member("next", next) }
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
