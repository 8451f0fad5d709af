import HubModel
package import HubProtocols

/// One object of a document, read member by member: each complaint names the place, and a name that nobody knows is a
/// complaint, since a misspelled limit would be none.
struct DocumentReader {
    let object: JSONObject
    let place: String

    init(_ value: JSONValue, _ place: String, knows names: [String]) throws(AccessError) {
        guard let object = value.object else {
            throw AccessError(.content, "\(place) is \(value.noun); it must be an object")
        }
        self.object = object
        self.place = place
        for name in object.names where !names.contains(name) {
            throw AccessError(
                .content,
                "\(place) has \"\(name)\", which means nothing there; known are \(names.joined(separator: ", "))"
            )
        }
    }

    func fail(_ name: String, _ reason: String) -> AccessError {
        AccessError(.content, "\(place).\(name) \(reason)")
    }

    func text(_ name: String) throws(AccessError) -> String? {
        guard let value = object[name] else { return nil }
        guard let text = value.text else { throw fail(name, "is \(value.noun); it must be text") }
        return text
    }

    func required(_ name: String) throws(AccessError) -> String {
        guard let text = try text(name) else { throw AccessError(.content, "\(place) has no \"\(name)\"") }
        return text
    }

    func flag(_ name: String) throws(AccessError) -> Bool? {
        guard let value = object[name] else { return nil }
        guard let flag = value.bool else { throw fail(name, "is \(value.noun); it must be true or false") }
        return flag
    }

    func list(_ name: String) throws(AccessError) -> [JSONValue]? {
        guard let value = object[name] else { return nil }
        guard let list = value.array else { throw fail(name, "is \(value.noun); it must be a list") }
        return list
    }

    func texts(_ name: String) throws(AccessError) -> [String]? {
        guard let list = try list(name) else { return nil }
        var texts: [String] = []
        for value in list {
            guard let text = value.text else {
                throw fail(name, "has \(value.noun) in it; it must be a list of texts")
            }
            texts.append(text)
        }
        return texts
    }

    func moment(_ name: String) throws(AccessError) -> Timestamp {
        guard let text = try text(name) else { return .none }
        guard let moment = Timestamp(text: text) else {
            throw fail(name, "is \"\(text)\"; it must be a time such as 2026-11-20T10:18:54Z")
        }
        return moment
    }

    func checked<Value>(_ name: String, _ body: () throws(Refusal) -> Value) throws(AccessError) -> Value {
        do throws(Refusal) { return try body() } catch { throw AccessError(error, in: "\(place).\(name)") }
    }

    func tenantAgent() throws(AccessError) -> TenantAgent {
        let agent = try required("agent")
        return TenantAgent(
            try tenant(), try checked("agent") { () throws(Refusal) in try AgentID(agent) })
    }

    func tenant() throws(AccessError) -> TenantName {
        guard let text = try text("tenant") else { return .default }
        return try checked("tenant") { () throws(Refusal) in try TenantName(text) }
    }

    func validity() throws(AccessError) -> Validity {
        var validity = Validity(created: try moment("created"), expires: try moment("expires"))
        validity.revoked = try moment("revoked")
        return validity
    }
}

extension Rights {
    /// Reads rights; `place` is what complaints call them.
    package init(_ value: JSONValue, _ place: String) throws(AccessError) {
        let reader = try DocumentReader(
            value, place, knows: ["publish", "subscribe", "command", "sessions", "admin"])
        self.init()
        func grants(_ name: String) throws(AccessError) -> Grants {
            let texts = try reader.texts(name) ?? []
            return try reader.checked(name) { () throws(Refusal) in try Grants(texts) }
        }
        publish = try grants("publish")
        subscribe = try grants("subscribe")
        command = try grants("command")
        for text in try reader.texts("sessions") ?? [] {
            sessions.append(try reader.checked("sessions") { () throws(Refusal) in try NamePattern(text) })
        }
        for text in try reader.texts("admin") ?? [] {
            admin.append(try reader.checked("admin") { () throws(Refusal) in try TopicPattern(text) })
        }
        guard sessions.count <= Grants.patternsMax, admin.count <= Grants.patternsMax else {
            throw AccessError(.content, "\(place) has a list of more than \(Grants.patternsMax) patterns")
        }
    }
}
