import Glibc
import HubConnection
import HubSystem
import Workbench

/// What a connection costs that says nothing: resident memory before and after, and the kernel's share apart.
enum IdleBench {
    static func run(descriptorLimit: Int) throws {
        let connections = min(Arguments.value("connections", 10_000), descriptorLimit - 100)
        let group = try LoopGroup(count: 1, settings: Bench.settings, admission: Bench.admission) { _ in
            EchoHandler()
        }
        let address = try group.listen(Bench.anyPort)
        let before = residentBytes()
        let peer = try ChildProcess("peer-idle", ["address=\(address)", "connections=\(connections)"])
        guard peer.line() == "ready" else { throw Bench.Failure("the other side did not connect") }
        // Each has sent a message and got it back; buffers are given back a second later.
        let used = residentBytes()
        SystemClock.sleep(milliseconds: 3000)
        guard group.count(.open) == connections else { throw Bench.Failure("not all are connected") }
        let after = residentBytes()
        let cpu = Bench.processorNanoseconds()
        let turns = group.count(.turns)
        SystemClock.sleep(milliseconds: 3000)
        let idle = Double(Bench.processorNanoseconds() - cpu) / 3e9
        print(
            "idle: \(connections) connections (descriptor limit \(descriptorLimit)): "
                + "\((after - before) / connections) B resident each, \((used - before) / connections) B in use, "
                + "\(rounded(idle * 100)) % of a processor, \(group.count(.turns) - turns) turns in 3 s"
        )
        peer.end()
        group.stop(graceMilliseconds: 0)
    }
}

/// How fast connections come in, and how evenly they lie, by both ways of sharing a port.
enum AcceptBench {
    static func run() throws {
        for round in 1...3 {
            for shares in [false, true] { try run(shares, round) }
        }
    }

    private static func run(_ shares: Bool, _ round: Int) throws {
        let connections = Arguments.value("connections", 10_000)
        let loops = Arguments.value("loops", 2)
        var settings = Bench.settings
        settings.acceptsPerSecondMax = 1_000_000
        let group = try LoopGroup(count: loops, settings: settings, admission: Bench.admission) { _ in
            EchoHandler()
        }
        var address = Bench.anyPort
        if shares {
            for loop in group.loops {
                let socket = try ListeningSocket(address, sharesPort: true)
                address = socket.address
                loop.listen(socket)
            }
        } else {
            address = try group.listen(address)
        }
        // First all that come and go, then few that stay.
        let begin = SystemClock.monotonicNanoseconds()
        let churn = try ChildProcess("peer-accept", ["address=\(address)", "connections=\(connections)"])
        guard churn.line() == "ready" else { throw Bench.Failure("the other side did not connect") }
        while group.count(.accepted) < connections { SystemClock.sleep(milliseconds: 1) }
        let time = Double(SystemClock.monotonicNanoseconds() - begin) / 1e9
        churn.end()
        while group.count(.open) > 0 { SystemClock.sleep(milliseconds: 1) }
        let few = try ChildProcess("peer-idle", ["address=\(address)", "connections=16"])
        guard few.line() == "ready" else { throw Bench.Failure("the other side did not connect") }
        let open = group.loops.map { $0.counters[.open] }
        print(
            "accept, \(shares ? "SO_REUSEPORT" : "dealt out"), round \(round): "
                + "\(rounded(Double(connections) / time / 1000)) k connections/s; 16 that stay lie as \(open)"
        )
        few.end()
        group.stop(graceMilliseconds: 0)
    }
}
