import HubBytes
import HubProtocols

/// Which web pages may open WebSockets. Any page in a browser can reach the hub of whoever looks at it, one on the
/// browser's own machine included, so that pages of other places are refused unless they are known.
enum OriginPolicy {
    /// Why a request is refused; nil if it is not. Programs that are no browsers do not say where they come from.
    static func objection(to request: HTTPRequestView, allowed: [String]) -> String? {
        guard let origin = request.fields.value(of: "Origin")?.text else { return nil }
        if allowed.contains(origin) || allowed.contains("*") { return nil }
        if let host = request.fields.value(of: "Host")?.text {
            for scheme in ["http://", "https://"] where origin == scheme + host { return nil }
        }
        return "pages of \(origin) may not connect; add it to the allowed origins if it should"
    }
}
