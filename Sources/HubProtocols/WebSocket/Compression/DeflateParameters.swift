/// The four parameters of `permessage-deflate` (RFC 7692, section 7.1), each at most once.
struct DeflateParameters: Equatable {
    static let name = "permessage-deflate"

    var isServerContextDropped = false
    var isClientContextDropped = false
    var serverBits: Int?
    var clientBits: ClientBits?

    enum ClientBits: Equatable {
        /// Without a value: the client can keep to whatever the server asks for.
        case any
        case most(Int)
    }

    init() {}

    /// The parameters of an offer, or of an answer; nil if one is unknown, twice there, or has a value that it must not
    /// have.
    init?(_ parameters: [WebSocketExtension.Parameter], isAnswer: Bool) {
        var seen: Set<String> = []
        for parameter in parameters {
            guard seen.insert(parameter.name).inserted else { return nil }
            switch (parameter.name, parameter.value) {
            case ("server_no_context_takeover", nil): isServerContextDropped = true
            case ("client_no_context_takeover", nil): isClientContextDropped = true
            case ("server_max_window_bits", let value?):
                guard let bits = Self.bits(value) else { return nil }
                serverBits = bits
            case ("client_max_window_bits", nil):
                guard !isAnswer else { return nil }
                clientBits = .any
            case ("client_max_window_bits", let value?):
                guard let bits = Self.bits(value) else { return nil }
                clientBits = .most(bits)
            default: return nil
            }
        }
    }

    /// A decimal number from 8 to 15, without leading zeros.
    private static func bits(_ text: String) -> Int? {
        (8...15).first { String($0) == text }
    }

    /// As it stands in a header field.
    var text: String {
        var text = Self.name
        if isServerContextDropped { text += "; server_no_context_takeover" }
        if isClientContextDropped { text += "; client_no_context_takeover" }
        if let serverBits { text += "; server_max_window_bits=\(serverBits)" }
        switch clientBits {
        case .any: text += "; client_max_window_bits"
        case .most(let bits): text += "; client_max_window_bits=\(bits)"
        case nil: break
        }
        return text
    }
}
