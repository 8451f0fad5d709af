import HubBytes
import HubConnection
import HubModel
import HubProtocols

/// The hub is going down.
extension Gateway {
    /// Takes nobody new, and closes what there is one after another over a time.
    mutating func drain(
        overMilliseconds span: Int64, _ web: inout WebConnections, _ loop: inout EventLoop
    ) {
        isDraining = true
        let restarts = Refusal(.draining, "the hub restarts; connect again", retryAfterMilliseconds: 1000)
        for stream in desk.events.all { stream.fail(restarts, &desk, &web, &loop) }
        web.drain(&loop)
        let there = conversations.compactMap { $0 }
        for (index, conversation) in there.enumerated() {
            let wait = there.count > 1 ? min(span, Int64(there.count)) * Int64(index) / Int64(there.count) : 0
            _ = desk.after(milliseconds: wait, &loop) { desk, web, loop in
                conversation.end(restarts, &desk, &web, &loop)
            }
        }
    }
}
