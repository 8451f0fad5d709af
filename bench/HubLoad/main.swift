import Glibc
import HubConnection
import HubProtocols
import HubServer
import HubSystem

// The load of `docs/performance.md` for a hub that runs, by the native protocol over WebSocket, as any client speaks it.

let usage = """
    usage: HubLoad WORKLOAD [NAME=VALUE …]

    \(Workload.all.map { "  \($0.name)" + String(repeating: " ", count: 6 - $0.name.count) + $0.summary }.joined(separator: "\n"))

      address=127.0.0.1:8000   where the hub listens
      hub=PROCESS              the hub's process, to count its processor time
      json=1                   the result as JSON on one line
      messages=COUNT publishers=COUNT consumers=COUNT window=COUNT sessions=COUNT topics=COUNT rate=PER-SECOND
      size=CHARACTERS in-flight=COUNT ack=none|each|list|up-to seconds-max=300
    """

func run(_ chosen: Workload) throws -> Outcome {
    var workload = chosen
    try workload.adapt()
    let place = word("address") ?? "127.0.0.1:8000"
    guard let address = SocketAddress(place) else { throw LoadFailure("\(place) is no address") }
    var hub: ProcessorTime?
    if let process = word("hub") {
        hub = Int(process).flatMap { ProcessorTime(of: $0) }
        if hub == nil { throw LoadFailure("there is no process \(process)") }
    }
    let request = WebSocketRequest(try HTTPURL("ws://\(place)/hub"), at: address)
    let run = try LoadRun(workload, request, hub: hub)
    var connections = ConnectionSettings()
    connections.outboundMax = 256 << 20
    connections.outboundHighWater = 128 << 20
    connections.inputMax = 16 << 20
    connections.readSize = 256 << 10
    connections.idleMilliseconds = 600_000
    let settings = connections
    let loop = try LoopThread<LoadMessage>(
        name: "load", settings: settings, admission: AdmissionLimits(totalMax: 20_000, perAddressMax: 20_000)
    ) {
        var web = WebSettings()
        web.outboundConnectionsMax = 20_000
        return WebHandler(Load(run), web)
    }
    guard run.ready.take(waitingMilliseconds: 60_000) != nil else {
        throw LoadFailure("not all agents were let in within a minute")
    }
    let deadline =
        SystemClock.monotonicNanoseconds() + UInt64(try setting("seconds-max", 300)) * 1_000_000_000
    while SystemClock.monotonicNanoseconds() < deadline {
        if workload.rate == 0 {
            if let outcome = run.result.take(waitingMilliseconds: 1000) { return outcome }
            continue
        }
        // A timer of the loop is too coarse for a pace.
        usleep(100)
        var tick: LoadMessage? = .tick
        loop.send(&tick)
        if let outcome = run.result.take() { return outcome }
    }
    throw LoadFailure("\(workload.name) was not done in time")
}

_ = CurrentProcess.raiseDescriptorLimit()
guard CommandLine.arguments.count > 1,
    let chosen = Workload.all.first(where: { $0.name == CommandLine.arguments[1] })
else {
    print(usage)
    exit(2)
}
do {
    let outcome = try run(chosen)
    print(word("json") == "1" ? outcome.json : outcome.table)
    exit(0)
} catch {
    fail("\(error)")
}
