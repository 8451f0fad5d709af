import Glibc
import HubBytes
import HubConnection
import HubSystem
import Workbench

/// The other side, on a loop of its own.
enum PeerProcess {
    static func run(_ command: String) throws {
        guard let text = Arguments.text("address"), let address = SocketAddress(text)
        else { throw Bench.Failure("no address") }
        let count = Arguments.value("connections", 1)
        let message = [UInt8](repeating: 120, count: max(1, Arguments.value("size", 64)))
        let window = command == "peer-echo" ? Arguments.value("window", 64) : command == "peer-idle" ? 1 : 0
        let churns = command == "peer-accept"
        let admission = Bench.admission
        let loop = try LoopThread(name: "peer", settings: Bench.settings, admission: admission) {
            PeerHandler(
                address: address, count: count, message: message, window: window, churns: churns,
                echoes: command == "peer-echo")
        }
        loop.join()
    }
}

/// Opens connections, a hundred at a time, and does with each what its kind does.
struct PeerHandler: ConnectionHandler {
    typealias Message = Int

    let address: SocketAddress
    let count: Int
    let message: [UInt8]
    /// Messages sent on each connection before an answer.
    let window: Int
    /// Whether connections are closed as soon as they are made.
    let churns: Bool
    /// Whether answers are sent again.
    let echoes: Bool
    var begun = 0
    var done = 0

    init(address: SocketAddress, count: Int, message: [UInt8], window: Int, churns: Bool, echoes: Bool) {
        self.address = address
        self.count = count
        self.message = message
        self.window = window
        self.churns = churns
        self.echoes = echoes
    }

    mutating func started(_ loop: inout EventLoop) { begin(&loop) }

    private mutating func begin(_ loop: inout EventLoop) {
        while begun < count, begun - done < 100 {
            guard (try? loop.connect(to: address)) != nil else {
                print("cannot connect")
                exit(1)
            }
            begun += 1
        }
    }

    mutating func opened(_ id: ConnectionID, _ origin: ConnectionOrigin, _ loop: inout EventLoop) {
        loop.markEstablished(id)
        message.withBytes { message in
            for _ in 0..<window { loop.send(message, on: id) }
        }
        if churns { loop.cut(id) }
        if window == 0 || echoes { finished(&loop) }
    }

    private mutating func finished(_ loop: inout EventLoop) {
        done += 1
        begin(&loop)
        if done == count {
            print("ready")
            fflush(nil)
        }
    }

    mutating func received(
        _ id: ConnectionID, _ bytes: inout ByteBuffer, _ loop: inout EventLoop
    ) -> Int {
        if echoes {
            loop.send(bytes.bytes, on: id)
        } else if window > 0, done < count {
            finished(&loop)
        }
        return bytes.count
    }

    mutating func closed(_ id: ConnectionID, _ reason: CloseReason, _ loop: inout EventLoop) {
        guard !churns || reason != .cut else { return }
        print("a connection ended: \(reason)")
        exit(1)
    }
}
