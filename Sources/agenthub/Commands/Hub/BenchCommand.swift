import HubClient
import HubProtocols
import HubSystem

/// `agenthub bench`: how fast a hub is, as one client sees it.
enum BenchCommand {
    static let command = CommandSpec(
        name: "bench", summary: "Measure how fast a hub takes messages and hands them on",
        details: """
            One client publishes to a topic with so many messages on the way at a time; with --consumer another one \
            receives them. Times are of this machine: from handing a message to the client to its receipt, and to its \
            arrival. Measure on a hub that nobody needs: what is published stays in its log.
            """,
        options: [
            OptionSpec(name: "messages", letter: "n", value: "COUNT", summary: "Messages (100000)"),
            OptionSpec(
                name: "window", letter: "w", value: "COUNT", summary: "Messages on the way at a time (1000)"),
            OptionSpec(name: "bytes", letter: "b", value: "COUNT", summary: "Bytes of data of each (128)"),
            OptionSpec(name: "topic", value: "TOPIC", summary: "The topic (bench.PROCESS)"),
            OptionSpec(name: "consumer", letter: "c", summary: "Receive them, too"),
            OptionSpec(
                name: "durability", value: "WORD", summary: "fsynced, memory or replicated (fsynced)"),
            MessageOptions.json,
        ] + HubPlace.options,
        examples: [
            .init(call: "agenthub bench -n 20000 --consumer", purpose: "Both ways."),
            .init(call: "agenthub bench -n 1000 -w 1", purpose: "How long one message alone takes."),
        ],
        exitCodes: HubPlace.exitCodes
    ) { (arguments, _) throws(CommandFailure) in
        let plan = try BenchPlan(arguments)
        let place = try HubPlace(arguments)
        return try HubTask.run(arguments) { (client, arguments, console) async throws(CommandFailure) in
            var receiver: Task<Result<BenchSeries, CommandFailure>, Never>?
            if arguments.has("consumer") {
                receiver = try await receiving(plan, place)
            }
            let run = BenchRun(plan)
            let sent: BenchSeries
            do throws(CommandFailure) {
                sent = try await run.publish(client, ProgressBar("publishing", console))
            } catch {
                receiver?.cancel()
                throw error
            }
            var received: BenchSeries?
            if let receiver {
                received = try await withTaskCancellationHandler {
                    await receiver.value
                } onCancel: {
                    receiver.cancel()
                }.get()
            }
            let report = BenchReport(plan: plan, sent: sent, received: received)
            if arguments.has("json") {
                try console.write(report.json)
            } else {
                try console.write(report.text(console.outputStyle))
            }
            return Task.isCancelled ? .interrupted : .done
        }
    }

    /// Subscribes before anything is published, and counts what comes, in a task of its own.
    private static func receiving(
        _ plan: BenchPlan, _ place: HubPlace
    ) async throws(CommandFailure) -> Task<Result<BenchSeries, CommandFailure>, Never> {
        let client = try await HubTask.connect(place.named(adding: "-consumer"))
        var options = SubscribeOptions()
        options.acknowledgement = .onDelivery
        options.inFlightMax = 65_536
        let subscription = try await HubTask.client { [options] () async throws(ClientError) in
            try await client.subscribe([plan.topic], options: options)
        }
        return Task {
            var series = BenchSeries(capacity: plan.messages)
            do throws(ClientError) {
                for try await delivery in subscription {
                    series.add(since: BenchPlan.time(in: delivery.bytes))
                    if series.count >= plan.messages { break }
                }
            } catch {
                return .failure(.client(error))
            }
            await client.close(withinMilliseconds: 1000)
            return .success(series)
        }
    }
}

/// What is to be measured.
struct BenchPlan: Sendable {
    let messages: Int
    let window: Int
    let bytes: Int
    let topic: String
    let options: PublishOptions
    private let padding: String

    init(_ arguments: ParsedArguments) throws(CommandFailure) {
        messages = Int(clamping: try arguments.number("messages", atLeast: 1) ?? 100_000)
        window = Int(clamping: try arguments.number("window", atLeast: 1) ?? 1000)
        bytes = Int(clamping: try arguments.number("bytes", atLeast: 1) ?? 128)
        topic = arguments.value("topic") ?? "bench.\(CurrentProcess.number)"
        options = try MessageOptions.publishing(arguments)
        guard messages <= 100_000_000, window <= 90_000, bytes <= 16 << 20 else {
            throw .usage(
                UsageError("at most 100000000 messages, a window of 90000, and 16777216 bytes each"))
        }
        padding = String(repeating: "x", count: max(0, bytes - Self.frameBytes))
    }

    /// What stands around the padding, with a time of 16 digits.
    private static let frameBytes = #"{"t":1234567890123456,"x":""}"#.utf8.count

