import Glibc
import HubBytes
import HubConnection
import HubProtocols
import HubServer
import HubSystem
import Workbench

/// Other threads send these applications nothing.
struct NoMessage: Sendable {}

/// Sends back what comes by WebSocket.
struct WebEcho: WebApplication {
    typealias Message = NoMessage

    mutating func upgrade(
        _ connection: ConnectionID, _ request: HTTPRequestView, _ web: inout WebConnections
    ) -> WebUpgrade { .accept(subprotocols: []) }

    mutating func message(
        _ connection: ConnectionID, _ kind: WebSocketMessageKind, _ payload: RawSpan,
        _ web: inout WebConnections, _ loop: inout EventLoop
    ) { web.send(connection, kind, payload, &loop) }
}

/// What a WebSocket costs that says nothing, and how many messages go there and back in a second.
enum WebBench {
    private static func group(
        _ counters: WebCounters, pingMilliseconds: Int
    ) throws -> (group: LoopGroup<NoMessage>, address: SocketAddress, trusted: String) {
        var trusted = ""
        var settings = WebSettings()
        settings.webSocket.pingAfter = UInt64(pingMilliseconds) * 1_000_000
        if Arguments.value("tls", 0) == 1 {
            let authority = try CertificateAuthority.make(name: "bench")
            let credentials = try authority.issue(.server("localhost", addresses: [[127, 0, 0, 1]]))
            settings.tls[0] = TLSContextSlot(
                try TLSContext(server: TLSServerSettings(credentials: [credentials])))
            trusted = String(decoding: authority.certificate.pem, as: UTF8.self)
        }
        let wanted = settings
        let group = try LoopGroup<NoMessage>(
            count: Arguments.value("loops", 1), settings: Bench.settings, admission: Bench.admission
        ) { _ in WebHandler(WebEcho(), wanted, counters: counters) }
        return (group, try group.listen(Bench.anyPort), trusted)
    }

    private static func peer(
        _ address: SocketAddress, _ connections: Int, _ trusted: String, _ more: [String]
    ) throws -> ChildProcess {
        let peer = try ChildProcess(
            "peer-web",
            [
                "address=\(address)", "connections=\(connections)", "tls=\(Arguments.value("tls", 0))",
                "trusted=\(trusted)",
            ]
                + more)
        let line = peer.line()
        guard line == "ready" else { throw Bench.Failure("the other side did not begin: \(line)") }
        return peer
    }

    static func echo() throws {
        let (connections, size, window) = (
            Arguments.value("connections", 100), Arguments.value("size", 64), Arguments.value("window", 64)
        )
        let counters = WebCounters()
        let (group, address, trusted) = try group(counters, pingMilliseconds: 30_000)
        let peer = try peer(address, connections, trusted, ["size=\(size)", "window=\(window)"])
        SystemClock.sleep(milliseconds: 500)
        let (before, begin, processor) = (
            counters[.messagesOut], SystemClock.monotonicNanoseconds(), Bench.processorNanoseconds()
        )
        SystemClock.sleep(milliseconds: Arguments.value("seconds", 5) * 1000)
        let count = Double(counters[.messagesOut] - before)
        let time = Double(SystemClock.monotonicNanoseconds() - begin) / 1e9
        let used = Double(Bench.processorNanoseconds() - processor)
        print(
            "web: \(connections) WebSockets\(Arguments.value("tls", 0) == 1 ? " by TLS" : "") × \(size) B, window \(window): "
                + "\(rounded(count / time / 1000)) k messages/s echoed, "
                + "\(rounded(used / count)) ns of a processor each, "
                + "\(rounded(used / time / 1e7)) % of one used")
        peer.end()
        group.stop(graceMilliseconds: 0)
    }

    /// So many messages there and back on one connection, and the end: `bench/instructions` runs it twice under
    /// callgrind. The other side counts, so that this one does nothing but its part of them.
    static func frames() throws {
        let (frames, size, window) = (
            Arguments.value("frames", 100_000), Arguments.value("size", 300), Arguments.value("window", 256)
        )
        let (group, address, trusted) = try group(WebCounters(), pingMilliseconds: 30_000)
        let peer = try peer(address, 1, trusted, ["size=\(size)", "window=\(window)", "frames=\(frames)"])
        guard peer.line() == "done" else { throw Bench.Failure("the other side did not end") }
        print("web-frames: \(frames) of \(size) B, window \(window), in \(group.count(.reads)) reads")
        peer.end()
        group.stop(graceMilliseconds: 0)
    }

