import Foundation
import Testing

@testable import HubSimulation

@Suite("The simulator")
struct SimulatorTests {
    @Test("finds nothing wrong in a few short stories", arguments: 1...20 as ClosedRange<UInt64>)
    func shortStories(seed: UInt64) {
        let outcome = Story(seed: seed, steps: 300).run()
        #expect(outcome.violation == nil, "\(outcome.violation?.description ?? "") in seed \(seed)")
    }

    @Test("tells the same story twice")
    func isDeterministic() {
        let outcomes = (0..<2).map { _ in Story(seed: 7, steps: 500).run() }
        #expect(outcomes[0].ledger.deliveries > 0)
        #expect(outcomes[0].ledger.deliveries == outcomes[1].ledger.deliveries)
        #expect(outcomes[0].ledger.marks.table == outcomes[1].ledger.marks.table)
    }

    @Test("has each of its invariants in the table of the reliability page", arguments: Invariant.allCases)
    func invariantsAreDocumented(invariant: Invariant) throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(
            contentsOf: root.appendingPathComponent("docs/reliability.md"), encoding: .utf8)
        #expect(page.contains("| `\(invariant.rawValue)` |"))
    }

    @Test("says which marks were never reached")
    func missingMarks() {
        var marks = Marks()
        for mark in Mark.allCases where mark != .stalled { marks.note(mark) }
        #expect(marks.missing == [.stalled])
        marks.note(.stalled)
        #expect(marks.missing.isEmpty)
    }
}
