import HubBytes
import HubConnection
import HubProtocols
import HubServer
import HubSystem
import SocketPeer
import Synchronization

/// What an application under test saw, for the test's thread.
final class WebRecorder: Sendable {
    struct Notes {
        var requests: [String] = []
        var tokens: [WebToken] = []
        var abandoned: [WebToken] = []
        var opened: [(id: ConnectionID, subprotocol: String?)] = []
        var messages: [String] = []
        var closed: [(code: Int, reason: String)] = []
        var answers: [(outcome: WebCallOutcome, content: String)] = []
        var identities: [String] = []
        var filled = 0
        var roomy = 0
    }

    private let notes = Mutex(Notes())
    func note(_ body: (inout Notes) -> Void) { notes.withLock { body(&$0) } }
    func read<Result: Sendable>(_ body: (Notes) -> Result) -> Result { notes.withLock { body($0) } }

    /// Waits until something was seen; false if it was not within half a minute.
    func waits(until isThere: (Notes) -> Bool) -> Bool {
        let end = SystemClock.monotonicNanoseconds() + 30_000_000_000
        while !notes.withLock({ isThere($0) }) {
            guard SystemClock.monotonicNanoseconds() < end else { return false }
            SystemClock.sleep(milliseconds: 1)
        }
        return true
    }
}

/// What a test has an application do on its loop.
struct WebOrder: Sendable {
    let body: @Sendable (inout WebConnections, inout EventLoop) -> Void
}

/// Notes everything; answers by path: `/hold` not at all, `/echo` with the content, `/events` with a stream that stays
/// open, and all else with the path. WebSockets get back what they send.
struct TestApplication: WebApplication {
    typealias Message = WebOrder

    let recorder: WebRecorder
    var contentMax = 100_000
    var echoes = true

    mutating func intake(_ request: HTTPRequestView, _ web: inout WebConnections) -> WebIntake {
        request.path.text == "/unwanted" ? .refuse(.notFound, "not here") : .take(upTo: contentMax)
    }

    mutating func request(
        _ token: WebToken, _ request: HTTPRequestView, _ content: RawSpan, _ web: inout WebConnections,
        _ loop: inout EventLoop
    ) {
        let path = request.path.text
        recorder.note {
            $0.requests.append(path)
            $0.tokens.append(token)
        }
        if let identity = web.identity(of: token.connection) {
            recorder.note { $0.identities.append(identity.commonName) }
        }
        switch path {
        case "/hold": break
        case "/echo": web.answer(token, .ok, type: "text/plain", content, &loop)
        case "/events": _ = web.beginEvents(token, &loop)
        case "/large":
            [UInt8](repeating: 120, count: 100_000).withBytes {
                web.answer(token, .ok, type: "text/plain", $0, &loop)
            }
        default: web.answer(token, .ok, sentence: path, &loop)
        }
    }

    mutating func abandoned(_ token: WebToken, _ web: inout WebConnections, _ loop: inout EventLoop) {
        recorder.note { $0.abandoned.append(token) }
    }

    mutating func upgrade(
        _ connection: ConnectionID, _ request: HTTPRequestView, _ web: inout WebConnections
    ) -> WebUpgrade {
        switch request.path.text {
        case "/secret": .refuse(.forbidden, "not you")
        case "/page": .ordinary
        default: .accept(subprotocols: ["first", "second"])
        }
    }

    mutating func opened(
        _ connection: ConnectionID, subprotocol: String?, _ web: inout WebConnections,
        _ loop: inout EventLoop
    ) {
        let identity = web.identity(of: connection)?.commonName
        recorder.note {
            $0.opened.append((connection, subprotocol))
            if let identity { $0.identities.append(identity) }
        }
    }

    mutating func message(
        _ connection: ConnectionID, _ kind: WebSocketMessageKind, _ payload: RawSpan,
        _ web: inout WebConnections, _ loop: inout EventLoop
    ) {
        let text = payload.byteCount <= 100 ? payload.text : "\(payload.byteCount) bytes"
        recorder.note { $0.messages.append(text) }
        guard echoes else { return }
        if web.send(connection, kind, payload, &loop) != .queued { web.pause(connection, &loop) }
    }

    mutating func closed(
        _ connection: ConnectionID, _ code: CloseCode, _ reason: RawSpan, _ web: inout WebConnections,
        _ loop: inout EventLoop
    ) {
        let text = reason.text
        recorder.note { $0.closed.append((Int(code.rawValue), text)) }
    }

    mutating func answered(
        _ call: WebCallID, _ outcome: WebCallOutcome, _ content: RawSpan, _ web: inout WebConnections,
        _ loop: inout EventLoop
    ) {
        let text = content.text
        recorder.note { $0.answers.append((outcome, text)) }
    }

    mutating func filled(
        _ connection: ConnectionID, _ web: inout WebConnections, _ loop: inout EventLoop
    ) { recorder.note { $0.filled += 1 } }

    mutating func hasRoom(
        _ connection: ConnectionID, _ web: inout WebConnections, _ loop: inout EventLoop
    ) {
        recorder.note { $0.roomy += 1 }
        web.resume(connection, &loop)
    }

    mutating func took(_ order: WebOrder, _ web: inout WebConnections, _ loop: inout EventLoop) {
        order.body(&web, &loop)
    }
}

/// A loop with an application under test that listens, ended when the test lets go of it.
final class WebHub: Sendable {
    let recorder = WebRecorder()
    let counters = WebCounters()
    let group: LoopGroup<WebOrder>
    let address: SocketAddress

    init(
        _ connections: ConnectionSettings = .patient, _ settings: WebSettings = .patient,
        echoes: Bool = true
    ) throws {
        let recorder = recorder
        let counters = counters
        let admission = AdmissionLimits(totalMax: 10_000, perAddressMax: 10_000)
        group = try LoopGroup(count: 1, settings: connections, admission: admission) { _ in
            WebHandler(TestApplication(recorder: recorder, echoes: echoes), settings, counters: counters)
        }
        guard let any = SocketAddress("127.0.0.1:0") else { throw NoAddress() }
        address = try group.listen(any)
    }

    struct NoAddress: Error {}

    deinit { group.stop(graceMilliseconds: 0) }

    /// Has something done on the loop.
    func run(_ body: @escaping @Sendable (inout WebConnections, inout EventLoop) -> Void) {
        var order: WebOrder? = WebOrder(body: body)
        while order != nil { group.loops[0].send(&order) }
    }

    var port: UInt16 {
        if case .ip(_, let port) = address { return port }
        return 0
    }
}

extension WebSettings {
    /// Times that no test meets, however busy the machine.
    static var patient: WebSettings {
        var settings = WebSettings()
        settings.firstRequestMilliseconds = 300_000
        settings.keepAliveMilliseconds = 300_000
        settings.headMilliseconds = 300_000
        settings.contentMilliseconds = 300_000
        settings.eventCommentMilliseconds = 300_000
        settings.sweepMilliseconds = 20
        settings.webSocket.pingAfter = 0
        settings.webSocket.closeWithin = 300_000_000_000
        return settings
    }
}
