import HubModel
import Testing

@testable import HubRouter

@Suite("What is delivered behind a verdict is not meant by it")
struct SparedVerdictsTests {
    struct Case: Sendable {
        let said: [(SettlementRecord.Verdict, ClosedRange<UInt64>)]
        let delivered: UInt64
        let left: [ClosedRange<UInt64>]
    }

    @Test(
        "a range that members named leaves it out, and what the hub decided stands",
        arguments: [
            Case(said: [(.acknowledged, 0...75)], delivered: 48, left: [0...47, 49...75]),
            Case(said: [(.acknowledged, 0...75)], delivered: 0, left: [1...75]),
            Case(said: [(.acknowledged, 0...75)], delivered: 75, left: [0...74]),
            Case(said: [(.acknowledged, 0...75)], delivered: 76, left: [0...75]),
            Case(said: [(.acknowledged, 9...9)], delivered: 9, left: []),
            Case(said: [(.given, 3...9), (.returned, 5...5)], delivered: 5, left: [3...4, 6...9]),
            Case(
                said: [(.released, 5...5), (.refused(delayMilliseconds: nil), 0...9)], delivered: 5,
                left: [5...5, 0...4, 6...9]),
        ])
    func spares(example: Case) {
        var record = SettlementRecord(era: .zero)
        for (verdict, range) in example.said {
            record.add(verdict, from: Offset(range.lowerBound), through: Offset(range.upperBound))
        }
        record.spare(Offset(example.delivered))
        #expect(record.items.map { $0.from.rawValue...$0.through.rawValue } == example.left)
    }
}
