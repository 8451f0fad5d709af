import Testing

@testable import HubSimulation

@Suite("A story that violates something is shrunk")
struct ShrinkingTests {
    /// The first story in which a belief turns out wrong.
    private func broken(_ belief: Belief, steps: Int) throws -> (Story, Violation) {
        for seed in 1...200 as ClosedRange<UInt64> {
            var story = Story(seed: seed, steps: steps)
            story.belief = belief
            if let violation = story.run().violation { return (story, violation) }
        }
        throw Violation(.belief, "no story shows that the belief is wrong")
    }

    @Test(
        "to a small part that violates the same, without what it can do without", arguments: Belief.allCases)
    func shrinks(belief: Belief) throws {
        let (story, violation) = try broken(belief, steps: 400)
        #expect(violation.invariant == .belief)
        var shrinking = Shrinking(violation.invariant) { false }
        let shortest = shrinking.shortest(of: story)
        #expect(shortest.run().violation?.invariant == .belief)
        #expect(shortest.kept.count <= 40, "\(shortest.command)")
        #expect(!shortest.easings.isEmpty)
        // None of the steps that are left can go.
        for index in shortest.kept.indices {
            var less = shortest
            less.kept.remove(at: index)
            #expect(less.run().violation == nil, "step \(shortest.kept[index]) does nothing")
        }
    }

    @Test("no further than time allows")
    func timeIsLimited() throws {
        let (story, violation) = try broken(.neverThrice, steps: 400)
        var left = 5
        var shrinking = Shrinking(violation.invariant) {
            left -= 1
            return left < 0
        }
        #expect(shrinking.shortest(of: story).run().violation?.invariant == .belief)
        #expect(shrinking.runs <= 5)
    }

    @Test("the command that repeats it tells the same story")
    func commandRepeats() throws {
        let (story, violation) = try broken(.neverThrice, steps: 400)
        var shrinking = Shrinking(violation.invariant) { false }
        let shortest = shrinking.shortest(of: story)
        let words = shortest.command.split(separator: " ").dropFirst().map(String.init)
        let options = try #require(Options(words))
        let again = options.story(options.first)
        #expect(again.kept == shortest.kept && again.easings == shortest.easings)
        #expect(again.run().violation?.detail == shortest.run().violation?.detail)
    }

    @Test(
        "step lists are written as they are read",
        arguments: [("none", []), ("3", [3]), ("0-2", [0, 1, 2]), ("1,4-5,9", [1, 4, 5, 9])])
    func lists(text: String, steps: [Int]) {
        #expect(StepList(steps).description == text)
        #expect(StepList(text)?.steps == steps)
    }

    @Test("what is no step list is refused", arguments: ["", "1,", "5-3", "3,3", "4,1", "a", "1-2-3", "-1"])
    func noLists(text: String) {
        #expect(StepList(text) == nil)
    }
}
