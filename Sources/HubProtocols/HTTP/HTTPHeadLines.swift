import HubBytes

/// Takes a head apart into lines as its bytes come in, without going over any of them twice.
struct HTTPHeadLines {
    enum Next {
        case needsMore
        case first(Range<Int>)
        case field(HTTPField)
        case end(byteCount: Int)
    }

    enum Kind {
        case request
        case response
    }

    private let kind: Kind
    private(set) var fields: [HTTPField] = []
    private var emptyLines = 0
    private var lineStart = 0
    private var scanned = 0
    /// Where the fields begin, behind the first line; 0 before that is known.
    private var fieldsStart = 0

    init(of kind: Kind) { self.kind = kind }

    /// Whether bytes other than empty lines were seen.
    var hasBegun: Bool { scanned > lineStart || fieldsStart > 0 }

    /// Begins the next head. The fields of the last one stay until its first line is there.
    mutating func restart() {
        emptyLines = 0
        lineStart = 0
        scanned = 0
        fieldsStart = 0
    }

    /// Begins the next head behind the end of this one, in the same bytes.
    mutating func goOn() { fieldsStart = 0 }

    /// Forgets the fields and gives their memory back.
    mutating func releaseMemory() { fields = [] }

    /// The next line; the bytes are those of the whole head so far, empty lines before it included.
    mutating func next(_ bytes: RawSpan, _ limits: HTTPLimits) throws(HTTPFault) -> Next {
        precondition(bytes.byteCount >= scanned, "bytes that were not done with are missing")
        guard fieldsStart > 0 else { return try first(bytes, limits) }
        let room = limits.fieldBytesMax &- 2 &- (lineStart &- fieldsStart)
        guard let line = try line(bytes, bytesMax: room, .fieldsTooLarge) else { return .needsMore }
        if line.isEmpty { return .end(byteCount: lineStart) }
        let field = try HTTPField(bytes, line: line)
        guard fields.count < limits.fieldsMax else { throw .tooManyFields }
        fields.append(field)
        return .field(field)
    }

    /// The first line that is not empty (RFC 9112, section 2.2, asks to skip an empty one before a request).
    private mutating func first(_ bytes: RawSpan, _ limits: HTTPLimits) throws(HTTPFault) -> Next {
        let tooLong: HTTPFault = kind == .request ? .requestLineTooLong : .statusLineTooLong
        while lineStart < bytes.byteCount {
            try checkFirst(bytes.load(lineStart, as: UInt8.self))
            guard let line = try line(bytes, bytesMax: limits.firstLineBytesMax, tooLong) else { break }
            if !line.isEmpty {
                fieldsStart = lineStart
                fields.removeAll(keepingCapacity: true)
                return .first(line)
            }
            guard emptyLines < limits.emptyLinesMax else { throw .tooManyEmptyLines }
            emptyLines += 1
        }
        return .needsMore
    }

    /// Whether a line may begin so. Who speaks another protocol, TLS above all, is told at once: a line of that might
    /// never end.
    private func checkFirst(_ byte: UInt8) throws(HTTPFault) {
        switch kind {
        case .request:
            if byte == 0x16 { throw .looksLikeTLS }
            let isLineEnd = byte == 0x0d || byte == 0x0a
            guard isLineEnd || HTTPText.isToken(byte) else { throw .notHTTP }
        case .response:
            guard byte == UInt8(ascii: "H") else { throw .badStatusLine }
        }
    }

    /// The content of the line at `lineStart`, which then is where the next one begins.
    private mutating func line(
        _ bytes: RawSpan, bytesMax: Int, _ tooLong: HTTPFault
    ) throws(HTTPFault) -> Range<Int>? {
        switch try HTTPLine.search(bytes, start: lineStart, scanned: scanned, bytesMax: bytesMax) {
        case .ends(let end):
            let line = lineStart..<end
            lineStart = end &+ 2
            scanned = lineStart
            return line
        case .notYet(let position):
            scanned = position
            return nil
        case .tooLong: throw tooLong
        }
    }
}
