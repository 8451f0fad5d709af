import HubBytes
import HubConnection
import HubModel
import HubProtocols

/// Replays that an agent asks for.
extension NativeConversation {
    func begin(
        _ request: NativeReplay, _ desk: inout Desk, _ web: inout WebConnections, _ loop: inout EventLoop
    ) {
        do throws(Refusal) {
            let id = request.id.of(desk.intake.bytes.bytes).array
            guard !replays.contains(where: { $0.id == id }) else {
                throw Refusal(.conflict, "a replay with this id is under way; take another id, or cancel it")
            }
            let most = desk.hub.settings.replaysMax
            guard replays.count < most else {
                throw Refusal(
                    .limitReached, "\(most) replays are under way, as many as a connection may have")
            }
            let source = try Self.source(request)
            if case .topics(let topics) = source, let objection = objection(toReading: topics) {
                throw objection
            }
            guard let identity else { return }
            let player = NativeReplayPlayer(request, id: id, source, identity)
            replays.append(player)
            player.goOn(self, &desk, &web, &loop)
        } catch {
            refuse(error, id: request.id, &desk, &web, &loop)
        }
    }

    private static func source(
        _ request: NativeReplay
    ) throws(Refusal) -> NativeReplayPlayer.Source {
        if let session = request.session { return .session(session) }
        var patterns: [TopicPattern] = []
        for topic in request.topics { patterns.append(try TopicPattern(topic)) }
        return .topics(patterns)
    }

    func cancelReplay(
        _ id: Slice, _ desk: inout Desk, _ web: inout WebConnections, _ loop: inout EventLoop
    ) {
        let name = id.of(desk.intake.bytes.bytes).array
        guard let player = replays.first(where: { $0.id == name }) else {
            return refuse(
                Refusal(.unknownMessage, "no replay with this id is under way"), id: id, &desk, &web, &loop)
        }
        player.cancel(&desk)
        replays.removeAll { $0 === player }
        desk.write(re: id) { NativeWriter.cancelled(re: $0, to: &$1) }
        send(&desk, &web, &loop)
        desk.write(re: id) {
            NativeWriter.replayEnd(
                re: $0, sent: player.sent, .cancelled, next: player.following, to: &$1)
        }
        send(&desk, &web, &loop)
    }
}
