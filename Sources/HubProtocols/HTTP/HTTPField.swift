import HubBytes

/// A field's name and value, as places in the bytes that were read.
struct HTTPField: Equatable, Sendable {
    let name: HTTPSlice
    let value: HTTPSlice

    /// Reads one line, whose bytes are known to hold no control characters but tabs.
    ///
    /// RFC 9112, section 5: the name, a colon right behind it, and a value whose blanks at both ends do not count. A
    /// blank before the colon must be refused (5.1). A line that begins with a blank continued the one before in
    /// old times and may be refused (5.2); both have been ways to hide a field from one of two readers.
    init(_ bytes: RawSpan, line: Range<Int>) throws(HTTPFault) {
        var position = line.lowerBound
        if HTTPText.isBlank(bytes.load(position, as: UInt8.self)) { throw .foldedLine }
        while position < line.upperBound, HTTPText.isToken(bytes.load(position, as: UInt8.self)) {
            position &+= 1
        }
        guard position < line.upperBound else { throw .missingColon }
        let byte = bytes.load(position, as: UInt8.self)
        guard byte == UInt8(ascii: ":"), position > line.lowerBound else {
            let next = HTTPText.trimmed(bytes, position..<line.upperBound)
            let isColonNext =
                next.lowerBound > position && !next.isEmpty
                && bytes.load(next.lowerBound, as: UInt8.self) == UInt8(ascii: ":")
            throw isColonNext ? .blankBeforeColon : .badFieldName
        }
        name = HTTPSlice(line.lowerBound..<position)
        value = HTTPSlice(HTTPText.trimmed(bytes, position &+ 1..<line.upperBound))
    }
}

/// The fields of a head, in the order in which they came.
package struct HTTPFields: ~Escapable {
    private let bytes: RawSpan
    private let fields: [HTTPField]

    @_lifetime(copy bytes)
    init(_ bytes: RawSpan, _ fields: [HTTPField]) {
        self.bytes = bytes
        self.fields = fields
    }

    /// How many there are.
    package var count: Int { fields.count }

    /// The name of one of them, as it was written.
    @_lifetime(copy self)
    package func name(at index: Int) -> RawSpan { fields[index].name.of(bytes) }

    /// The value of one of them, without the blanks around it.
    @_lifetime(copy self)
    package func value(at index: Int) -> RawSpan { fields[index].value.of(bytes) }

    /// Where the next field of a name is, at or behind an index. The name is given in small letters and is found
    /// in any.
    package func index(of name: StaticString, from start: Int = 0) -> Int? {
        var index = start
        while index < fields.count {
            if HTTPText.equals(fields[index].name.of(bytes), anyCase: name) { return index }
            index &+= 1
        }
        return nil
    }

    /// The value of the first field of a name, which is given in small letters.
    @_lifetime(copy self)
    package func value(of name: StaticString) -> RawSpan? {
        guard let index = index(of: name) else { return nil }
        return value(at: index)
    }

    /// Whether an element of the lists in all fields of a name is a word; both are given in small letters.
    package func contains(_ word: StaticString, in name: StaticString) -> Bool {
        var isFound = false
        var place = index(of: name)
        while let index = place {
            HTTPText.forEachElement(of: value(at: index)) {
                if HTTPText.equals($0, anyCase: word) { isFound = true }
            }
            place = self.index(of: name, from: index + 1)
        }
        return isFound
    }
}
