import HubClient
import HubConnection
import HubServer
import HubSystem
import Synchronization

// How many messages a second one client publishes and gets the receipts of, with many on their way at a time, against a hub
// that does nothing but write receipts. Usage: ClientBench [messages] [bytes of data] [url of another hub]

let arguments = CommandLine.arguments
let total = arguments.count > 1 ? Int(arguments[1]) ?? 2_000_000 : 2_000_000
let size = arguments.count > 2 ? Int(arguments[2]) ?? 256 : 256

/// What came back.
final class Tally: Sendable {
    let receipts = Atomic(0)
    let failures = Atomic(0)
}

func measure(_ url: String) async throws {
    var options = ClientOptions()
    options.outboxMessagesMax = 50_000
    let client = try await HubClient.connect(to: url, as: "bench", options: options)
    let tally = Tally()
    let lane = PostLane { outcomes in
        for outcome in outcomes {
            switch outcome {
            case .receipt: tally.receipts.wrappingAdd(1, ordering: .relaxed)
            case .failure: tally.failures.wrappingAdd(1, ordering: .relaxed)
            }
        }
    }
    let data = Payload.json("{\"text\":\"" + String(repeating: "x", count: max(size - 11, 0)) + "\"}")
    var message = PublishOptions()
    message.durability = .memory
    for round in 1...3 {
        tally.receipts.store(0, ordering: .relaxed)
        let began = SystemClock.monotonicNanoseconds()
        var sent = 0
        while sent < total {
            do {
                try client.post(topic: "bench.topic", data, options: message, on: lane)
                sent += 1
            } catch .outboxFull {
                try await client.waitForRoom()
            }
        }
        while tally.receipts.load(ordering: .relaxed) + tally.failures.load(ordering: .relaxed) < total {
            SystemClock.sleep(milliseconds: 1)
        }
        let seconds = Double(SystemClock.monotonicNanoseconds() - began) / 1e9
        let rate = Int(Double(total) / seconds)
        print("round \(round): \(total) messages of \(size) bytes in \(seconds) s: \(rate) a second")
    }
    await client.close()
    print("failures: \(tally.failures.load(ordering: .relaxed))")
}

if arguments.count > 3 {
    try await measure(arguments[3])
} else {
    var settings = ConnectionSettings()
    settings.outboundMax = 64 << 20
    let loop = try LoopThread(
        name: "echo", settings: settings, admission: AdmissionLimits(totalMax: 10, perAddressMax: 10)
    ) { WebHandler(EchoHub()) }
    guard let address = SocketAddress("127.0.0.1:0") else { preconditionFailure("no address") }
    let socket = try ListeningSocket(address)
    let url = "ws://\(socket.address)"
    loop.listen(socket)
    try await measure(url)
    loop.stop(graceMilliseconds: 100)
    loop.join()
}
