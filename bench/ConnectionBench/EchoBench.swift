import HubBytes
import HubConnection
import HubSystem
import Workbench

/// Sends back what it gets, counted in messages of a fixed size.
struct EchoHandler: ConnectionHandler {
    typealias Message = Int

    mutating func opened(_ id: ConnectionID, _ origin: ConnectionOrigin, _ loop: inout EventLoop) {
        loop.markEstablished(id)
    }

    mutating func received(
        _ id: ConnectionID, _ bytes: inout ByteBuffer, _ loop: inout EventLoop
    ) -> Int {
        loop.send(bytes.bytes, on: id)
        return bytes.count
    }
}

/// How many small messages go to the hub and back in a second.
enum EchoBench {
    static func run() throws {
        let connections = Arguments.value("connections", 100)
        let size = Arguments.value("size", 64)
        let window = Arguments.value("window", 64)
        let seconds = Arguments.value("seconds", 5)
        let group = try LoopGroup(
            count: Arguments.value("loops", 1), settings: Bench.settings, admission: Bench.admission
        ) { _ in EchoHandler() }
        let address = try group.listen(Bench.anyPort)
        let peer = try ChildProcess(
            "peer-echo",
            ["address=\(address)", "connections=\(connections)", "size=\(size)", "window=\(window)"])
        guard peer.line() == "ready" else { throw Bench.Failure("the other side did not begin") }
        SystemClock.sleep(milliseconds: 500)
        let before = Sample(group)
        SystemClock.sleep(milliseconds: seconds * 1000)
        let after = Sample(group)
        let trips = Double(after.bytes - before.bytes) / Double(size)
        let time = Double(after.time - before.time) / 1e9
        let turns = Double(after.turns - before.turns)
        print(
            "echo: \(connections) connections × \(size) B, window \(window), \(group.loops.count) loop(s): "
                + "\(rounded(trips / time / 1000)) k round trips/s, "
                + "\(rounded(trips / Double(after.writes - before.writes))) a write, "
                + "\(rounded(Double(after.writes - before.writes) / turns)) writes a turn; "
                + "processor time for each \(rounded(Double(after.processor - before.processor) / trips)) ns, "
                + "\(rounded((after.own - before.own) / trips)) ns of it ours")
        peer.end()
        group.stop(graceMilliseconds: 0)
    }

    private struct Sample {
        let bytes: Int
        let writes: Int
        let turns: Int
        let time: UInt64
        let processor: UInt64
        let own: Double

        init(_ group: LoopGroup<Int>) {
            bytes = group.count(.bytesOut)
            writes = group.count(.writes)
            turns = group.count(.turns)
            time = SystemClock.monotonicNanoseconds()
            processor = Bench.processorNanoseconds()
            own = Bench.ownNanoseconds()
        }
    }
}

/// One payload for many connections, again as soon as none has anything waiting.
struct FanoutHandler: ConnectionHandler {
    typealias Message = Int

    let size: Int
    let wanted: Int
    var ids: [ConnectionID] = []

    mutating func opened(_ id: ConnectionID, _ origin: ConnectionOrigin, _ loop: inout EventLoop) {
        loop.markEstablished(id)
        ids.append(id)
        if ids.count == wanted { _ = loop.arm(0, afterMilliseconds: 0) }
    }

    mutating func received(
        _ id: ConnectionID, _ bytes: inout ByteBuffer, _ loop: inout EventLoop
    ) -> Int { bytes.count }

    mutating func timerFired(_ payload: UInt64, _ loop: inout EventLoop) {
        _ = loop.arm(0, afterMilliseconds: 0)
        for _ in 0..<16 {
            var buffer = ByteBuffer(capacity: size)
            buffer.append(zeros: size)
            let shared = SharedBytes(buffer)
            let header: [UInt8] = [0x82, 0x7e, 4, 0]
            header.withBytes { header in
                for id in ids where loop.waitingBytes(id) < 64 * 1024 {
                    loop.send(header, shared, on: id)
                }
            }
        }
    }
}

/// How many deliveries of a shared payload a loop makes in a second.
enum FanoutBench {
    static func run() throws {
        let connections = Arguments.value("connections", 1000)
        let size = Arguments.value("size", 1024)
        let seconds = Arguments.value("seconds", 3)
        let group = try LoopGroup(count: 1, settings: Bench.settings, admission: Bench.admission) { _ in
            FanoutHandler(size: size, wanted: connections)
        }
        let address = try group.listen(Bench.anyPort)
        let peer = try ChildProcess("peer-fanout", ["address=\(address)", "connections=\(connections)"])
        guard peer.line() == "ready" else { throw Bench.Failure("the other side did not begin") }
        SystemClock.sleep(milliseconds: 500)
        let before = group.count(.bytesOut)
        let begin = SystemClock.monotonicNanoseconds()
        SystemClock.sleep(milliseconds: seconds * 1000)
        let time = Double(SystemClock.monotonicNanoseconds() - begin) / 1e9
        let sent = Double(group.count(.bytesOut) - before)
        print(
            "fanout: \(connections) connections × \(size) B: "
                + "\(rounded(sent / Double(size + 4) / time / 1000)) k deliveries/s, "
                + "\(rounded(sent / time / 1e6)) MB/s")
        peer.end()
        group.stop(graceMilliseconds: 0)
    }
}
