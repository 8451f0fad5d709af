import HubBytes
package import HubProtocols

/// What a reader said about a stream of bytes, written down so that two readings can be compared. Pieces of content
/// are joined, since where they end depends on how the bytes arrived; nothing else may.
package struct HTTPTranscript: Equatable, CustomStringConvertible {
    /// What was said, in order.
    package private(set) var lines: [String] = []
    /// The fault that the stream was refused for, unless its end was the fault.
    package private(set) var fault: HTTPFault?
    private var content: [UInt8] = []

    /// All of it.
    package var description: String { lines.joined(separator: "\n") }

    /// What a server makes of bytes that arrive in pieces, which end at the places given.
    package static func ofRequests(
        _ bytes: [UInt8], cutAt cuts: [Int] = [], limits: HTTPLimits = HTTPLimits()
    ) -> HTTPTranscript {
        var transcript = HTTPTranscript()
        var reader = HTTPRequestReader(limits: limits)
        let isOver = transcript.feed(bytes, cuts, limits) { unread, transcript in
            unread.withBytes { span in
                let step = reader.next(span)
                if case .head = step { transcript.note(reader.request(in: span)) }
                return step
            }
        }
        if !isOver { transcript.note(reader.endOfConnection()) }
        return transcript
    }

    /// What a client makes of bytes that arrive in pieces, which end at the places given.
    package static func ofResponse(
        _ bytes: [UInt8], to method: HTTPMethod = .get, expectsUpgrade: Bool = false, cutAt cuts: [Int] = [],
        limits: HTTPLimits = HTTPLimits()
    ) -> HTTPTranscript {
        var transcript = HTTPTranscript()
        var reader = HTTPResponseReader(to: method, expectsUpgrade: expectsUpgrade, limits: limits)
        let isOver = transcript.feed(bytes, cuts, limits) { unread, transcript in
            unread.withBytes { span in
                let step = reader.next(span)
                if case .head = step { transcript.note(reader.response(in: span)) }
                return step
            }
        }
        if !isOver { transcript.note(reader.endOfConnection()) }
        return transcript
    }

    /// Hands the bytes on piece by piece, each time in memory that ends where they end; says whether the reader came
    /// to an end of its own. What every reading has to keep is checked on the way.
    private mutating func feed(
        _ bytes: [UInt8], _ cuts: [Int], _ limits: HTTPLimits,
        _ next: ([UInt8], inout HTTPTranscript) -> HTTPStep
    ) -> Bool {
        var start = 0
        for end in cuts.filter({ $0 > 0 && $0 < bytes.count }).sorted() + [bytes.count] {
            while true {
                let unread = Array(bytes[start..<end])
                let step = next(unread, &self)
                precondition(
                    step.consumed >= 0 && step.consumed <= unread.count, "done with what is not there")
                if case .content(let range) = step {
                    precondition(!range.isEmpty && range.lowerBound >= 0, "empty content")
                    content += unread[range]
                    precondition(content.count <= limits.contentBytesMax, "more content than allowed")
                }
                if case .head(let count) = step { Self.check(count, limits) }
                start += step.consumed
                if case .needsMore = step { break }
                if note(step) {
                    precondition(next(Array(bytes[start..<end]), &self) == step, "an end that is none")
                    return true
                }
            }
        }
        return false
    }

    /// Writes down what matters of a step; says whether nothing follows it.
    @discardableResult private mutating func note(_ step: HTTPStep) -> Bool {
        switch step {
        case .needsMore, .head, .content: return false
        case .end:
            endContent()
            lines.append("end")
            return false
        case .finished:
            lines.append("finished")
            return true
        case .refused(let fault):
            endContent()
            lines.append("refused \(fault)")
            self.fault = fault
            return true
        }
    }

    private mutating func endContent() {
        if !content.isEmpty { lines.append("content \(Self.text(content))") }
        content = []
    }

    private static func check(_ headBytes: Int, _ limits: HTTPLimits) {
        let head = limits.firstLineBytesMax + 2 + limits.fieldBytesMax
        precondition(
            headBytes <= head * (1 + limits.interimResponsesMax) + 2 * limits.emptyLinesMax, "too long a head"
        )
    }

    // MARK: Heads

    private mutating func note(_ request: borrowing HTTPRequestView) {
        let head = request.head
        var marks = ["\(head.framing)"]
        if head.isOldVersion { marks.append("old") }
        if head.keepsAlive { marks.append("keeps") }
        if head.expectsContinue { marks.append("continue") }
        if head.wantsWebSocket { marks.append("websocket") }
        var host = "no host"
        if let name = request.host { host = Self.text(name.array) }
        let port = head.authority?.port.map { ":\($0)" } ?? ""
        lines.append(
            "\(request.methodName.text) \(head.targetForm) \(request.path.text) ? \(request.query.text) @ \(host)\(port) "
                + marks.joined(separator: " "))
        note(request.fields)
    }

    private mutating func note(_ response: borrowing HTTPResponseView) {
        let head = response.head
        var marks = ["\(head.framing)"]
        if head.isOldVersion { marks.append("old") }
        if head.keepsAlive { marks.append("keeps") }
        lines.append(
            "\(head.status.code) \(Self.text(response.reason.array)) " + marks.joined(separator: " "))
        note(response.fields)
    }

    private mutating func note(_ fields: borrowing HTTPFields) {
        for index in 0..<fields.count {
            lines.append("\(fields.name(at: index).text): \(Self.text(fields.value(at: index).array))")
        }
    }

    /// A character for each byte, so that no two different contents look the same.
    private static func text(_ bytes: [UInt8]) -> String {
        String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    }
}
