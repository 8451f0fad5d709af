import HubBytes

/// The tokens of patterns and their numbers, so that the trie compares numbers and not text.
///
/// A token is counted as often as it is used, and its number and bytes are free again when nobody uses it: clients
/// that subscribe to ever new patterns cannot fill the hub with the words of those that are gone.
struct TokenTable: ~Copyable {
    private struct Token {
        var start: Int
        var length: Int
        var hash: UInt64
        /// 0 if the number is free.
        var uses: Int
    }

    /// Stands for a token that no pattern has.
    static let absent: Int32 = -1
    /// Bytes of forgotten tokens that are not worth moving the others for.
    private static let garbageKept = 4096

    private var tokens: [Token] = []
    private var free: [Int32] = []
    private var text = ByteBuffer(capacity: 1024)
    private var garbage = 0
    private var index = HashIndex()
    private let seed: UInt64

    init(seed: UInt64) { self.seed = seed }

    /// Tokens in use.
    var count: Int { index.count }

    /// Bytes that the table takes.
    var byteCount: Int {
        tokens.capacity * MemoryLayout<Token>.stride + free.capacity * 4 + text.capacity + index.byteCount
    }

    /// The number of a token, or `absent`.
    func find(_ bytes: RawSpan) -> Int32 { find(bytes, hash: ByteHash.of(bytes, seed: seed)) }

    /// The number of a token, which is used once more.
    mutating func use(_ bytes: RawSpan) -> Int32 {
        let hash = ByteHash.of(bytes, seed: seed)
        let known = find(bytes, hash: hash)
        if known != Self.absent {
            tokens[Int(known)].uses += 1
            return known
        }
        let token = Token(start: text.count, length: bytes.byteCount, hash: hash, uses: 1)
        text.append(bytes)
        let number: Int32
        if let reused = free.popLast() {
            number = reused
            tokens[Int(number)] = token
        } else {
            precondition(tokens.count < Int(Int32.max), "more tokens than their numbers can tell apart")
            number = Int32(tokens.count)
            tokens.append(token)
        }
        index.insert(Int(number), hash)
        return number
    }

    /// Takes one use of a token back.
    mutating func release(_ number: Int32) {
        precondition(tokens[Int(number)].uses > 0, "a token is released more often than it was used")
        tokens[Int(number)].uses -= 1
        guard tokens[Int(number)].uses == 0 else { return }
        index.remove(Int(number), tokens[Int(number)].hash)
        free.append(number)
        garbage += tokens[Int(number)].length
        // When half of the bytes are garbage, moving the rest costs no more than writing the garbage did.
        if garbage > Self.garbageKept, garbage * 2 > text.count { collectGarbage() }
    }

    private mutating func collectGarbage() {
        var kept = ByteBuffer(capacity: text.count - garbage)
        for number in tokens.indices where tokens[number].uses > 0 {
            let token = tokens[number]
            tokens[number].start = kept.count
            kept.append(text.bytes.extracting(token.start..<token.start + token.length))
        }
        text = kept
        garbage = 0
    }

    private func find(_ bytes: RawSpan, hash: UInt64) -> Int32 {
        var probe = index.probe(hash)
        while let number = index.next(&probe) {
            let token = tokens[number]
            if token.hash == hash, token.length == bytes.byteCount,
                text.bytes.extracting(token.start..<token.start &+ token.length).equals(bytes)
            {
                return Int32(truncatingIfNeeded: number)
            }
        }
        return Self.absent
    }
}
