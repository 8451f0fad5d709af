import HubBytes

/// How JSON text is read into values, and how much of it.
package struct JSONRules: Sendable, Equatable {
    /// A way to write JSON.
    package enum Dialect: Sendable {
        /// RFC 8259 and nothing else.
        case strict
        /// JSON5: comments, trailing commas, names without quotes, text in single quotes, more forms of numbers.
        case json5
    }

    /// The way it is written.
    package var dialect = Dialect.strict
    /// The longest text.
    package var bytesMax = 1 << 20
    /// The deepest nesting, at most `JSONWriter.depthMax`.
    package var depthMax = 128
    /// The most values in all, objects and arrays among them: a short text can hold many, each of which takes memory.
    package var valuesMax = 100_000
    /// Whether an object may have a name twice; the last value counts then.
    package var allowsDuplicateNames = false

    /// The usual ones.
    package init(dialect: Dialect = .strict) { self.dialect = dialect }

    /// RFC 8259.
    package static let strict = JSONRules()
    /// JSON5.
    package static let json5 = JSONRules(dialect: .json5)
}

/// Where something stands in a text, as editors count: from 1, columns in characters of Unicode.
package struct TextPlace: Sendable, Equatable, CustomStringConvertible {
    /// The line.
    package let line: Int
    /// The column.
    package let column: Int

    /// The place of a byte of a text.
    package init(ofByte position: Int, in text: RawSpan) {
        var line = 1
        var column = 1
        var index = 0
        while index < min(position, text.byteCount) {
            let byte = text.load(index, as: UInt8.self)
            index &+= 1
            let isPairWithNext =
                byte == 0x0d && index < text.byteCount && text.load(index, as: UInt8.self) == 0x0a
            if byte == 0x0a || (byte == 0x0d && !isPairWithNext) {
                line &+= 1
                column = 1
            } else if byte & 0xc0 != 0x80, !isPairWithNext {
                column &+= 1
            }
        }
        self.line = line
        self.column = column
    }

    /// `LINE:COLUMN`.
    package var description: String { "\(line):\(column)" }
}

/// What is wrong with a JSON text, where, and what would be right.
package struct JSONTextError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Where it is.
    package let place: TextPlace
    /// What is wrong and what would be right.
    package let message: String

    /// `LINE:COLUMN: MESSAGE`.
    package var description: String { "\(place): \(message)" }
}

/// The way from the top of a document to one of its values.
package struct JSONPath: Hashable, Sendable, CustomStringConvertible {
    /// One step down.
    package enum Step: Hashable, Sendable {
        /// Into an object.
        case name(String)
        /// Into an array.
        case index(Int)
    }

    /// The steps from the top.
    package var steps: [Step] = []

    /// The way to the top itself.
    package init() {}

    /// One step further, into an object.
    package func name(_ name: String) -> JSONPath { adding(.name(name)) }

    /// One step further, into an array.
    package func index(_ index: Int) -> JSONPath { adding(.index(index)) }

    private func adding(_ step: Step) -> JSONPath {
        var path = self
        path.steps.append(step)
        return path
    }

    /// As `listeners[0].address`.
    package var description: String {
        var text = ""
        for step in steps {
            switch step {
            case .name(let name): text += text.isEmpty ? name : ".\(name)"
            case .index(let index): text += "[\(index)]"
            }
        }
        return text
    }
}

/// A value that was read, and where each part of it stands in the text.
package struct JSONDocument: Sendable {
    /// The value.
    package let value: JSONValue
    private let text: [UInt8]
    private let positions: [JSONPath: Int]

    init(value: JSONValue, text: [UInt8], positions: [JSONPath: Int]) {
        self.value = value
        self.text = text
        self.positions = positions
    }

    /// Where a value begins, or the member of an object with its name; nil if there is none.
    package func place(of path: JSONPath) -> TextPlace? {
        guard let position = positions[path] else { return nil }
        return text.withBytes { TextPlace(ofByte: position, in: $0) }
    }
}
