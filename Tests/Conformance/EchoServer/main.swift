import Glibc
import HubConnection
import HubProtocols
import HubServer
import HubSystem

// The other side of conformance suites: a server that sends back what it gets, by WebSocket and HTTP, and a client
// that does the same.

let usage = """
    usage: EchoServer [--port N] [--tls CERTIFICATES KEY] [--deflate] [--keep-window] [--read-size BYTES]
                      [--ping MILLISECONDS] [--patience MILLISECONDS] [--loops N] [--connections N]
                      [--message-bytes N] [--until-input-ends]
           EchoServer --client ws://ADDRESS:PORT/PATH [--deflate] [--keep-window]

      The server says `listening on ADDRESS` once it does. --read-size reads so many bytes at a time; --keep-window
      agrees to messages that refer to those before them; --patience is how long each part of a request may take;
      --connections is the most that are taken, --message-bytes the largest message; --until-input-ends lives as
      long as somebody holds the other end of standard input.
      The client opens a WebSocket, sends back what it gets, and ends with it.
    """

struct Options {
    var port = 0
    var certificates: String?
    var key: String?
    var deflates = false
    var keepsWindow = false
    var readSize = 64 * 1024
    var pingMilliseconds = 30_000
    var loops = 1
    var connections = 1_000_000
    var messageBytes = 32 << 20
    var patienceMilliseconds: Int?
    var endsWithInput = false
    var client: String?

    init?(_ words: [String]) {
        var rest = words[...]
        func number() -> Int? {
            guard let text = rest.popFirst(), let value = Int(text), value >= 0 else { return nil }
            return value
        }
        while let word = rest.popFirst() {
            switch word {
            case "--deflate": deflates = true
            case "--keep-window":
                deflates = true
                keepsWindow = true
            case "--client": client = rest.popFirst()
            case "--tls":
                certificates = rest.popFirst()
                key = rest.popFirst()
                guard key != nil else { return nil }
            case "--port": if let value = number() { port = value } else { return nil }
            case "--read-size": if let value = number() { readSize = max(value, 1) } else { return nil }
            case "--ping": if let value = number() { pingMilliseconds = value } else { return nil }
            case "--loops": if let value = number() { loops = max(value, 1) } else { return nil }
            case "--message-bytes":
                if let value = number() { messageBytes = max(value, 1) } else { return nil }
            case "--patience": if let value = number() { patienceMilliseconds = value } else { return nil }
            case "--until-input-ends": endsWithInput = true
            case "--connections": if let value = number() { connections = value } else { return nil }
            default: return nil
            }
        }
    }

    var deflate: DeflateSettings? {
        deflates
            ? DeflateSettings(isServerContextKept: keepsWindow, isClientContextKept: keepsWindow) : nil
    }

    var connectionSettings: ConnectionSettings {
        var settings = ConnectionSettings()
        settings.readSize = readSize
        // A suite may take its time, and a message of 16 MiB goes back as one.
        settings.idleMilliseconds = 600_000
        settings.partialMilliseconds = 60_000
        settings.outboundMax = 64 << 20
        return settings
    }

    func webSettings() throws -> WebSettings {
        var settings = WebSettings()
        settings.handshake.deflate = deflate
        settings.webSocket.messageBytesMax = messageBytes
        settings.webSocket.pingAfter = UInt64(pingMilliseconds) * 1_000_000
        if let patienceMilliseconds {
            let patience = Int64(patienceMilliseconds)
            settings.firstRequestMilliseconds = patience
            settings.headMilliseconds = patience
            settings.contentMilliseconds = patience
            settings.keepAliveMilliseconds = patience
        }
        if let certificates, let key {
            let credentials = try TLSCredentials(certificateFile: certificates, keyFile: key)
            var tls = TLSServerSettings(credentials: [credentials])
            tls.applicationProtocols = ["http/1.1", "http/1.0"]
            settings.tls[0] = TLSContextSlot(try TLSContext(server: tls))
        }
        return settings
    }
}

func serve(_ options: Options) throws {
    let settings = try options.webSettings()
    let admission = AdmissionLimits(totalMax: options.connections, perAddressMax: options.connections)
    let group = try LoopGroup<EchoMessage>(
        count: options.loops, settings: options.connectionSettings, admission: admission
    ) { _ in WebHandler(EchoApplication(client: nil), settings) }
    guard let wanted = SocketAddress("127.0.0.1:\(options.port)") else { return }
    let address = try group.listen(wanted)
    print("listening on \(address)")
    fflush(nil)
    if options.endsWithInput {
        while readLine() != nil {}
        exit(0)
    }
    while true { SystemClock.sleep(milliseconds: 3_600_000) }
}

func connect(_ options: Options, to text: String) throws {
    let url = try HTTPURL(text)
    guard let address = SocketAddress.resolve(host: url.host, port: url.port).first else {
        print("no address for \(url.host)")
        exit(2)
    }
    var request = WebSocketRequest(url, at: address)
    request.deflate = options.deflate
    let settings = try options.webSettings()
    let wanted = request
    let admission = AdmissionLimits(totalMax: 10, perAddressMax: 10)
    let loop = try LoopThread<EchoMessage>(
        name: "client", settings: options.connectionSettings, admission: admission
    ) { WebHandler(EchoApplication(client: wanted), settings) }
    loop.join()
}

_ = CurrentProcess.raiseDescriptorLimit()
guard let options = Options(Array(CommandLine.arguments.dropFirst())) else {
    print(usage)
    exit(2)
}
do {
    if let client = options.client { try connect(options, to: client) } else { try serve(options) }
} catch {
    print("failed: \(error)")
    exit(1)
}
