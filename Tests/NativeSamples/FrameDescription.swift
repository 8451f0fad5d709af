import HubBytes
import HubProtocols

/// What a frame says, in words that do not depend on where its texts lie: each field with its value, in order. Two frames
/// mean the same if and only if their descriptions are equal.
package func description(of value: Any, in batch: RawSpan) -> String {
    if let slice = value as? Slice { return "\(slice.of(batch).array)" }
    let mirror = Mirror(reflecting: value)
    if mirror.children.isEmpty { return "\(value)" }
    let children = mirror.children.map { "\($0.label ?? "")=\(description(of: $0.value, in: batch))" }
    // The case of an enumeration is its child's label.
    return "(\(children.joined(separator: " ")))"
}
