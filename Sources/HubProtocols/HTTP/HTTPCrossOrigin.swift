package import HubBytes

/// Which web pages may call from a browser, and what is said about it. Pages of the server itself always may. A
/// browser tells the origin of the page with each request that could matter; other programs tell none.
package struct HTTPCrossOrigin: Sendable {
    /// What a request's origin earns it.
    package enum Verdict: Equatable, Sendable {
        /// No page of another site asks.
        case own
        /// A page of another site asks, and may.
        case allowed
        /// A page of another site asks, and may not. What it asked for must not be done: the browser keeps the page
        /// from seeing the answer, not the request from having an effect.
        case refused
    }

    private let origins: [[UInt8]]
    private let allowsAll: Bool
    private let allowsCredentials: Bool
    private let methods: String
    private let fields: String
    private let secondsValid: UInt64

    /// Pages of these origins may call, each of the form `https://host:port`; `*` stands for all, but not together
    /// with credentials, since every page could then act for the user who happens to open it.
    package init(
        origins: [String], methods: [String] = ["GET", "HEAD", "POST", "PATCH", "DELETE"],
        fields: [String] = ["Content-Type", "Authorization", "Last-Event-ID", "X-Agent"],
        allowsCredentials: Bool = false,
        secondsValid: UInt64 = 600
    ) {
        allowsAll = origins.contains("*")
        precondition(!(allowsAll && allowsCredentials), "all origins and credentials exclude each other")
        self.origins = origins.map { Array($0.utf8) }
        self.allowsCredentials = allowsCredentials
        self.methods = methods.joined(separator: ", ")
        self.fields = fields.joined(separator: ", ")
        self.secondsValid = secondsValid
    }

    /// What a request's origin earns it. Whether the host that it names is one of ours must be checked before:
    /// otherwise a page whose name was made to lead here is taken for our own.
    package func verdict(on request: borrowing HTTPRequestView) -> Verdict {
        let fields = request.fields
        guard let index = fields.index(of: "origin") else { return .own }
        // A browser sends one; two could mean either.
        guard fields.index(of: "origin", from: index + 1) == nil else { return .refused }
        let origin = fields.value(at: index)
        if let host = fields.value(of: "host"), Self.isOrigin(origin, ofHost: host) { return .own }
        return allows(origin) ? .allowed : .refused
    }

    private static func isOrigin(_ origin: RawSpan, ofHost host: RawSpan) -> Bool {
        let start = origin.byteCount - host.byteCount
        guard host.byteCount > 0, start > 0, origin.extracting(start..<origin.byteCount).equals(host) else {
            return false
        }
        let scheme = origin.extracting(0..<start)
        return HTTPText.equals(scheme, "http://") || HTTPText.equals(scheme, "https://")
    }

    private func allows(_ origin: RawSpan) -> Bool {
        if allowsAll { return true }
        return origins.contains { allowed in allowed.withBytes { $0.equals(origin) } }
    }

    /// Whether a browser asks what it may do before it does it.
    package static func isPreflight(_ request: borrowing HTTPRequestView) -> Bool {
        request.head.method == .options && request.fields.index(of: "origin") != nil
            && request.fields.index(of: "access-control-request-method") != nil
    }

    /// Writes the fields that let the page see the answer; without them it cannot. Caches are told that answers
    /// differ by origin in any case.
    package func appendFields(
        on request: borrowing HTTPRequestView, _ writer: inout HTTPResponseWriter, to buffer: inout ByteBuffer
    ) throws(HTTPFieldFault) {
        if allowsAll {
            writer.field("Access-Control-Allow-Origin", "*", to: &buffer)
            return
        }
        writer.field("Vary", "Origin", to: &buffer)
        guard verdict(on: request) == .allowed, let origin = request.fields.value(of: "origin") else {
            return
        }
        try writer.field("Access-Control-Allow-Origin", origin, to: &buffer)
        if allowsCredentials { writer.field("Access-Control-Allow-Credentials", "true", to: &buffer) }
    }

    /// Answers the question of a browser: what a page may do, or 403.
    package func appendPreflight(
        to request: borrowing HTTPRequestView, date: HTTPDate?, in buffer: inout ByteBuffer
    ) throws(HTTPFieldFault) {
        let isAllowed = verdict(on: request) != .refused
        var writer = HTTPResponseWriter(
            isAllowed ? .noContent : .forbidden, HTTPReplyTerms(request.head), date: date, to: &buffer)
        do throws(HTTPFieldFault) {
            try appendFields(on: request, &writer, to: &buffer)
            if isAllowed {
                try methods.withBytes { (bytes) throws(HTTPFieldFault) in
                    try writer.field("Access-Control-Allow-Methods", bytes, to: &buffer)
                }
                try fields.withBytes { (bytes) throws(HTTPFieldFault) in
                    try writer.field("Access-Control-Allow-Headers", bytes, to: &buffer)
                }
                writer.field("Access-Control-Max-Age", secondsValid, to: &buffer)
            }
        } catch {
            writer.takeBack(from: &buffer)
            throw error
        }
        writer.end(in: &buffer)
    }
}