    /// The data of a message that leaves now.
    func payload(at nanoseconds: UInt64) -> Payload { .json(#"{"t":\#(nanoseconds),"x":"\#(padding)"}"#) }

    /// When a message left.
    static func time(in data: [UInt8]) -> UInt64 {
        var time: UInt64 = 0
        for byte in data.dropFirst(5) {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { break }
            time = time &* 10 &+ UInt64(byte - UInt8(ascii: "0"))
        }
        return time
    }
}

/// Times of many messages.
struct BenchSeries: Sendable {
    private var nanoseconds: [UInt64] = []
    private let begun = SystemClock.monotonicNanoseconds()
    private var ended: UInt64

    init(capacity: Int) {
        ended = begun
        nanoseconds.reserveCapacity(min(capacity, 1 << 20))
    }

    /// For tests: times that are known, which took so long together.
    init(nanoseconds: [UInt64], seconds: Double) {
        self.nanoseconds = nanoseconds
        ended = begun + UInt64(seconds * 1e9)
    }

    var count: Int { nanoseconds.count }

    /// Notes that a message which left then is done with.
    mutating func add(since departure: UInt64) {
        ended = SystemClock.monotonicNanoseconds()
        nanoseconds.append(ended &- min(departure, ended))
    }

    var seconds: Double { Double(ended - begun) / 1e9 }
    var perSecond: Double { seconds > 0 ? Double(count) / seconds : 0 }

    /// Times, in milliseconds, that these shares of the messages did not exceed.
    func percentiles(_ shares: [Double]) -> [Double] {
        guard !nanoseconds.isEmpty else { return shares.map { _ in 0 } }
        let sorted = nanoseconds.sorted()
        return shares.map { share in
            let rank = Int((share * Double(sorted.count)).rounded(.up))
            return Double(sorted[min(max(rank, 1), sorted.count) - 1]) / 1e6
        }
    }
}

/// The publishing side.
struct BenchRun {
    private let plan: BenchPlan

    init(_ plan: BenchPlan) { self.plan = plan }

    func publish(
        _ client: HubClient, _ bar: ProgressBar
    ) async throws(CommandFailure) -> BenchSeries {
        defer { bar.clear() }
        let (outcomes, arrivals) = AsyncStream<[PostOutcome]>.makeStream()
        let lane = PostLane { arrivals.yield($0) }
        var departures: [UInt64] = []
        departures.reserveCapacity(plan.messages)
        var series = BenchSeries(capacity: plan.messages)
        var iterator = outcomes.makeAsyncIterator()
        while series.count < plan.messages {
            while departures.count < plan.messages, departures.count - series.count < plan.window {
                let now = SystemClock.monotonicNanoseconds()
                departures.append(now)
                do throws(ClientError) {
                    try client.post(
                        topic: plan.topic, plan.payload(at: now), options: plan.options, on: lane,
                        tag: UInt64(departures.count - 1))
                } catch {
                    throw .client(error)
                }
            }
            guard let batch = await iterator.next() else { throw .client(.cancelled) }
            for outcome in batch {
                switch outcome {
                case .receipt(let receipt): series.add(since: departures[Int(receipt.tag)])
                case .failure(_, let error): throw .client(error)
                }
            }
            bar.show(Double(series.count) / Double(plan.messages))
        }
        return series
    }
}

/// What was measured.
struct BenchReport {
    let plan: BenchPlan
    let sent: BenchSeries
    let received: BenchSeries?

    private static let shares: [(name: String, share: Double)] = [
        ("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p999", 0.999), ("max", 1),
    ]

    func text(_ style: TextStyle) -> String {
        var table = Table(style: style)
        table.heading("Published")
        table.row("messages", "\(Quantity.count(sent.count)) of \(Quantity.bytes(plan.bytes))")
        table.row("on the way", "\(Quantity.count(plan.window)) at a time")
        Self.rows(sent, &table)
        if let received {
            table.heading("Received")
            table.row("messages", Quantity.count(received.count))
            Self.rows(received, &table)
        }
        return table.text
    }

    private static func rows(_ series: BenchSeries, _ table: inout Table) {
        table.row("took", Quantity.duration(seconds: series.seconds))
        table.row("a second", Quantity.count(Int(series.perSecond.rounded())))
        for (share, time) in zip(shares, series.percentiles(shares.map(\.share))) {
            table.row(share.name, "\(milliseconds(time)) ms")
        }
    }

    /// Three digits behind the point: a receipt from memory takes a fraction of a millisecond.
    static func milliseconds(_ value: Double) -> String {
        let thousandths = String(Int((value * 1000).rounded()))
        let padded = String(repeating: "0", count: max(0, 4 - thousandths.count)) + thousandths
        return "\(padded.dropLast(3)).\(padded.suffix(3))"
    }

    var json: JSONValue {
        var object = JSONObject()
        object["messages"] = .integer(Int64(plan.messages))
        object["bytes"] = .integer(Int64(plan.bytes))
        object["window"] = .integer(Int64(plan.window))
        object["published"] = Self.json(sent)
        object["received"] = received.map { Self.json($0) }
        return .object(object)
    }

    private static func json(_ series: BenchSeries) -> JSONValue {
        var object = JSONObject()
        object["messages"] = .integer(Int64(series.count))
        object["seconds"] = .double(series.seconds)
        object["per_second"] = .double(series.perSecond)
        for (share, time) in zip(shares, series.percentiles(shares.map(\.share))) {
            object["\(share.name)_ms"] = .double(time)
        }
        return .object(object)
    }
}
