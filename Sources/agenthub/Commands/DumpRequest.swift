import HubModel
import HubStorage

/// Which records are wanted.
struct DumpRequest {
    let since: Timestamp?
    let until: Timestamp?
    let limit: Int
    let isReversed: Bool
    /// Whether positions are numbers in a session.
    let isSession: Bool
    private let source: (option: String, value: String)?
    private let tenant: String?
    private let from: UInt64?
    private let to: UInt64?

    init(_ arguments: ParsedArguments) throws(CommandFailure) {
        let sources = ["session", "topic", "agent", "consumer"].filter(arguments.has)
        guard sources.count <= 1 else {
            throw .usage(UsageError("--\(sources[0]) and --\(sources[1]) do not go together"))
        }
        source = sources.first.flatMap { option in arguments.value(option).map { (option, $0) } }
        isSession = source?.option == "session"
        tenant = arguments.value("tenant")
        from = try arguments.number("from")
        to = try arguments.number("to")
        since = try Self.time("since", arguments)
        until = try Self.time("until", arguments)
        limit = Int(clamping: try arguments.number("limit", atLeast: 1) ?? UInt64(Int.max))
        isReversed = arguments.has("reverse")
        if let source, source.option == "topic" {
            do throws(Refusal) { _ = try TopicPattern(source.value) } catch {
                throw .usage(UsageError(error.message))
            }
        }
    }

    private static func time(_ option: String, _ arguments: ParsedArguments) throws(CommandFailure)
        -> Timestamp?
    {
        guard let text = arguments.value(option) else { return nil }
        guard let time = Timestamp(text: text) else {
            throw .usage(UsageError("--\(option) takes a time such as 2026-11-20T10:18:54Z, not \"\(text)\""))
        }
        return time
    }

    /// What to ask the log for; nil if nothing can be in there.
    func query(_ reader: LMDBReader) throws(CommandFailure) -> LogQuery? {
        var query = LogQuery(try source(reader), isReversed ? .backward : .forward)
        query.from = max(query.from, from ?? 0)
        query.to = min(query.to, to ?? query.to)
        // Offsets are in order of time, so a time is an offset. In a session records are looked at one by one.
        if !isSession {
            try LogCommands.storage { () throws(StorageError) in
                if let since { query.from = max(query.from, try reader.offset(atOrAfter: since).rawValue) }
                if let until { query.to = min(query.to, try reader.offset(atOrAfter: until).rawValue) }
            }
        }
        return query.from < query.to ? query : nil
    }

    private func source(_ reader: LMDBReader) throws(CommandFailure) -> LogQuery.Source {
        guard let source else { return .log }
        let tenant = try tenantID(reader)
        if source.option == "topic" {
            return .topics([TopicPattern(unchecked: source.value)], tenant: tenant)
        }
        let kind: NameKind =
            switch source.option {
            case "session": .session
            case "agent": .agent
            default: .consumer
            }
        let found = try LogCommands.storage { () throws(StorageError) in
            try reader.find(NameKey(kind, tenant: tenant), source.value)
        }
        guard let found else { throw .absent("the log knows no \(source.option) \"\(source.value)\"") }
        return isSession ? .session(found) : .destination(found)
    }

    private func tenantID(_ reader: LMDBReader) throws(CommandFailure) -> NameID {
        let key = NameKey(.tenant, tenant: .none)
        if let tenant {
            let found = try LogCommands.storage { () throws(StorageError) in try reader.find(key, tenant) }
            guard let found else { throw .absent("the log knows no tenant \"\(tenant)\"") }
            return found
        }
        let known = try LogCommands.storage { () throws(StorageError) in
            try reader.names(key, after: nil, limit: 2)
        }
        guard known.count < 2 else {
            throw .usage(
                UsageError(
                    "the log has several tenants, \(known[0].text) and \(known[1].text) among them: add --tenant"
                ))
        }
        return known.first?.id ?? .none
    }
}
