package import HubConnection

extension ConnectionSettings {
    /// Deadlines that no test meets, however busy the machine; a test sets those that it is about.
    package static var patient: ConnectionSettings {
        var settings = ConnectionSettings()
        settings.handshakeMilliseconds = 300_000
        settings.connectMilliseconds = 300_000
        settings.idleMilliseconds = 300_000
        settings.partialMilliseconds = 300_000
        settings.writeMilliseconds = 300_000
        settings.lingerMilliseconds = 300_000
        return settings
    }
}
