import HubBytes
import HubModel

/// Values of fields as what they should be, or a refusal that says what they should be.
extension NativeReader {
    /// Where a text lies in the batch. What has escapes is put behind everything else, without them.
    func place(_ value: NativeValue, _ batch: inout ByteBuffer) -> Slice {
        guard value.kind == .escapedText else {
            return Slice(start: UInt32(base &+ value.start), count: UInt32(value.count))
        }
        let start = batch.count
        JSONText.append(text.extracting(value.start..<value.end), to: &batch)
        return Slice(from: start, in: batch)
    }

    /// A text; empty if there is none.
    @inline(__always)
    func text(_ key: NativeKey, _ batch: inout ByteBuffer) throws(Refusal) -> Slice {
        guard let value = scanner[key] else { return .empty }
        guard value.isText else { throw mistyped(key, "a string") }
        return place(value, &batch)
    }

    /// A text that must be there.
    @inline(__always)
    func required(_ key: NativeKey, _ batch: inout ByteBuffer) throws(Refusal) -> Slice {
        guard let value = scanner[key] else { throw missing(key) }
        guard value.isText else { throw mistyped(key, "a string") }
        return place(value, &batch)
    }

    /// The frame's id; empty if it has none.
    func frameID(_ batch: inout ByteBuffer) throws(Refusal) -> Slice {
        let id = try text(.id, &batch)
        guard id.count <= Limits.messageIDBytesMax else {
            throw Refusal(
                .tooLarge, "`id` has \(id.count) bytes; the limit is \(Limits.messageIDBytesMax)")
        }
        return id
    }

    /// A text of its own; nil if there is none. For frames that are rare.
    func string(_ key: NativeKey) throws(Refusal) -> String? {
        guard let value = scanner[key] else { return nil }
        guard value.isText else { throw mistyped(key, "a string") }
        return string(value)
    }

    func string(_ value: NativeValue) -> String {
        var plain = ByteBuffer(capacity: max(64, value.count))
        JSONText.append(text.extracting(value.start..<value.end), to: &plain)
        return plain.bytes.text
    }

    /// A list of texts; nil if there is none.
    func strings(_ key: NativeKey) throws(Refusal) -> [String]? {
        guard let value = scanner[key] else { return nil }
        guard value.kind == .array else { throw mistyped(key, "an array of strings") }
        var found: [String] = []
        var elements = NativeElements(text, value)
        while let element = elements.next() {
            guard element.isText else { throw mistyped(key, "an array of strings") }
            guard found.count < limits.listMax else { throw tooMany(key) }
            found.append(string(element))
        }
        return found
    }

    /// A whole number within a range; nil if there is none.
    func integer(_ key: NativeKey, _ range: ClosedRange<Int64>) throws(Refusal) -> Int64? {
        guard let value = scanner[key] else { return nil }
        return try integer(value, key, range)
    }

    func integer(
        _ value: NativeValue, _ key: NativeKey, _ range: ClosedRange<Int64>
    ) throws(Refusal) -> Int64 {
        guard value.kind == .number, let number = NativeNumber.integer(text, value), range.contains(number)
        else {
            throw mistyped(key, "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// True or false; nil if there is neither.
    func bool(_ key: NativeKey) throws(Refusal) -> Bool? {
        guard let value = scanner[key] else { return nil }
        switch value.kind {
        case .yes: return true
        case .no: return false
        default: throw mistyped(key, "true or false")
        }
    }

    /// A value as it was written.
    @inline(__always)
    func verbatim(_ value: NativeValue) -> Slice {
        // Text with its quotes.
        let quote = value.isText ? 1 : 0
        return Slice(
            start: UInt32(base &+ value.start &- quote), count: UInt32(value.count &+ quote &+ quote))
    }

    /// `data`, as it was written.
    func data(_ batch: borrowing ByteBuffer) throws(Refusal) -> Slice? {
        guard let value = scanner[.data] else { return nil }
        return try payload(verbatim(value))
    }

    private func payload(_ slice: Slice) throws(Refusal) -> Slice {
        guard slice.count <= limits.payloadBytesMax else {
            throw Refusal(
                .tooLarge, "`data` has \(slice.count) bytes; the limit is \(limits.payloadBytesMax)")
        }
        return slice
    }

    /// The fields of an object in a field; nil if there is no such field.
    @_lifetime(borrow self)
    func inside(_ key: NativeKey) throws(Refusal) -> NativeScanner? {
        guard let value = scanner[key] else { return nil }
        return try object(value, key)
    }

    /// The fields of an object.
    @_lifetime(borrow self)
    func object(_ value: NativeValue, _ key: NativeKey) throws(Refusal) -> NativeScanner {
        guard value.kind == .object else { throw mistyped(key, "an object") }
        var inner = NativeScanner(text, at: value.start)
        do throws(JSONFault) { try inner.readObject() } catch { throw Refusal(.badJSON, "\(error)") }
        if let repeated = inner.repeated {
            throw Refusal(
                .badField, "`\(key.word).\(repeated.word)` is there twice; an object has each key once")
        }
        return inner
    }

    /// Offsets from a list in a field, as runs of two 64-bit numbers each in the batch.
    func runs(
        _ list: NativeValue, _ key: NativeKey, _ batch: inout ByteBuffer
    ) throws(Refusal) -> Slice {
        guard list.kind == .array else { throw mistyped(key, "an array of offsets") }
        let start = batch.count
        var elements = NativeElements(text, list)
        var last: UInt64?
        var count = 0
        while let element = elements.next() {
            let offset = UInt64(try integer(element, key, 0...Int64.max))
            count += 1
            guard count <= limits.listMax else { throw tooMany(key) }
            if let last, offset == last &+ 1 {
                batch.patch(offset, at: batch.count - 8)
            } else {
                batch.append(offset)
                batch.append(offset)
            }
            last = offset
        }
        return Slice(from: start, in: batch)
    }

    // MARK: Refusals

    func missing(_ key: NativeKey) -> Refusal { Refusal(.missingField, "`\(key.word)` is missing") }

    func mistyped(_ key: NativeKey, _ wanted: String) -> Refusal {
        Refusal(.badField, "`\(key.word)` must be \(wanted)")
    }

    func tooMany(_ key: NativeKey) -> Refusal {
        Refusal(.tooLarge, "`\(key.word)` has more than \(limits.listMax) elements")
    }
}
