import HubBytes
import HubConnection
import HubModel
import HubProtocols
import HubServer
import HubSystem
import Synchronization
import Testing

/// What a test has the scripted hub do beside what hubs do.
struct Script: Sendable {
    /// Every so many messages the connection is cut, before the receipt is sent.
    var cutsEvery = 0
    /// Receipts are written and nothing is kept.
    var isEcho = false
    /// The first frame is answered with this and the connection closed.
    var refusal: Refusal?
    /// Hellos are answered with a challenge until one has a signature.
    var challenges = false
    var heartbeatSeconds = 0
    var payloadBytesMax = 1 << 20
    /// Commands are never answered.
    var ignoresCommands = false
}

enum ScriptedMessage: Sendable {
    /// All connections are cut, without a word.
    case cut
    /// All connections are closed, with a code and what is said before.
    case close(UInt16, Refusal?)
    case script(Script)
    /// The log is lost, and another one begins.
    case newEpoch
    /// The loop does nothing for a while: what comes is not read.
    case sleep(milliseconds: Int)
    case move(String, to: UInt64)
    case publish(topic: String, data: String)
}

/// What a test sees of the hub.
final class HubDiary: Sendable {
    struct Notes {
        var log: [ModelHub.Message] = []
        var hellos: [NativeHello] = []
        var beats = 0
        var frames = 0
        var texts = 0
        var acknowledged: [String: Set<UInt64>] = [:]
    }
    let notes = Mutex(Notes())
}

/// A hub of a few lines behind a real WebSocket server.
final class ScriptedHub: Sendable {
    let url: String
    let diary: HubDiary
    private let loop: LoopThread<ScriptedMessage>

    init(_ script: Script = Script(), port: UInt16 = 0) throws {
        let diary = HubDiary()
        self.diary = diary
        loop = try LoopThread(
            name: "scripted-hub", settings: ConnectionSettings(),
            admission: AdmissionLimits(totalMax: 100, perAddressMax: 100)
        ) {
            WebHandler(HubApplication(script, diary))
        }
        let socket = try ListeningSocket(.ip(#require(IPAddress("127.0.0.1")), port: port))
        guard case .ip(_, let actual) = socket.address else { throw ClientTestError.noPort }
        url = "ws://127.0.0.1:\(actual)"
        self.port = actual
        loop.listen(socket)
    }

    let port: UInt16

    func tell(_ message: ScriptedMessage) {
        var offered: ScriptedMessage? = message
        loop.send(&offered)
    }

    func stop() {
        loop.stop(graceMilliseconds: 500)
        loop.join()
    }
}

enum ClientTestError: Error { case noPort, timeout(String) }
