package import HubModel

/// What somebody is told who may not do something: what he asked for, and what he may. All of it is about himself.
extension Identity {
    private static let patternsShown = 5

    /// He may not publish there.
    package func refusesPublish(_ destination: String) -> Refusal {
        refusal("publish to \(destination)", rights.rights.publish.texts)
    }

    /// He may not subscribe to that.
    package func refusesSubscribe(_ pattern: String) -> Refusal {
        refusal("subscribe to \(pattern)", rights.rights.subscribe.texts)
    }

    /// He may not command that.
    package func refusesCommand(_ destination: String) -> Refusal {
        refusal("send commands to \(destination)", rights.rights.command.texts)
    }

    /// He may not use that session.
    package func refusesSession(_ session: String) -> Refusal {
        refusal("use the session \(session)", rights.rights.sessions.map(\.text))
    }

    /// He may not do that.
    package func refusesAction(_ action: AdminAction) -> Refusal {
        refusal("do \(action.rawValue)", rights.rights.admin.map(\.text))
    }

    private func refusal(_ what: String, _ patterns: [String]) -> Refusal {
        let shown = patterns.prefix(Self.patternsShown).joined(separator: ", ")
        let rest =
            patterns.count > Self.patternsShown ? " and \(patterns.count - Self.patternsShown) more" : ""
        let own =
            patterns.isEmpty ? "it has no rights of this kind" : "its rights of this kind: \(shown)\(rest)"
        return Refusal(.forbidden, "\(agent) may not \(what); \(own)")
    }
}
