import HubBytes
import HubProtocols

/// What an answer to a command says: the members of an object that was found to be valid JSON before.
struct AnswerFields {
    /// `status`, if it is a string.
    private(set) var status: String?
    /// `result`, as it was written.
    private(set) var result: String?
    /// `error`: its text if it is a string, else as it was written.
    private(set) var error: String?

    init(_ data: RawSpan) {
        var position = Self.space(data, 0)
        guard position < data.byteCount, data.load(position, as: UInt8.self) == UInt8(ascii: "{") else {
            return
        }
        position += 1
        while true {
            position = Self.space(data, position)
            guard position < data.byteCount, data.load(position, as: UInt8.self) == UInt8(ascii: "\"") else {
                return
            }
            let keyEnd = Self.end(data, position)
            let key = data.extracting(position + 1..<keyEnd - 1).text
            // Behind the key comes a colon, behind the value a comma or the end.
            let start = Self.space(data, Self.space(data, keyEnd) + 1)
            let end = Self.end(data, start)
            guard start < end, end <= data.byteCount else { return }
            take(key, data.extracting(start..<end))
            position = Self.space(data, end) + 1
        }
    }

    private mutating func take(_ key: String, _ value: RawSpan) {
        switch key {
        case "status": status = Self.text(value)
        case "result": result = value.text
        case "error": error = Self.text(value) ?? value.text
        default: break
        }
    }

    /// What a string means; nil if the value is none.
    private static func text(_ value: RawSpan) -> String? {
        guard value.byteCount >= 2, value.load(0, as: UInt8.self) == UInt8(ascii: "\"") else { return nil }
        var plain = ByteBuffer(capacity: value.byteCount)
        JSONText.append(value.extracting(1..<value.byteCount - 1), to: &plain)
        return plain.bytes.text
    }

    private static func space(_ data: RawSpan, _ start: Int) -> Int {
        var position = start
        while position < data.byteCount, data.load(position, as: UInt8.self) <= 0x20 { position += 1 }
        return position
    }

    /// The end of the value that begins at a place.
    private static func end(_ data: RawSpan, _ start: Int) -> Int {
        var position = start
        var depth = 0
        var isInString = false
        while position < data.byteCount {
            let byte = data.load(position, as: UInt8.self)
            position += 1
            if isInString {
                if byte == UInt8(ascii: "\\") { position += 1 }
                if byte == UInt8(ascii: "\"") { isInString = false } else { continue }
                if depth == 0 { return position }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                // The end of the object that the value stands in, or of the value.
                if depth == 0 { return position - 1 }
                depth -= 1
                if depth == 0 { return position }
            case UInt8(ascii: ","), 0...0x20: if depth == 0 { return position - 1 }
            default: break
            }
        }
        return position
    }
}
