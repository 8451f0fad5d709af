import HubClient

// A worker: takes commands from its inbox, one after another, and answers them. Stop it and start it again: what came in
// between waits for it.
//
//     swift run ExampleWorker [ws://127.0.0.1:8000]

let arguments = CommandLine.arguments
let url = arguments.count > 1 ? arguments[1] : "ws://127.0.0.1:8000"

var options = ClientOptions()
options.program = "example-worker/1"
// Waits for a hub that is not there yet.
options.waitsForHub = true

let client = try await HubClient.connect(to: url, as: "worker-1", options: options)
print("connected to \(client.hub.hub) as \(client.agent)")
try await client.status("idle")

// The consumer has a name, so it goes on where it was, whoever was away.
var wanted = SubscribeOptions(consumer: "worker-1-inbox")
wanted.acknowledgement = .manual
wanted.ackWaitMilliseconds = 30_000

for try await delivery in try await client.inbox(options: wanted) {
    guard delivery.kind == .command else {
        delivery.ack()
        continue
    }
    print("\(delivery.from) wants \(delivery.json)")
    try await client.status("busy", currentTask: delivery.id)
    if delivery.json.contains("\"count\"") {
        try await client.respond(to: delivery, result: .json("\(delivery.byteCount)"))
    } else {
        try await client.respond(to: delivery, error: "this worker can only count")
    }
    // After the answer has its receipt: a worker that dies before this gets the command again.
    delivery.ack()
    try await client.status("idle")
}
