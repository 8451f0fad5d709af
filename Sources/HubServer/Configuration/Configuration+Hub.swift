package import HubConnection
import HubProtocols

extension ListenerSettings.TLSFiles {
    /// Reads the files, as they are now, for connections from now on.
    package func context() throws(CredentialError) -> TLSContext {
        var settings = TLSServerSettings(
            credentials: [try TLSCredentials(certificateFile: certificate, keyFile: key)])
        settings.minimumVersion = minimumVersion
        if let clientAuthorities {
            settings.authorities = try Certificate.all(inFile: clientAuthorities)
            settings.clientCertificates = requiresClientCertificate ? .required : .optional
        }
        if let clientRevocations {
            settings.revocations = try RevocationList.all(inFile: clientRevocations)
        }
        return try TLSContext(server: settings)
    }
}

extension Configuration {
    /// All that a hub is told when it starts, certificates read.
    package func hub(
        environment: [String: String], processors: Int, version: String
    ) throws(ConfigurationProblems) -> HubSettings {
        var settings = HubSettings(directory: dataDirectory(environment), endpoints: try endpoints())
        settings.log = log
        settings.core.router = router
        settings.core.checkpointMilliseconds = min(
            settings.core.checkpointMilliseconds, number("log.checkpoint.interval"))
        settings.gateway.origins = texts("http.origins")
        settings.gateway.payloadBytesMax = count("router.payload_max")
        settings.frames.payloadBytesMax = count("router.payload_max")
        settings.web = web
        settings.connection = connections
        settings.connectionsMax = count("connections.max")
        settings.connectionsPerAddressMax = count("connections.per_address_max")
        settings.isInsecure = isInsecure
        settings.authenticator = try authenticator(dataDirectory: settings.directory)
        settings.loops = loops(processors: processors)
        settings.drainMilliseconds = drainMilliseconds
        settings.version = version
        settings.showsMetricsToAnyone = showsMetricsToAnyone
        settings.diskLowBytes = diskLowBytes
        settings.diskRefuseBytes = diskRefuseBytes
        settings.probesSync = probesSync
        return settings
    }

    /// Who finds out who somebody is, by the access file as it is now.
    private func authenticator(dataDirectory: String) throws(ConfigurationProblems) -> Authenticator {
        var limits = AttemptLimiter.Settings()
        limits.burst = attemptsBurst
        limits.intervalMilliseconds = attemptsIntervalMilliseconds
        let slot = AccessSlot()
        do throws(AccessError) {
            try slot.reload(AccessFile(path: accessFile(dataDirectory: dataDirectory)))
        } catch {
            throw ConfigurationProblems([
                ConfigurationProblem(place: "access.file", message: error.description)
            ])
        }
        return Authenticator(slot: slot, hub: "agenthub", limiter: AttemptLimiter(limits))
    }

    private func endpoints() throws(ConfigurationProblems) -> [HubSettings.Endpoint] {
        var endpoints: [HubSettings.Endpoint] = []
        var problems: [ConfigurationProblem] = []
        for entry in entries("listeners") {
            guard let listener = ListenerSettings(entry) else { continue }
            do throws(CredentialError) {
                let context = try listener.tls?.context()
                endpoints.append(
                    HubSettings.Endpoint(listener.address, tls: context.map { TLSContextSlot($0) }))
            } catch {
                problems.append(
                    ConfigurationProblem(place: entry.place, message: "\(listener.address): \(error)"))
            }
        }
        guard problems.isEmpty else { throw ConfigurationProblems(problems) }
        return endpoints
    }

    /// Reads the certificates of all listeners again, for `endpoints` made from this configuration or one with the same
    /// listeners; all of them, or none if one cannot be read.
    package func renewCertificates(of endpoints: [HubSettings.Endpoint]) throws(ConfigurationProblems) {
        let fresh = try self.endpoints()
        for endpoint in endpoints {
            guard let slot = endpoint.tls,
                let newer = fresh.first(where: { $0.address == endpoint.address })?.tls
            else { continue }
            slot.replace(with: newer.current)
        }
    }
}
