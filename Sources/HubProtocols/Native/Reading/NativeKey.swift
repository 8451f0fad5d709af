/// The keys of frames, in both directions: fields whose value somebody reads.
enum NativeKey: UInt8, CaseIterable {
    case type, id, data, topic, to, session, ttlMs, retain, durability, cause, traceparent, timeoutMs
    case commandID, agent, token, key, signature, client, heartbeatS, epoch, batch, offset, topics, inbox
    case consumer, group, sticky, from, ack, maxInFlight, ackWaitMs, maxDeliver, backoff, initialMs
    case factor, maxMs, jitterPercent, delete, offsets, upTo, delayMs, reason, speed, limit, with
    case purpose, scope, filter, agents, watch, command, timeout, status, workingOn, time, seq, re, hub
    case version, head, limits, consumers, duplicate, away, timestamp, attempt, replay, expires, late
    case failure, dataBase64, position, pending, inFlight, sent, state, since, code, message, details
    case retryAfterMs, nonce, name, messageBytes, batchFrames, stopped, next
    case event

    /// How it is written.
    var word: String {
        var word = ""
        for letter in "\(self)" {
            if letter.isUppercase, word.last?.isUppercase != true { word += "_" }
            word.append(letter)
        }
        return word.lowercased()
    }

    /// All of them, to look up.
    static let table = WordTable(allCases.map(\.word))
}