    static func idle(descriptorLimit: Int) throws {
        let connections = min(Arguments.value("connections", 10_000), descriptorLimit - 100)
        let (seconds, ping) = (Arguments.value("seconds", 60), Arguments.value("ping", 30_000))
        let counters = WebCounters()
        let (group, address, trusted) = try group(counters, pingMilliseconds: ping)
        let before = residentBytes()
        let peer = try peer(address, connections, trusted, ["window=1"])
        let used = residentBytes()
        SystemClock.sleep(milliseconds: 4000)
        guard group.count(.open) == connections else { throw Bench.Failure("not all are connected") }
        let after = residentBytes()
        let (processor, bytes) = (Bench.processorNanoseconds(), group.count(.bytesOut))
        SystemClock.sleep(milliseconds: seconds * 1000)
        let time = Double(Bench.processorNanoseconds() - processor) / Double(seconds) / 1e7
        print(
            "web-idle: \(connections) WebSockets\(Arguments.value("tls", 0) == 1 ? " by TLS" : ""): "
                + "\((after - before) / connections) B resident each, \((used - before) / connections) B in use; "
                + "with pings after \(ping) ms \(rounded(time)) % of a processor, "
                + "\(group.count(.bytesOut) - bytes) B sent, "
                + "\((residentBytes() - before) / connections) B resident each after \(seconds) s; "
                + "\(counters[.socketsSilent]) given up")
        peer.end()
        group.stop(graceMilliseconds: 0)
    }
}

/// The other side, on a loop of its own.
struct WebPeer: WebApplication {
    typealias Message = NoMessage

    let request: WebSocketRequest
    let count: Int
    let payload: [UInt8]
    let window: Int
    let echoes: Bool
    /// Messages after which it is done, on all connections together.
    let framesMax: Int
    var begun = 0
    var done = 0
    var sent = 0
    var came = 0

    init(request: WebSocketRequest, window: Int) {
        self.request = request
        self.window = window
        count = Arguments.value("connections", 1)
        payload = [UInt8](repeating: 120, count: Arguments.value("size", 64))
        framesMax = Arguments.value("frames", .max)
        echoes = window > 1
    }

    mutating func started(_ web: inout WebConnections, _ loop: inout EventLoop) { begin(&web, &loop) }

    private mutating func begin(_ web: inout WebConnections, _ loop: inout EventLoop) {
        while begun < count, begun - done < 100 {
            guard (try? web.open(request, &loop)) != nil else {
                print("cannot connect")
                exit(1)
            }
            begun += 1
        }
    }

    mutating func opened(
        _ connection: ConnectionID, subprotocol: String?, _ web: inout WebConnections,
        _ loop: inout EventLoop
    ) {
        let first = min(window, framesMax - sent)
        sent += first
        payload.withBytes { payload in
            for _ in 0..<first { web.send(connection, .text, payload, &loop) }
        }
        done += 1
        begin(&web, &loop)
        guard done == count else { return }
        print("ready")
        fflush(nil)
    }

    mutating func message(
        _ connection: ConnectionID, _ kind: WebSocketMessageKind, _ payload: RawSpan,
        _ web: inout WebConnections, _ loop: inout EventLoop
    ) {
        came += 1
        if echoes, sent < framesMax {
            sent += 1
            web.send(connection, kind, payload, &loop)
        }
        guard came == framesMax else { return }
        print("done")
        fflush(nil)
    }

    mutating func closed(
        _ connection: ConnectionID, _ code: CloseCode, _ reason: RawSpan, _ web: inout WebConnections,
        _ loop: inout EventLoop
    ) {
        print("a WebSocket ended: \(code.rawValue) \(reason.text)")
        exit(1)
    }
}

enum WebPeerProcess {
    static func run() throws {
        guard let text = Arguments.text("address"), let address = SocketAddress(text),
            case .ip(_, let port) = address
        else { throw Bench.Failure("no address") }
        let isSecure = Arguments.value("tls", 0) == 1
        var request = WebSocketRequest(
            try HTTPURL("\(isSecure ? "wss" : "ws")://127.0.0.1:\(port)/"), at: address)
        if isSecure {
            let text = Arguments.text("trusted") ?? ""
            let authorities = try Array(text.utf8).withBytes {
                try Certificate.all(inPEM: $0, source: "arguments")
            }
            request.tls = try TLSContext(client: TLSClientSettings(trust: .authorities(authorities)))
        }
        let (wanted, window) = (request, Arguments.value("window", 64))
        var settings = WebSettings()
        settings.webSocket.pingAfter = 0
        let manners = settings
        let loop = try LoopThread<NoMessage>(
            name: "peer", settings: Bench.settings, admission: Bench.admission
        ) { WebHandler(WebPeer(request: wanted, window: window), manners) }
        loop.join()
    }
}
