import HubBytes
import HubConnection
import HubModel
import HubProtocols

/// How the hub is: for whoever watches over it, who needs no credentials for that, and its figures.
extension Gateway {
    /// Answers a request for health, readiness or figures; false if it is for something else.
    mutating func showHealth(
        _ token: WebToken, _ request: HTTPRequestView, _ web: inout WebConnections, _ loop: inout EventLoop
    ) -> Bool {
        guard request.head.method == .get || request.head.method == .head else { return false }
        switch request.path.text {
        case "/health":
            answer(token, HealthAnswer.health(desk.hub.metrics.health.current), &web, &loop)
        case "/ready":
            answer(token, HealthAnswer.ready(desk.hub.metrics.health.current), &web, &loop)
        case "/metrics":
            do throws(Refusal) {
                if !desk.hub.showsMetricsToAnyone {
                    let identity = try identity(token, request, &web, &loop)
                    guard identity.rights.may(.readMetrics) else {
                        throw identity.refusesAction(.readMetrics)
                    }
                }
                showMetrics(token, request, &web, &loop)
            } catch {
                desk.refuse(token, error, &web, &loop)
            }
        default: return false
        }
        return true
    }

    private func answer(
        _ token: WebToken, _ answer: borrowing HealthAnswer, _ web: inout WebConnections,
        _ loop: inout EventLoop
    ) {
        guard var reply = web.reply(token, HTTPStatus(answer.status), loop) else { return }
        reply.field("Content-Type", "application/json")
        reply.field("Cache-Control", "no-store")
        web.finish(reply, answer.content.bytes, &loop)
    }

    private mutating func showMetrics(
        _ token: WebToken, _ request: HTTPRequestView, _ web: inout WebConnections, _ loop: inout EventLoop
    ) {
        let format = ExpositionFormat(accept: request.fields.value(of: "Accept")?.text ?? "")
        desk.scratch.removeAll()
        desk.hub.metrics.registry.write(as: format, to: &desk.scratch)
        guard var reply = web.reply(token, .ok, loop) else { return }
        reply.field("Content-Type", format.contentType)
        web.finish(reply, desk.scratch.bytes, &loop)
    }
}
