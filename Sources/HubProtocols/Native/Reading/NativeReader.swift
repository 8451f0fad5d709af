package import HubBytes
import HubModel

/// What a reader of frames takes.
package struct NativeLimits: Sendable, Equatable {
    /// Bytes of `data`.
    package var payloadBytesMax = 1 << 20
    /// Frames of one array.
    package var batchFramesMax = 4096
    /// Elements of a list in a frame: patterns, agents, offsets.
    package var listMax = 65_536

    /// The defaults.
    package init() {}
}

/// Reads the frames of one text: an object, or an array of objects. Each is gone through once; the text as a whole is
/// copied behind what the batch holds already, and the texts of frames are places in it.
package struct NativeReader: ~Copyable, ~Escapable {
    private enum Place {
        case beginning, insideArray, end
    }

    let text: RawSpan
    let limits: NativeLimits
    var scanner: NativeScanner
    private var place = Place.beginning
    private var frames = 0
    /// Whether what follows cannot be read.
    private var isBroken = false
    /// Where the text begins in the batch.
    var base = 0
    /// What a frame is that has no `type`; nil if it must have one.
    private let typeIfNone: NativeType?

    /// Reads from a text. Where frames without a `type` are messages, `typeMayBeLeftOut` says so.
    @_lifetime(copy text)
    package init(_ text: RawSpan, limits: NativeLimits = NativeLimits(), typeMayBeLeftOut: Bool = false) {
        self.text = text
        self.limits = limits
        typeIfNone = typeMayBeLeftOut ? .message : nil
        scanner = NativeScanner(text)
    }

    /// The next frame; nil behind the last one. Its texts are in the batch, which has to be the same for all frames of a
    /// text and may grow in between.
    @_lifetime(self: copy self)
    package mutating func next(_ batch: inout ByteBuffer) throws(NativeFault) -> NativeFrame? {
        guard try advance(&batch) else { return nil }
        do throws(Refusal) {
            return try frame(&batch)
        } catch {
            throw fault(error, &batch)
        }
    }

    /// Goes through the next frame; says whether there was one.
    @_lifetime(self: copy self)
    mutating func advance(_ batch: inout ByteBuffer) throws(NativeFault) -> Bool {
        let isThere: Bool
        do throws(JSONFault) {
            isThere = try scan(&batch)
        } catch {
            place = .end
            isBroken = true
            throw fault(Refusal(.badJSON, "the frame is not valid JSON: \(error)"), &batch)
        }
        guard frames <= limits.batchFramesMax else {
            place = .end
            isBroken = true
            throw fault(Refusal(.tooLarge, "an array has at most \(limits.batchFramesMax) frames"), &batch)
        }
        return isThere
    }

    /// A refusal of the frame that was read last.
    func fault(_ refusal: Refusal, _ batch: inout ByteBuffer) -> NativeFault {
        NativeFault(refusal: refusal, id: id(&batch), canGoOn: !isBroken)
    }

    /// Goes to the next frame and through it; says whether there was one.
    @_lifetime(self: copy self)
    private mutating func scan(_ batch: inout ByteBuffer) throws(JSONFault) -> Bool {
        switch place {
        case .end: return false
        case .beginning:
            precondition(text.byteCount < NativeValue.textBytesMax, "the limit of a message is set too high")
            base = batch.count
            batch.append(text)
            scanner.json.skipSpace()
            guard scanner.json.byte == UInt8(ascii: "[") else {
                place = .end
                try scanElement()
                try finish()
                return true
            }
            place = .insideArray
            scanner.json.position &+= 1
            scanner.json.skipSpace()
            if scanner.json.byte == UInt8(ascii: "]") {
                place = .end
                scanner.json.position &+= 1
                try finish()
                return false
            }
        case .insideArray: break
        }
        try scanElement()
        try leaveElement()
        return true
    }

    /// Goes through an object; or through anything else, which leaves nothing behind.
    @_lifetime(self: copy self)
    private mutating func scanElement() throws(JSONFault) {
        frames &+= 1
        if scanner.json.byte == UInt8(ascii: "{") { return try scanner.readObject() }
        scanner.forget()
        _ = try scanner.readValue()
    }

    /// Goes to the next frame of an array, or behind its end.
    @_lifetime(self: copy self)
    private mutating func leaveElement() throws(JSONFault) {
        scanner.json.skipSpace()
        if scanner.json.byte == UInt8(ascii: ",") {
            scanner.json.position &+= 1
            scanner.json.skipSpace()
            return
        }
        guard scanner.json.byte == UInt8(ascii: "]") else { throw scanner.json.fault(.commaExpected) }
        scanner.json.position &+= 1
        place = .end
        try finish()
    }

    @_lifetime(self: copy self)
    private mutating func finish() throws(JSONFault) {
        scanner.json.skipSpace()
        if scanner.json.position < text.byteCount { throw scanner.json.fault(.trailing) }
    }

    /// The id of the frame as far as it was read; empty if there is none that could be repeated to its sender.
    private func id(_ batch: inout ByteBuffer) -> Slice {
        guard let value = scanner[.id], value.isText, value.count <= 6 * Limits.messageIDBytesMax else {
            return .empty
        }
        return place(value, &batch)
    }

    // MARK: Fields

    /// The type of the frame that was read last.
    private func type(_ batch: inout ByteBuffer) throws(Refusal) -> NativeType {
        if let key = scanner.repeated {
            throw Refusal(.badField, "`\(key.word)` is there twice; a frame has each field once")
        }
        guard let value = scanner[.type] else {
            if let typeIfNone { return typeIfNone }
            throw Refusal(.missingField, "a frame is an object and has a `type`, such as \"message\"")
        }
        guard value.isText else { throw Refusal(.badField, "`type` must be a string, such as \"message\"") }
        let number =
            value.kind == .plainText
            ? NativeType.table.number(of: text, value.start, value.end) : WordTable.unknown
        if let type = NativeType(rawValue: number) { return type }
        let word = place(value, &batch).of(batch.bytes).extracting(first: 64).text
        if let type = NativeType.allCases.first(where: { $0.word == word }) { return type }
        let hint = NativeType.nearest(to: word).map { "; did you mean \"\($0.word)\"?" } ?? ""
        throw Refusal(.unknownType, "there is no type \"\(word)\"\(hint)")
    }

    /// The frame that was read last.
    private func frame(_ batch: inout ByteBuffer) throws(Refusal) -> NativeFrame {
        let type = try type(&batch)
        let id = try frameID(&batch)
        switch type {
        case .message: return .publication(try message(id, &batch))
        case .command: return .publication(try command(id, &batch))
        case .response: return .publication(try response(id, &batch))
        case .status: return .publication(try status(id, &batch))
        case .ack: return .settlement(try settlement(.acknowledged, &batch))
        case .nak:
            let delay = try integer(.delayMs, 0...86_400_000)
            return .settlement(try settlement(.refused(afterMilliseconds: delay), &batch))
        case .working: return .settlement(try settlement(.working, &batch))
        case .term: return .settlement(try settlement(.givenUp, &batch))
        case .heartbeat: return .heartbeat(try heartbeat(id, &batch))
        case .hello: return .hello(try hello(id, &batch))
        case .subscribe: return .subscribe(try subscribe(id, &batch))
        case .unsubscribe:
            return .unsubscribe(
                id: id, consumer: try required(.consumer, &batch), delete: try bool(.delete) ?? false)
        case .replay: return .replay(try replay(id, &batch))
        case .cancel:
            guard !id.isEmpty else { throw Refusal(.missingField, "`cancel` has the `id` of the replay") }
            return .cancel(id: id)
        case .sessionOpen: return .session(try step(.open, id, &batch))
        case .sessionAccept: return .session(try step(.accept, id, &batch))
        case .sessionReject: return .session(try step(.reject, id, &batch))
        case .sessionClose: return .session(try step(.close, id, &batch))
        case .pause: return .pause(id: id, try scope(&batch))
        case .resume: return .resume(id: id, try scope(&batch))
        case .agents: return .agents(id: id, filter: try text(.filter, &batch))
        case .presence:
            return .presence(id: id, agents: try strings(.agents) ?? [], watch: try bool(.watch))
        case .ping: return .ping(id: id)
        }
    }
}
