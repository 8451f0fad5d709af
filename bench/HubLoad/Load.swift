import HubBytes
import HubConnection
import HubModel
import HubProtocols
import HubServer
import HubSystem

/// Something for the loop to do.
enum LoadMessage: Sendable {
    /// Messages may be due.
    case tick
}

/// What all of a run's threads know.
final class LoadRun: Sendable {
    let workload: Workload
    let request: WebSocketRequest
    let hub: ProcessorTime?
    let id: String
    /// That all agents are ready.
    let ready: Channel<Bool>
    let result: Channel<Outcome>

    init(_ workload: Workload, _ request: WebSocketRequest, hub: ProcessorTime?) throws(SystemError) {
        self.workload = workload
        self.request = request
        self.hub = hub
        id = String(SystemClock.wallMicroseconds() % (36 * 36 * 36 * 36 * 36), radix: 36)
        ready = try Channel(capacity: 1)
        result = try Channel(capacity: 1)
    }
}

/// The load: all agents, on one loop.
struct Load: WebApplication, ~Copyable {
    typealias Message = LoadMessage

    let run: LoadRun
    let workload: Workload
    var outcome: Outcome
    var agents: [LoadAgent] = []
    /// By a connection's place, the agent's.
    var places: [Int] = []
    var mold: MessageMold
    /// Frames that go out together.
    var frames = ByteBuffer(capacity: 128 << 10)
    /// Texts of frames that came.
    var texts = ByteBuffer(capacity: 128 << 10)
    /// By a message's number, when it was sent, or should have been.
    var times: [UInt64]
    var next = 0
    var begun = 0
    var readyCount = 0
    var start: UInt64 = 0
    private var ownBefore: UInt64 = 0
    private var hubBefore: UInt64?
    private var isOver = false

    init(_ run: LoadRun) {
        self.run = run
        workload = run.workload
        outcome = Outcome(workload: workload)
        mold = MessageMold(workload, run: run.id)
        times = Array(repeating: 0, count: workload.messages)
        for number in 0..<workload.publishers {
            let agent = LoadAgent(.publisher, "load-\(run.id)-p\(number)")
            agent.quota =
                workload.messages / workload.publishers
                + (number < workload.messages % workload.publishers ? 1 : 0)
            agents.append(agent)
        }
        for number in 0..<workload.consumers {
            agents.append(LoadAgent(.consumer, "load-\(run.id)-c\(number)"))
        }
    }

    // MARK: Connecting

    mutating func started(_ web: inout WebConnections, _ loop: inout EventLoop) { connect(&web, &loop) }

    /// Agents come one behind the other, a hundred at a time.
    private mutating func connect(_ web: inout WebConnections, _ loop: inout EventLoop) {
        while begun < agents.count, begun - readyCount < 100 {
            do throws(WebRequestFault) {
                let connection = try web.open(run.request, &loop)
                while places.count <= Int(connection.index) { places.append(-1) }
                places[Int(connection.index)] = begun
                agents[begun].connection = connection
            } catch {
                fail("no connection to the hub: \(error)")
            }
            begun += 1
        }
    }

    mutating func opened(
        _ connection: ConnectionID, subprotocol: String?, _ web: inout WebConnections,
        _ loop: inout EventLoop
    ) {
        var hello = NativeHello()
        hello.agent = agents[places[Int(connection.index)]].name
        hello.takesBatches = true
        frames.removeAll()
        NativeClientWriter.hello(hello, in: RawSpan(), to: &frames)
        Self.send(frames, connection, &web, &loop)
    }

    mutating func closed(
        _ connection: ConnectionID, _ code: CloseCode, _ reason: RawSpan, _ web: inout WebConnections,
        _ loop: inout EventLoop
    ) {
        guard !isOver else { return }
        fail("the hub ended a connection: \(code.rawValue) \(reason.text)")
    }

    /// The hub knows an agent: a consumer subscribes, a publisher is ready.
    mutating func welcomed(
        _ agent: LoadAgent, _ connection: ConnectionID, _ web: inout WebConnections, _ loop: inout EventLoop
    ) {
        guard agent.role == .consumer else { return isReady(&web, &loop) }
        var wanted = NativeSubscribe()
        wanted.topics = ["load.\(run.id).>"]
        if workload.settling == .none {
            wanted.isExplicit = false
        } else {
            wanted.consumer = consumerName(agent)
            wanted.isExplicit = true
            wanted.inFlightMax = workload.inFlight
            wanted.ackWaitMilliseconds = 120_000
        }
        wanted.from = .new
        frames.removeAll()
        NativeClientWriter.subscribe(wanted, in: RawSpan(), to: &frames)
        Self.send(frames, connection, &web, &loop)
    }

    func consumerName(_ agent: LoadAgent) -> String { agent.name }

    /// One more agent is ready; work begins with the last one.
    mutating func isReady(_ web: inout WebConnections, _ loop: inout EventLoop) {
        readyCount += 1
        connect(&web, &loop)
        guard readyCount == agents.count else { return }
        start = SystemClock.monotonicNanoseconds()
        ownBefore = ProcessorTime().nanoseconds
        hubBefore = run.hub?.nanoseconds
        run.ready.send(true)
    }

    static func send(
        _ frames: borrowing ByteBuffer, _ connection: ConnectionID, _ web: inout WebConnections,
        _ loop: inout EventLoop
    ) {
        guard web.send(connection, .text, frames.bytes, &loop) != .refused else {
            fail("the hub takes nothing any more")
        }
    }

    // MARK: The end

    /// Ends the run if everything has come.
    mutating func endIfDone() {
        let time = Double(SystemClock.monotonicNanoseconds() - start) / 1e9
        if outcome.publishing == 0, outcome.receipts == workload.messages { outcome.publishing = time }
        if outcome.delivering == 0, outcome.deliveries == workload.deliveries { outcome.delivering = time }
        guard !isOver, outcome.publishing > 0, outcome.delivering > 0 else { return }
        isOver = true
        outcome.ownTime = ProcessorTime().nanoseconds - ownBefore
        if let hub = run.hub, let hubBefore { outcome.hubTime = hub.nanoseconds - hubBefore }
        run.result.send(outcome)
    }
}
