import HubBytes
import HubModel

/// Who an agent is, the steps of sessions, and pauses.
extension NativeReader {
    func hello(_ id: Slice, _ batch: inout ByteBuffer) throws(Refusal) -> NativeHello {
        var hello = NativeHello()
        hello.id = id
        hello.agent = try string(.agent)
        hello.token = try string(.token)
        hello.key = try string(.key)
        hello.signature = try string(.signature)
        guard (hello.key == nil) == (hello.signature == nil) else {
            throw Refusal(.missingField, "`key` and `signature` come together, in answer to a challenge")
        }
        hello.session = try string(.session)
        hello.client = try string(.client)
        if let client = hello.client, client.utf8.count > 256 {
            throw Refusal(.tooLarge, "`client` has \(client.utf8.count) bytes; the limit is 256")
        }
        hello.heartbeatSeconds = try integer(.heartbeatS, 1...3600).map { Int($0) }
        if let text = try string(.epoch) {
            guard let epoch = Epoch(text: text) else {
                throw mistyped(.epoch, "sixteen hexadecimal digits, as `welcome` had them")
            }
            hello.epoch = epoch
        }
        hello.offset = try integer(.offset, 0...Int64.max).map { Offset(UInt64($0)) }
        hello.takesBatches = try bool(.batch) ?? false
        return hello
    }

    func step(
        _ kind: NativeSessionStep.Kind, _ id: Slice, _ batch: inout ByteBuffer
    ) throws(Refusal) -> NativeSessionStep {
        var step = NativeSessionStep(kind)
        step.id = id
        step.session = try required(.session, &batch)
        if kind == .open {
            step.with = try text(.with, &batch)
        } else if scanner[has: .with] {
            throw Refusal(.badField, "`with` is for `session_open` alone")
        }
        let word = kind == .open ? NativeKey.purpose : .reason
        guard let value = scanner[word] else {
            step.data = try data(batch) ?? .empty
            return step
        }
        guard value.isText else { throw mistyped(word, "a string") }
        guard !scanner[has: .data] else {
            throw Refusal(.badField, "a session's step has `\(word.word)` or `data`, not both")
        }
        let start = batch.count
        batch.append(kind == .open ? "{\"purpose\":\"" as StaticString : "{\"reason\":\"")
        batch.append(text.extracting(value.start..<value.end))
        batch.append("\"}")
        step.data = Slice(from: start, in: batch)
        guard step.data.count <= limits.payloadBytesMax else {
            throw Refusal(.tooLarge, "`\(word.word)` is larger than \(limits.payloadBytesMax) bytes")
        }
        return step
    }

    func scope(_ batch: inout ByteBuffer) throws(Refusal) -> NativeScope {
        var scope = NativeScope()
        switch (scanner[has: .session], scanner[has: .consumer]) {
        case (true, true):
            throw Refusal(
                .badField,
                "a pause is of a `session`, of a `consumer`, or of the connection if neither is there")
        case (true, false):
            scope.target = .session
            scope.name = try required(.session, &batch)
        case (false, true):
            scope.target = .consumer
            scope.name = try required(.consumer, &batch)
        case (false, false): break
        }
        switch try string(.scope) {
        case nil, "all": break
        case "work": scope.isOnlyWork = true
        default: throw mistyped(.scope, "\"all\", or \"work\" for commands and sessions that are opened")
        }
        return scope
    }
}
