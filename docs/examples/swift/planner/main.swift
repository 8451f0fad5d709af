import HubClient

// A planner: has a worker do something, and tells everyone what came of it.
//
//     swift run ExamplePlanner [ws://127.0.0.1:8000]

let arguments = CommandLine.arguments
let url = arguments.count > 1 ? arguments[1] : "ws://127.0.0.1:8000"

let client = try await HubClient.connect(to: url, as: "planner")
for text in ["a short text", "a text that is somewhat longer"] {
    let response = try await client.command(
        to: "worker-1", "count", arguments: .text(text), timeoutMilliseconds: 10_000)
    print("\(response.status): \(response.isCompleted ? response.json : response.error ?? "no reason")")
    let receipt = try await client.publish(topic: "plans.done", .text("counted \(text)"))
    print("published at offset \(receipt.offset), message \(receipt.sequence) of \(receipt.session)")
}
await client.close()
