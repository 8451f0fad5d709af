import HubBytes
import HubConnection
import HubProtocols
import HubSystem
import LogSamples
import SocketPeer
import Synchronization

@testable import HubServer

/// A whole hub in a directory of its own, which ends when the test lets go of it.
final class RunningHub {
    private let folder = TemporaryDirectory()
    let hub: Hub

    init(_ change: (inout HubSettings) -> Void = { _ in }) throws {
        guard let any = SocketAddress("127.0.0.1:0") else { throw WebHub.NoAddress() }
        var settings = HubSettings(directory: folder.path, endpoints: [HubSettings.Endpoint(any)])
        settings.drainMilliseconds = 60_000
        settings.web.firstRequestMilliseconds = 300_000
        settings.web.keepAliveMilliseconds = 300_000
        change(&settings)
        hub = try Hub(settings)
    }

    deinit { hub.stop() }

    /// One that answers with what its access file allows.
    static func asking(_ document: AccessDocument, slot: AccessSlot = AccessSlot()) throws -> RunningHub {
        try slot.replace(with: document) { _ throws(AccessError) in JSONValue.null }
        return try RunningHub { $0.authenticator = Authenticator(slot: slot, hub: "hub") }
    }

    func peer() throws -> Peer { try Peer(hub.addresses[0]) }

    /// One request on a connection of its own; nil if there is no answer.
    func ask(
        _ method: String, _ path: String, _ content: String? = nil,
        fields: [String] = ["Content-Type: application/json"]
    ) throws -> HTTPAnswer? {
        let peer = try peer()
        guard peer.ask(method, path, content, fields: fields) else { return nil }
        return peer.answer(toHead: method == "HEAD")
    }

    /// Publishes something.
    func publish(_ topic: String, _ data: String = "1", fields: [String] = []) throws -> HTTPAnswer? {
        try ask(
            "POST", "/api/hub/v1/messages", #"{"topic":"\#(topic)","data":\#(data)}"#,
            fields: ["Content-Type: application/json"] + fields)
    }

    /// What a loop says when it is asked.
    func find<Found: Sendable>(
        _ look: @escaping @Sendable (inout Gateway, inout EventLoop) -> Found
    ) -> Found? {
        let found = Box<Found>()
        hub.context.links.tell(loop: 0) { gateway, _, loop in
            let value = look(&gateway, &loop)
            found.value.withLock { $0 = value }
        }
        for _ in 0..<30_000 {
            if let value = found.value.withLock({ $0 }) { return value }
            SystemClock.sleep(milliseconds: 1)
        }
        return nil
    }

    /// Whether a loop comes to say so.
    func comes(_ isSo: @escaping @Sendable (inout Gateway) -> Bool) -> Bool {
        for _ in 0..<3000 {
            if find({ gateway, _ in isSo(&gateway) }) == true { return true }
            SystemClock.sleep(milliseconds: 10)
        }
        return false
    }

    private final class Box<Value: Sendable>: Sendable {
        let value = Mutex<Value?>(nil)
    }
}

extension Peer {
    /// Asks something of a hub on this machine.
    func ask(
        _ method: String, _ path: String, _ content: String? = nil, fields: [String] = []
    ) -> Bool {
        var lines = ["\(method) \(path) HTTP/1.1", "Host: localhost"] + fields
        if let content { lines.append("Content-Length: \(content.utf8.count)") }
        return send(lines.joined(separator: "\r\n") + "\r\n\r\n" + (content ?? ""))
    }

    /// The next event of a stream: its lines, none at the end. Comments are left out.
    func event() -> [String] {
        while true {
            let chunk = chunk()
            let lines = chunk.split(separator: "\n").map(String.init).filter { !$0.hasPrefix(":") }
            if !lines.isEmpty || chunk.isEmpty { return lines }
        }
    }
}

extension HTTPAnswer {
    /// The content, read.
    var document: JSONValue? { content.withBytes { try? JSONReader.value($0, .strict) } }
    /// The code of an error.
    var code: String? { document?["error"]?["code"]?.text }
    /// The things of a list.
    var items: [JSONValue]? { document?["items"]?.array }
}
