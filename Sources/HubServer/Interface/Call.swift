import HubBytes
import HubConnection
import HubModel
import HubProtocols

/// A request of the hub's HTTP interface.
struct Call {
    /// How it is answered.
    let token: WebToken
    /// What is wanted.
    let method: HTTPMethod?
    /// The parts of the path, decoded.
    let path: [String]
    /// The parameters behind the question mark, decoded; the last of a name counts.
    let parameters: [String: String]
    /// Whom it comes from.
    let identity: Identity
    /// The id of the last event that it has seen.
    let lastEvent: String?
    /// What it says that it brought.
    let contentType: String?
    /// What it brought.
    let content: [UInt8]

    /// Reads a request; throws what is wrong with its path or its parameters.
    init(
        _ token: WebToken, _ request: HTTPRequestView, _ content: RawSpan, _ identity: Identity
    ) throws(Refusal) {
        self.token = token
        method = request.head.method
        path = try Self.path(request.path)
        parameters = try Self.parameters(request.query)
        self.identity = identity
        lastEvent = request.fields.value(of: "Last-Event-ID")?.text
        contentType = request.fields.value(of: "Content-Type")?.text
        self.content = content.array
    }

    private static func path(_ text: RawSpan) throws(Refusal) -> [String] {
        var parts: [String] = []
        var segments = HTTPPathSegments(text)
        while let segment = segments.next() { parts.append(try decoded(segment, plusIsSpace: false)) }
        return parts
    }

    private static func parameters(_ text: RawSpan) throws(Refusal) -> [String: String] {
        var found: [String: String] = [:]
        var query = HTTPQuery(text)
        while let item = query.next() {
            found[try decoded(item.name, plusIsSpace: true)] = try decoded(item.value, plusIsSpace: true)
        }
        return found
    }

    private static func decoded(_ text: RawSpan, plusIsSpace: Bool) throws(Refusal) -> String {
        var buffer = ByteBuffer(capacity: text.byteCount)
        PercentEncoding.decode(text, plusIsSpace: plusIsSpace, to: &buffer)
        guard let decoded = String(validating: buffer.bytes.array, as: UTF8.self) else {
            throw Refusal(.badField, "the address has bytes that are no UTF-8 text")
        }
        return decoded
    }

    // MARK: Content

    /// Whether it says that it brought JSON: any page in a browser can send what says nothing, or something else.
    var hasJSON: Bool {
        let type = (contentType ?? "").prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }.lowercased()
        return type == "application/json" || type.hasPrefix("application/") && type.hasSuffix("+json")
    }

    // MARK: Parameters

    /// A number that was given, in bounds; a default if it was not.
    func number(
        _ name: String, in bounds: ClosedRange<UInt64>, default standard: UInt64
    ) throws(Refusal) -> UInt64 {
        guard let text = parameters[name] else { return standard }
        guard let value = UInt64(text), bounds.contains(value) else {
            throw Refusal(
                .badField,
                "`\(name)` is \"\(text)\"; it is a number from \(bounds.lowerBound) to \(bounds.upperBound)")
        }
        return value
    }
}
