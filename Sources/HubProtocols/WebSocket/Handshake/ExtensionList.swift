import HubBytes

/// An extension with its parameters, as one end offers it or the other accepts it (RFC 6455, section 9.1).
struct WebSocketExtension: Equatable {
    struct Parameter: Equatable {
        let name: String
        let value: String?
    }

    let name: String
    var parameters: [Parameter] = []

    /// More in one list than anybody means seriously.
    static let offersMax = 16
    static let parametersMax = 16

    /// Reads the value of a `Sec-WebSocket-Extensions` field; nil if it is malformed or too long.
    static func parse(_ bytes: RawSpan) -> [WebSocketExtension]? {
        var scanner = ExtensionScanner(bytes)
        var list: [WebSocketExtension] = []
        repeat {
            // A list may have empty members (RFC 9110, section 5.6.1).
            if scanner.isAtMemberEnd { continue }
            guard list.count < offersMax, let name = scanner.token() else { return nil }
            var one = WebSocketExtension(name: name)
            while scanner.skip(UInt8(ascii: ";")) {
                guard one.parameters.count < parametersMax, let parameter = scanner.parameter() else {
                    return nil
                }
                one.parameters.append(parameter)
            }
            list.append(one)
        } while scanner.skip(UInt8(ascii: ","))
        return scanner.isAtEnd ? list : nil
    }
}

/// Reads the parts of a list of extensions.
private struct ExtensionScanner: ~Escapable {
    private let bytes: RawSpan
    private var position = 0

    @_lifetime(copy bytes)
    init(_ bytes: RawSpan) { self.bytes = bytes }

    private var byte: UInt8? { position < bytes.byteCount ? bytes.load(position, as: UInt8.self) : nil }

    @_lifetime(self: copy self)
    private mutating func skipSpace() {
        while let byte, HeaderText.isSpace(byte) { position += 1 }
    }

    var isAtEnd: Bool {
        @_lifetime(self: copy self) mutating get {
            skipSpace()
            return byte == nil
        }
    }

    var isAtMemberEnd: Bool {
        @_lifetime(self: copy self) mutating get { isAtEnd || byte == UInt8(ascii: ",") }
    }

    @_lifetime(self: copy self)
    mutating func skip(_ wanted: UInt8) -> Bool {
        skipSpace()
        guard byte == wanted else { return false }
        position += 1
        return true
    }

    @_lifetime(self: copy self)
    mutating func token() -> String? {
        skipSpace()
        let start = position
        while let byte, HeaderText.isTokenByte(byte) { position += 1 }
        return start < position ? bytes.extracting(start..<position).text : nil
    }

    @_lifetime(self: copy self)
    mutating func parameter() -> WebSocketExtension.Parameter? {
        guard let name = token() else { return nil }
        guard skip(UInt8(ascii: "=")) else { return WebSocketExtension.Parameter(name: name, value: nil) }
        guard let value = skip(UInt8(ascii: "\"")) ? quoted() : token() else { return nil }
        return WebSocketExtension.Parameter(name: name, value: value)
    }

    /// The rest of a quoted string; what it means must be a token again.
    @_lifetime(self: copy self)
    private mutating func quoted() -> String? {
        var text: [UInt8] = []
        while let next = byte {
            position += 1
            switch next {
            case UInt8(ascii: "\""):
                let isToken = !text.isEmpty && text.allSatisfy(HeaderText.isTokenByte)
                return isToken ? String(decoding: text, as: UTF8.self) : nil
            case UInt8(ascii: "\\"):
                guard let escaped = byte else { return nil }
                position += 1
                text.append(escaped)
            default: text.append(next)
            }
        }
        return nil
    }
}
