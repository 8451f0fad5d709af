import Foundation
import HubConnection
import HubProtocols
import HubRouter
import HubStorage
import HubSystem
import Testing

@testable import HubServer

/// What a hub is told by a configuration.
@Suite struct ConfiguredHubTests {
    private func configuration(_ file: String) throws -> Configuration {
        var sources = ConfigurationSources()
        sources.file = ConfigurationSources.File(path: "hub.json5", text: Array(file.utf8))
        return try Configuration.load(sources)
    }

    private func hub(_ configuration: Configuration) throws(ConfigurationProblems) -> HubSettings {
        try configuration.hub(environment: ["STATE_DIRECTORY": "/s"], processors: 6, version: "1")
    }

    @Test("without a configuration a hub is told its own defaults") func defaults() throws {
        let settings = try hub(Configuration())
        let usual = HubSettings(directory: "/s", endpoints: [])
        #expect(settings.directory == "/s" && settings.loops == 3 && settings.version == "1")
        #expect(settings.endpoints.map(\.address.description) == ["127.0.0.1:8000"])
        #expect(settings.log == usual.log && settings.core.router == usual.core.router)
        #expect(settings.core.checkpointMilliseconds == usual.core.checkpointMilliseconds)
        #expect(settings.frames == usual.frames && settings.gateway.origins == usual.gateway.origins)
        #expect(settings.gateway.payloadBytesMax == usual.gateway.payloadBytesMax)
        #expect(settings.connection.outboundMax == usual.connection.outboundMax)
        #expect(settings.web.webSocket.messageBytesMax == usual.web.webSocket.messageBytesMax)
        #expect(settings.connectionsMax == usual.connectionsMax)
    }

    @Test("a limit that several parts keep is told to each of them") func payload() throws {
        let settings = try hub(
            try configuration("{ router: { payload_max: '64 KiB' }, http: { origins: ['https://a.org'] } }"))
        #expect(settings.core.router.payloadBytesMax == 65_536)
        #expect(settings.frames.payloadBytesMax == 65_536)
        #expect(settings.gateway.payloadBytesMax == 65_536)
        #expect(settings.gateway.origins == ["https://a.org"])
    }

    @Test("certificates are read, and what is wrong with them is said with the listener's place")
    func certificates() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func path(_ name: String) -> String { folder.appendingPathComponent(name).path }
        let authority = try CertificateAuthority.make(name: "Test")
        func write(_ name: String) throws {
            let credentials = try authority.issue(.server(name))
            try Data(credentials.chainPEM).write(to: URL(fileURLWithPath: path("c")))
            try Data(credentials.keyPEM).write(to: URL(fileURLWithPath: path("k")))
        }
        try write("one.test")
        let tls = "tls: { certificate: '\(path("c"))', key: '\(path("k"))' }"
        let right = try configuration("{ listeners: [{ address: '127.0.0.1:0', \(tls) }, '127.0.0.1:1'] }")
        let settings = try hub(right)
        #expect(settings.endpoints.map { $0.tls != nil } == [true, false])
        let slot = try #require(settings.endpoints[0].tls)
        let before = slot.current
        try write("two.test")
        try right.renewCertificates(of: settings.endpoints)
        #expect(slot.current !== before)
        // A file that is broken leaves what there is.
        let renewed = slot.current
        try Data("nonsense".utf8).write(to: URL(fileURLWithPath: path("c")))
        #expect(throws: ConfigurationProblems.self) { try right.renewCertificates(of: settings.endpoints) }
        #expect(slot.current === renewed)
        do throws(ConfigurationProblems) {
            _ = try hub(right)
            Issue.record("a broken certificate was taken")
        } catch {
            #expect(error.problems.count == 1)
            #expect(error.problems[0].description.hasPrefix("hub.json5:1:15: 127.0.0.1:0: \(path("c")): "))
        }
    }

    @Test("an access file that is broken is a problem, not a hub that lets everyone in") func brokenAccess()
        throws
    {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: file) }
        let made = FileManager.default.createFile(
            atPath: file.path, contents: Data("nonsense".utf8), attributes: [.posixPermissions: 0o600])
        #expect(made)
        let configuration = try configuration("{ access: { file: '\(file.path)' } }")
        do throws(ConfigurationProblems) {
            _ = try hub(configuration)
            Issue.record("it was taken")
        } catch {
            #expect(error.problems.map(\.place) == ["access.file"])
            #expect(error.problems[0].message.contains(file.path))
        }
    }

    @Test("directories above the data directory are made") func directories() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        let inner = folder.appendingPathComponent("a/b").path
        try Directory.createWithParents(inner)
        try Directory.createWithParents(inner)
        #expect(Directory.exists(inner))
        #expect(CurrentProcess.processors > 0)
        #expect(CurrentProcess.environment()["PATH"] == CurrentProcess.variable("PATH"))
    }
}
