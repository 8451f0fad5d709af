import HubBytes
import Testing

@testable import HubClient

@Suite("What a client remembers")
struct MemoryTests {
    @Test(
        "what the application holds is not handed out again after a lost connection, and may be settled then")
    func held() {
        var memory = ConsumerMemory(inFlightMax: 8)
        #expect(memory.deliver(3) == .handOut)
        memory.lostConnection()
        #expect(memory.unsettledCount == 1)
        #expect(memory.deliver(3) == .drop)
        #expect(memory.settle(3, .acknowledged) == true)
        #expect(memory.unsettledCount == 0)
    }

    @Test("what was settled between two connections is settled again when it comes again")
    func settledBetween() {
        var memory = ConsumerMemory(inFlightMax: 8)
        _ = memory.deliver(3)
        memory.lostConnection()
        #expect(memory.settle(3, .refused, delay: 5, reason: "r") == false)
        #expect(memory.deliver(3) == .settleAgain(.refused, delay: 5, reason: "r"))
        #expect(memory.deliver(3) == .handOut)
    }

    @Test("an acknowledgement that may be lost is given again, once")
    func lostAcknowledgement() {
        var memory = ConsumerMemory(inFlightMax: 8)
        _ = memory.deliver(3)
        #expect(memory.settle(3, .acknowledged) == true)
        memory.lostConnection()
        #expect(memory.deliver(3) == .settleAgain(.acknowledged, delay: nil, reason: nil))
        #expect(memory.deliver(3) == .handOut)
    }

    @Test("on the same connection whatever comes again is handed out again")
    func leases() {
        var memory = ConsumerMemory(inFlightMax: 8)
        #expect(memory.deliver(3) == .handOut)
        #expect(memory.deliver(3) == .handOut)
        #expect(memory.unsettledCount == 1)
        #expect(memory.settle(3, .acknowledged) == true)
        #expect(memory.deliver(3) == .handOut)
    }

    @Test("once the hub had its time, what was settled and comes again is handed out")
    func forgetting() {
        var memory = ConsumerMemory(inFlightMax: 8)
        _ = memory.deliver(3)
        _ = memory.deliver(4)
        _ = memory.settle(3, .acknowledged)
        memory.lostConnection()
        memory.forgetSettled()
        #expect(memory.deliver(3) == .handOut)
        #expect(memory.deliver(4) == .drop)
    }

    @Test("only the first verdict counts, and an unknown offset has none")
    func verdicts() {
        var memory = ConsumerMemory(inFlightMax: 8)
        _ = memory.deliver(3)
        #expect(memory.settle(3, .working) == true)
        #expect(memory.settle(3, .refused) == true)
        #expect(memory.settle(3, .acknowledged) == false)
        #expect(memory.settle(9, .acknowledged) == false)
    }

    @Test("all up to an offset is settled together")
    func upTo() {
        var memory = ConsumerMemory(inFlightMax: 8)
        for offset in [5, 2, 9, 7] as [UInt64] { _ = memory.deliver(offset) }
        #expect(memory.settle(upTo: 7) == true)
        #expect(memory.unsettledCount == 1)
        #expect(memory.settle(upTo: 8) == false)
        #expect(memory.settle(9, .acknowledged) == true)
    }

    // MARK: Outbox

    private static func outbox(_ texts: [String], expiry: Int64 = .max) -> Outbox {
        var outbox = Outbox()
        outbox.take { content in
            for text in texts { _ = content.append(written: Array(text.utf8), .nobody, expiry: expiry) }
        }
        return outbox
    }

    private static func runs(
        _ outbox: inout Outbox, bytesMax: Int = 1000, framesMax: Int = 100, now: Int64 = 0
    ) -> [String] {
        var runs: [String] = []
        while true {
            switch outbox.next(bytesMax: bytesMax, framesMax: framesMax, memory: nil, now: now) {
            case .frames(let chunk, let range, _): outbox.withBytes(of: chunk, range) { runs.append($0.text) }
            case .expired(let number):
                runs.append("expired \(number)")
                _ = outbox.finish(number)
            case .forgotten(let number):
                runs.append("forgotten \(number)")
                _ = outbox.finish(number)
            case .none: return runs
            }
        }
    }

    @Test("one message goes alone, several go as a batch within the bounds")
    func batches() {
        var one = Self.outbox(["{1}"])
        #expect(Self.runs(&one) == ["{1}"])
        var three = Self.outbox(["{1}", "{2}", "{3}"])
        #expect(Self.runs(&three) == ["[{1},{2},{3}]"])
        var narrow = Self.outbox(["{1}", "{2}", "{3}"])
        #expect(Self.runs(&narrow, bytesMax: 7) == ["[{1},{2}]", "{3}"])
        var few = Self.outbox(["{1}", "{2}", "{3}"])
        #expect(Self.runs(&few, framesMax: 1) == ["{1}", "{2}", "{3}"])
    }

    @Test("what has no receipt is sent again, in whatever batches it falls into then")
    func again() {
        var outbox = Self.outbox(["{1}", "{2}", "{3}", "{4}", "{5}"])
        #expect(Self.runs(&outbox, bytesMax: 7) == ["[{1},{2}]", "[{3},{4}]", "{5}"])
        let known = [outbox.finish(1) != nil, outbox.finish(3) != nil, outbox.finish(3) != nil]
        #expect(known == [true, true, false])
        outbox.rewind()
        #expect(Self.runs(&outbox) == ["{2}", "[{4},{5}]"])
        for number in [2, 4, 5] as [UInt64] { _ = outbox.finish(number) }
        let isEmpty = outbox.isEmpty
        #expect(isEmpty)
        let released = outbox.takeReleased()
        #expect(released.count == 5)
        #expect(released.bytes == 20)
    }

    @Test("what has lost its value is not sent")
    func expiry() {
        var outbox = Self.outbox(["{1}", "{2}"], expiry: 50)
        #expect(Self.runs(&outbox, now: 50) == ["expired 1", "expired 2"])
        let isEmpty = outbox.isEmpty
        #expect(isEmpty)
    }

    @Test("what was sent longer ago than the hub remembers is given up only if that is wanted")
    func memory() {
        for (memory, wanted) in [(nil, true), (100, false)] as [(Int64?, Bool)] {
            var outbox = Self.outbox(["{1}"])
            _ = outbox.next(bytesMax: 10, framesMax: 10, memory: memory, now: 0)
            outbox.rewind()
            let run = outbox.next(bytesMax: 10, framesMax: 10, memory: memory, now: 101)
            #expect((run == .forgotten(number: 1)) != wanted)
        }
    }
}
