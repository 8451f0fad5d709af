package import HubBytes

/// The parts of a query: names and values between `&` and `=`, still encoded.
package struct HTTPQuery: ~Escapable {
    /// A name and its value, which is empty if there is no `=`.
    package struct Item: ~Escapable {
        /// The name, still encoded.
        package let name: RawSpan
        /// The value, still encoded.
        package let value: RawSpan

        @_lifetime(copy name, copy value)
        init(name: RawSpan, value: RawSpan) {
            self.name = name
            self.value = value
        }
    }

    private let text: RawSpan
    private var position = 0

    /// The parts of a query, which is what stands behind the question mark.
    @_lifetime(copy text)
    package init(_ text: RawSpan) { self.text = text }

    /// The next name with its value; parts with nothing in them are left out.
    @_lifetime(copy self)
    package mutating func next() -> Item? {
        while position < text.byteCount {
            let start = position
            let end = Self.end(of: UInt8(ascii: "&"), text, from: start)
            position = end + 1
            if end == start { continue }
            let part = text.extracting(start..<end)
            let equals = Self.end(of: UInt8(ascii: "="), part, from: 0)
            return Item(
                name: part.extracting(0..<equals),
                value: part.extracting(min(equals + 1, part.byteCount)..<part.byteCount))
        }
        return nil
    }

    /// Where a mark is; the end if it is nowhere.
    private static func end(of mark: UInt8, _ text: RawSpan, from start: Int) -> Int {
        var position = start
        while position < text.byteCount, text.load(position, as: UInt8.self) != mark { position += 1 }
        return position
    }

    /// Appends the decoded value of the first part of a name; says whether there is one.
    package static func decodeValue(
        of name: StaticString, in text: RawSpan, to buffer: inout ByteBuffer
    ) -> Bool {
        var parts = HTTPQuery(text)
        while let part = parts.next() {
            guard PercentEncoding.equals(part.name, name, plusIsSpace: true) else { continue }
            PercentEncoding.decode(part.value, plusIsSpace: true, to: &buffer)
            return true
        }
        return false
    }
}

/// The parts of a path between its slashes, still encoded: an encoded slash belongs to the part that it is in.
package struct HTTPPathSegments: ~Escapable {
    private let path: RawSpan
    private var position = 1

    /// The parts of a path, which begins with a slash.
    @_lifetime(copy path)
    package init(_ path: RawSpan) { self.path = path }

    /// The next part. `/a/` has an empty one at its end; `/` has none.
    @_lifetime(copy self)
    package mutating func next() -> RawSpan? {
        guard path.byteCount > 1, position <= path.byteCount else { return nil }
        let start = position
        while position < path.byteCount, path.load(position, as: UInt8.self) != UInt8(ascii: "/") {
            position += 1
        }
        let segment = path.extracting(start..<position)
        position += 1
        return segment
    }
}
