import HubSystem

/// Options that are right by themselves and do not go together.
extension Configuration {
    func contradictions() -> [ConfigurationProblem] {
        var problems: [ConfigurationProblem] = []
        for (lower, upper) in Self.orders where number(lower) > number(upper) {
            problems.append(problem(lower, exceeds: upper))
        }
        problems += entries("listeners").flatMap(listenerProblems) + repeatedListeners()
        for entry in entries("log.retention.topics")
        where entry["age"] == .none && entry["bytes"] == .none && entry["records"] == .none {
            problems.append(
                ConfigurationProblem(
                    place: entry.place,
                    message: "an entry of log.retention.topics limits age, bytes or records"))
        }
        if let wrong = texts("http.origins").first(where: { !Self.isOrigin($0) }) {
            problems.append(
                ConfigurationProblem(
                    place: origin("http.origins"),
                    message: "\"\(wrong)\" is no origin; write https://example.org, without a path, or *"))
        }
        return problems
    }

    /// What must not exceed what.
    private static let orders = [
        ("connections.outbound_low", "connections.outbound_high"),
        ("connections.outbound_high", "connections.outbound_max"),
        ("router.payload_max", "connections.outbound_max"),
        ("router.payload_max", "websocket.message_max"),
        ("router.payload_max", "http.content_max"),
        ("http.content_max", "http.content_total_max"),
        ("router.command.wait", "router.command.wait_max"),
        ("consumer.backoff.initial", "consumer.backoff.max"),
        ("health.disk_refuse", "health.disk_low"),
    ]

    private func origin(_ name: String) -> String {
        OptionTable.option(name).map { setting($0).origin.place } ?? name
    }

    /// Blames the one that somebody has set.
    private func problem(_ lower: String, exceeds upper: String) -> ConfigurationProblem {
        let isLowerSet = origin(lower) != OptionOrigin.standard.place
        func shown(_ name: String) -> String {
            guard let option = OptionTable.option(name) else { return name }
            let setting = setting(option)
            let isDefault = setting.origin == .standard ? ", the default" : ""
            return "\(name) (\(option.text(of: setting.value))\(isDefault))"
        }
        return ConfigurationProblem(
            place: origin(isLowerSet ? lower : upper), message: "\(shown(lower)) exceeds \(shown(upper))")
    }

    // MARK: Listeners

    private func listenerProblems(_ entry: OptionEntry) -> [ConfigurationProblem] {
        func problem(_ message: String) -> ConfigurationProblem {
            ConfigurationProblem(
                place: entry.place, message: "\(entry.text("address") ?? "listeners"): \(message)")
        }
        let hasCertificate = entry["tls.certificate"] != .none
        let hasKey = entry["tls.key"] != .none
        if hasCertificate != hasKey {
            return [
                problem(
                    "tls.\(hasKey ? "certificate" : "key") is missing; certificate and key belong together")
            ]
        }
        if !hasCertificate, entry["tls.client_ca"] != .none || entry["tls.client_crl"] != .none {
            return [problem("tls.client_ca and tls.client_crl need tls.certificate and tls.key")]
        }
        if entry["tls.client_ca"] == .none {
            if entry["tls.client_crl"] != .none { return [problem("tls.client_crl needs tls.client_ca")] }
            if entry["tls.clients"] == .text("required") {
                return [problem("tls.clients is \"required\", which needs tls.client_ca")]
            }
        }
        return []
    }

    private func repeatedListeners() -> [ConfigurationProblem] {
        var seen: Set<SocketAddress> = []
        return entries("listeners").compactMap { entry in
            guard let address = entry.text("address").flatMap({ SocketAddress($0) }) else { return nil }
            if case .ip(_, port: 0) = address { return nil }
            guard !seen.insert(address).inserted else { return nil }
            return ConfigurationProblem(place: entry.place, message: "\(address) is there twice")
        }
    }

    private static func isOrigin(_ text: String) -> Bool {
        if text == "*" { return true }
        for scheme in ["http://", "https://"] where text.hasPrefix(scheme) {
            let host = text.dropFirst(scheme.count)
            return !host.isEmpty && !host.contains(where: { "/?#@ ".contains($0) })
        }
        return false
    }
}
