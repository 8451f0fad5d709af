import HubBytes
import HubConnection
import HubProtocols
import HubSystem

/// The hub's HTTP interface, as commands use it: JSON goes in and out, refusals end the command.
struct HubInterface {
    private let place: HubPlace
    private let tls: TLSContext?

    /// Where the hub is.
    var url: String { place.url }

    private static let root = "/api/hub/v1"
    /// Items of a list that are asked for at a time: the most that the hub gives.
    private static let pageMax = 1000

    init(_ arguments: ParsedArguments) throws(CommandFailure) {
        place = try HubPlace(arguments, .lasting)
        tls = try place.url.hasPrefix("wss://") ? Self.trust(place.authorityFile) : nil
    }

    private static func trust(_ authorityFile: String?) throws(CommandFailure) -> TLSContext {
        do throws(CredentialError) {
            var settings = TLSClientSettings()
            if let authorityFile {
                settings.trust = .authorities(try Certificate.all(inFile: authorityFile))
            }
            return try TLSContext(client: settings)
        } catch {
            throw .absent("\(error)")
        }
    }

    /// Asks for something; what the hub answers, null if it has nothing to say.
    @discardableResult
    func ask(
        _ method: HTTPMethod, _ target: String, _ body: JSONValue? = nil, isBelowRoot: Bool = true
    ) throws(CommandFailure) -> JSONValue {
        let answer = try send(method, (isBelowRoot ? Self.root : "") + target, body)
        let value = try Self.value(answer)
        guard !(200...299).contains(answer.status) else { return value }
        let error = value["error"]
        throw .refused(
            code: error?["code"]?.text ?? "status \(answer.status)",
            message: error?["message"]?.text ?? "the hub gave no reason")
    }

    /// The answer whatever its status is.
    func answer(_ target: String) throws(CommandFailure) -> (status: UInt16, value: JSONValue) {
        let answer = try send(.get, target, nil)
        return (answer.status, try Self.value(answer))
    }

    private func send(
        _ method: HTTPMethod, _ target: String, _ body: JSONValue?
    ) throws(CommandFailure) -> HTTPFetch.Answer {
        var fetch = try fetch(target)
        fetch.method = method
        fetch.timeoutMilliseconds = 30_000
        fetch.contentBytesMax = 256 << 20
        if let body {
            var writer = JSONWriter()
            writer.value(body)
            fetch.body = writer.bytes.array
        }
        do throws(CommandFailure) { return try fetch.send() } catch .absent(let sentence) {
            throw .absent(sentence + ClientTrouble.hint(sentence))
        }
    }

    /// A GET of something on the hub.
    func fetch(_ target: String) throws(CommandFailure) -> HTTPFetch {
        let (url, address) = try place.interface(target)
        var fetch = HTTPFetch(url: url, token: place.token)
        // A token shows who it is.
        fetch.agent = place.token == nil ? place.agent : nil
        fetch.address = address
        fetch.tls = tls
        return fetch
    }

    private static func value(_ answer: HTTPFetch.Answer) throws(CommandFailure) -> JSONValue {
        guard !answer.content.isEmpty else { return .null }
        var rules = JSONRules.strict
        rules.bytesMax = 256 << 20
        rules.valuesMax = 20_000_000
        let content = answer.content
        do throws(JSONTextError) {
            return try content.withBytes { (bytes) throws(JSONTextError) in
                try JSONReader.value(bytes, rules)
            }
        } catch {
            throw .absent("whoever answers there is no hub: status \(answer.status), and no JSON (\(error))")
        }
    }

    /// All items of a list, or so many, page by page.
    func items(
        _ target: String, limit: Int = .max, _ each: (JSONValue) throws(CommandFailure) -> Void
    ) throws(CommandFailure) {
        var cursor: String?
        var rest = limit
        let mark = target.contains("?") ? "&" : "?"
        while rest > 0 {
            var page = "\(target)\(mark)limit=\(min(rest, Self.pageMax))"
            if let cursor { page += "&cursor=\(Self.encoded(cursor))" }
            let answer = try ask(.get, page)
            for item in answer["items"]?.array ?? [] {
                try each(item)
                rest -= 1
            }
            guard let next = answer["next"]?.text, !next.isEmpty else { return }
            cursor = next
        }
    }

    /// Text as a part of a path or a value in a query.
    static func encoded(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += "%" + (digits.count == 1 ? "0" : "") + digits
            }
        }
        return result
    }
}
