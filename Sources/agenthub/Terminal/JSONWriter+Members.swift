import HubModel
import HubProtocols

extension JSONWriter {
    /// Writes a key and a number, or null.
    mutating func member(_ name: StaticString, _ value: (some FixedWidthInteger)?) {
        key(name)
        if let value { number(value) } else { null() }
    }

    /// Writes a key and a text, or null.
    mutating func member(_ name: StaticString, text: String?) {
        key(name)
        if let text { string(text) } else { null() }
    }

    /// Writes ranges of offsets as objects with their first and last.
    mutating func ranges(_ ranges: [Range<Offset>]) {
        beginArray()
        for range in ranges {
            beginObject()
            member("from", range.lowerBound.rawValue)
            member("through", range.upperBound.rawValue - 1)
            endObject()
        }
        endArray()
    }
}
