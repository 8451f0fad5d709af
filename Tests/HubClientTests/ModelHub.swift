/// What a hub promises, in as few lines as that takes: a log, ids that are known again, consumers with what they have not
/// settled. It is what the client is tested against, by the simulator and over sockets.
struct ModelHub {
    struct Message: Equatable {
        var id: String
        var sender: String
        var topic: String
        var data: [UInt8]
        var session: String
        var sequence: UInt64
    }

    struct Given: Equatable {
        var consumer: String
        var offset: UInt64
        var attempt: Int
    }

    struct Consumer {
        var topics: [String]
        var position: UInt64
        var isExplicit: Bool
        var inFlightMax: Int
        var connection: Int?
        var isNameless: Bool
        var inFlight: Set<UInt64> = []
        var again: [UInt64] = []
        var acknowledged: Set<UInt64> = []
        var dead: Set<UInt64> = []
    }

    var log: [Message] = []
    var epoch: UInt64 = 1
    private var ids: [String: Int] = [:]
    private var sequences: [String: UInt64] = [:]
    private(set) var consumers: [String: Consumer] = [:]
    private var attempts: [String: Int] = [:]
    private var nameless = 0

    /// Takes a message, or knows it again.
    mutating func publish(
        id: String, from sender: String, topic: String, data: [UInt8], session: String = ""
    ) -> (offset: UInt64, sequence: UInt64, isDuplicate: Bool) {
        let known = id.isEmpty ? nil : ids[sender + "/" + id]
        if let known { return (UInt64(known), log[known].sequence, true) }
        let session = session.isEmpty ? "topic:" + topic : session
        let sequence = (sequences[session] ?? 0) + 1
        sequences[session] = sequence
        if !id.isEmpty { ids[sender + "/" + id] = log.count }
        log.append(
            Message(id: id, sender: sender, topic: topic, data: data, session: session, sequence: sequence))
        return (UInt64(log.count - 1), sequence, false)
    }

    /// Serves a connection.
    mutating func subscribe(
        _ connection: Int, name: String?, topics: [String], from: UInt64?, isExplicit: Bool, inFlightMax: Int
    ) -> (name: String, position: UInt64) {
        if let name, var known = consumers[name] {
            known.connection = connection
            known.topics = topics
            consumers[name] = known
            return (name, known.position)
        }
        nameless += 1
        let given = name ?? "_\(nameless)"
        let position = from ?? UInt64(log.count)
        consumers[given] = Consumer(
            topics: topics, position: position, isExplicit: isExplicit, inFlightMax: inFlightMax,
            connection: connection, isNameless: name == nil)
        return (given, position)
    }

    mutating func unsubscribe(_ name: String, delete: Bool) {
        if delete || consumers[name]?.isNameless == true { consumers[name] = nil }
        consumers[name]?.connection = nil
    }

    /// What a connection is to be given now.
    mutating func give(_ connection: Int) -> [Given] {
        var given: [Given] = []
        for name in consumers.keys.sorted() where consumers[name]?.connection == connection {
            while let next = next(name) { given.append(next) }
        }
        return given
    }

    private mutating func next(_ name: String) -> Given? {
        guard var consumer = consumers[name], consumer.inFlight.count < consumer.inFlightMax else {
            return nil
        }
        defer { consumers[name] = consumer }
        var offset: UInt64?
        if !consumer.again.isEmpty {
            offset = consumer.again.removeFirst()
        } else {
            while consumer.position < UInt64(log.count), offset == nil {
                if Self.matches(log[Int(consumer.position)].topic, consumer.topics) {
                    offset = consumer.position
                }
                consumer.position += 1
            }
        }
        guard let offset else { return nil }
        if consumer.isExplicit {
            consumer.inFlight.insert(offset)
        } else {
            consumer.acknowledged.insert(offset)
        }
        let attempt = (attempts["\(name)/\(offset)"] ?? 0) + 1
        attempts["\(name)/\(offset)"] = attempt
        return Given(consumer: name, offset: offset, attempt: attempt)
    }

    static func matches(_ topic: String, _ patterns: [String]) -> Bool {
        patterns.contains {
            $0 == topic || $0 == ">" || $0.hasSuffix(".>") && topic.hasPrefix($0.dropLast(1))
        }
    }

    enum Verdict { case done, again, working, dead }

    mutating func settle(_ name: String, _ offset: UInt64, _ verdict: Verdict) {
        guard verdict != .working, consumers[name]?.inFlight.remove(offset) != nil else { return }
        switch verdict {
        case .done: consumers[name]?.acknowledged.insert(offset)
        case .again: consumers[name]?.again.append(offset)
        case .dead: consumers[name]?.dead.insert(offset)
        case .working: break
        }
    }

    mutating func settle(_ name: String, upTo offset: UInt64) {
        let held = consumers[name]?.inFlight ?? []
        for given in held where given <= offset { settle(name, given, .done) }
    }

    /// A connection is gone: what it had comes again at once.
    mutating func disconnect(_ connection: Int) {
        for name in consumers.keys.sorted() where consumers[name]?.connection == connection {
            if consumers[name]?.isNameless == true {
                consumers[name] = nil
                continue
            }
            consumers[name]?.connection = nil
            let held = (consumers[name]?.inFlight ?? []).sorted()
            let again = held + (consumers[name]?.again ?? [])
            consumers[name]?.again = again
            consumers[name]?.inFlight = []
        }
    }

    /// A consumer stands somewhere else.
    mutating func move(_ name: String, to position: UInt64) {
        consumers[name]?.position = position
        consumers[name]?.inFlight = []
        consumers[name]?.again = []
    }
}
