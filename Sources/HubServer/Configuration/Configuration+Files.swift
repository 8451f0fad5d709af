import HubSystem

/// Files that a configuration names.
extension Configuration {
    /// Which of them cannot be opened. The hub says so when it starts; this is for those who want to know before.
    package func missingFiles() -> [ConfigurationProblem] {
        var problems: [ConfigurationProblem] = []
        for entry in entries("listeners") {
            guard let tls = ListenerSettings(entry)?.tls else { continue }
            problems += tls.paths.compactMap { Self.missing($0, entry.place) }
        }
        if let path = optionalText("access.file"), let option = OptionTable.option("access.file"),
            let problem = Self.missing(path, setting(option).origin.place)
        {
            problems.append(problem)
        }
        return problems
    }

    private static func missing(_ path: String, _ place: String) -> ConfigurationProblem? {
        do throws(SystemError) {
            _ = try FileDescriptor.open(path, .read)
            return nil
        } catch {
            return ConfigurationProblem(place: place, message: error.description)
        }
    }
}
