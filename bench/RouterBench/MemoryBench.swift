import AllocationCounter
import HubModel
import Workbench

/// What each of many things costs in memory, by the difference that they make on the heap.
struct MemoryBench {
    func run() {
        print("memory: bytes on the heap, each")
        sessions(200_000)
        consumers(10_000)
        inFlight(consumers: 16, each: 65_536)
        remembered(1_000_000)
    }

    private func report(_ name: String, _ count: Int, since before: Int64) {
        print("  \(name): \(rounded(Double(allocated_bytes() - before) / Double(count))), of \(count)")
    }

    private func sessions(_ count: Int) {
        var hub = BenchHub(consumers: 0, .none, sessions: count, topics: 1)
        hub.publish(2048, Self.payload, hasIDs: false, blockRecords: 2048)
        let before = allocated_bytes()
        hub.publish(count - 2048, Self.payload, hasIDs: false, blockRecords: 2048)
        report("session with a message", count - 2048, since: before)
    }

    private func consumers(_ count: Int) {
        var hub = BenchHub(consumers: 1, .cumulative, sessions: 1, topics: 1)
        let before = allocated_bytes()
        hub.addConsumers(count)
        report("durable consumer with its agent and connection", count, since: before)
    }

    private func inFlight(consumers: Int, each: Int) {
        var hub = BenchHub(consumers: consumers, .never, sessions: 1000, topics: 1)
        let before = allocated_bytes()
        hub.publish(each, Self.payload, hasIDs: false, blockRecords: 2048)
        precondition(hub.deliveries == consumers * each)
        report("message in flight", consumers * each, since: before)
    }

    private func remembered(_ count: Int) {
        var hub = BenchHub(consumers: 0, .none, sessions: 1, topics: 1)
        hub.publish(2048, Self.payload, hasIDs: false, blockRecords: 2048)
        let before = allocated_bytes()
        hub.publish(count, Self.payload, hasIDs: true, blockRecords: 2048)
        report("remembered id of 16 bytes", count, since: before)
    }

    private static let payload = [UInt8](repeating: UInt8(ascii: "x"), count: 256)
}
