import HubBytes

/// What a request asks for.
package enum HTTPMethod: Equatable, Sendable, CaseIterable {
    case get, head, post, put, patch, delete, options, trace, connect
    /// A method that has no meaning here.
    case other

    /// The method of a name; capitals count (RFC 9110, section 9.1).
    package init(_ name: RawSpan) {
        let candidates: (HTTPMethod, HTTPMethod) =
            switch name.byteCount {
            case 3: (.get, .put)
            case 4: (.post, .head)
            case 5: (.patch, .trace)
            case 6: (.delete, .delete)
            default: (.options, .connect)
            }
        if HTTPText.equals(name, candidates.0.name) {
            self = candidates.0
        } else if HTTPText.equals(name, candidates.1.name) {
            self = candidates.1
        } else {
            self = .other
        }
    }

    /// How it is written; empty for a method that is not known.
    package var name: StaticString {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .patch: "PATCH"
        case .delete: "DELETE"
        case .options: "OPTIONS"
        case .trace: "TRACE"
        case .connect: "CONNECT"
        case .other: ""
        }
    }
}
