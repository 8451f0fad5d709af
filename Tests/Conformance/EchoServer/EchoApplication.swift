import Glibc
import HubBytes
import HubConnection
import HubProtocols
import HubServer

/// Other threads send it nothing.
struct EchoMessage: Sendable {}

/// Sends back what it gets. By HTTP: `/` says hello, `/echo` sends the content back, `/later` answers after a while,
/// `/events` sends three events, `/large` a mebibyte, and any other path is a WebSocket or is not there.
struct EchoApplication: WebApplication {
    typealias Message = EchoMessage

    private static let endTimer = UInt64.max >> 3
    let client: WebSocketRequest?
    private var late: [UInt64: WebToken] = [:]
    private var next: UInt64 = 0

    init(client: WebSocketRequest?) { self.client = client }

    mutating func started(_ web: inout WebConnections, _ loop: inout EventLoop) {
        guard let client else { return }
        do { _ = try web.open(client, &loop) } catch {
            print("failed: \(error)")
            exit(1)
        }
    }

    mutating func intake(_ request: HTTPRequestView, _ web: inout WebConnections) -> WebIntake {
        request.path.text == "/echo" ? .take(upTo: 1 << 20) : .refuse(.notFound, "nothing is taken here")
    }

    mutating func request(
        _ token: WebToken, _ request: HTTPRequestView, _ content: RawSpan, _ web: inout WebConnections,
        _ loop: inout EventLoop
    ) {
        switch request.path.text {
        case "/": web.answer(token, .ok, sentence: "hello", &loop)
        case "/echo": web.answer(token, .ok, type: "application/octet-stream", content, &loop)
        case "/later":
            next += 1
            late[next] = token
            _ = loop.arm(next, afterMilliseconds: 200)
        case "/events": sendEvents(token, &web, &loop)
        case "/large":
            [UInt8](repeating: 120, count: 1 << 20).withBytes {
                web.answer(token, .ok, type: "text/plain", $0, &loop)
            }
        default: web.answer(token, .notFound, sentence: "there is nothing here", &loop)
        }
    }

    private func sendEvents(_ token: WebToken, _ web: inout WebConnections, _ loop: inout EventLoop) {
        guard web.beginEvents(token, &loop) else { return }
        for number in 1...3 {
            "event \(number)\nof three".withBytes { data in
                "\(number)".withBytes { id in
                    _ = try? web.sendEvent(token, name: "count", id: id, data: data, &loop)
                }
            }
        }
        web.end(token, &loop)
    }

    mutating func timerFired(_ payload: UInt64, _ web: inout WebConnections, _ loop: inout EventLoop) {
        if payload == Self.endTimer { exit(0) }
        guard let token = late.removeValue(forKey: payload) else { return }
        web.answer(token, .ok, sentence: "late", &loop)
    }

    mutating func upgrade(
        _ connection: ConnectionID, _ request: HTTPRequestView, _ web: inout WebConnections
    ) -> WebUpgrade {
        request.path.text == "/refused"
            ? .refuse(.forbidden, "not here") : .accept(subprotocols: ["echo", "agenthub.v1"])
    }

    mutating func message(
        _ connection: ConnectionID, _ kind: WebSocketMessageKind, _ payload: RawSpan,
        _ web: inout WebConnections, _ loop: inout EventLoop
    ) {
        // Whoever does not read what it gets back is not listened to.
        if web.send(connection, kind, payload, &loop) != .queued { web.pause(connection, &loop) }
    }

    mutating func hasRoom(
        _ connection: ConnectionID, _ web: inout WebConnections, _ loop: inout EventLoop
    ) { web.resume(connection, &loop) }

    mutating func closed(
        _ connection: ConnectionID, _ code: CloseCode, _ reason: RawSpan, _ web: inout WebConnections,
        _ loop: inout EventLoop
    ) {
        guard client != nil else { return }
        print("closed: \(code.rawValue) \(reason.text)")
        // Time for the last frame to go out.
        _ = loop.arm(Self.endTimer, afterMilliseconds: 20)
    }
}
