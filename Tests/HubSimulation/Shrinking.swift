/// Makes a story that violates something shorter, as long as it violates the same.
///
/// Parts of the world are taken out first, since that makes every later try faster; then steps go, half of them at a
/// time, then quarters, at last one by one.
struct Shrinking {
    /// What must still be violated.
    let kind: Invariant
    /// Whether no time is left: what was found until then is the answer.
    let isOver: () -> Bool
    /// Stories told on the way.
    private(set) var runs = 0

    init(_ kind: Invariant, isOver: @escaping () -> Bool) {
        self.kind = kind
        self.isOver = isOver
    }

    /// The shortest story found.
    mutating func shortest(of story: Story) -> Story {
        var best = story
        // A step that is gone may have been what an easing needed, and the other way round.
        while !isOver() {
            let before = (best.kept.count, best.easings.count)
            ease(&best)
            removeSteps(&best)
            if before == (best.kept.count, best.easings.count) { break }
        }
        return best
    }

    private mutating func ease(_ best: inout Story) {
        for easing in Easing.allCases where !best.easings.contains(easing) {
            var candidate = best
            candidate.easings.append(easing)
            tryOut(candidate, &best)
        }
    }

    private mutating func removeSteps(_ best: inout Story) {
        var size = max(1, best.kept.count / 2)
        while !best.kept.isEmpty, !isOver() {
            var hasShrunk = false
            // From the end: what comes late depends on what came early, seldom the other way round.
            var end = best.kept.count
            while end > 0, !isOver() {
                let start = max(0, end - size)
                var candidate = best
                candidate.kept.removeSubrange(start..<end)
                let isShorter = tryOut(candidate, &best)
                hasShrunk = hasShrunk || isShorter
                end = isShorter ? min(start, best.kept.count) : start
            }
            if size > 1 { size = max(1, size / 2) } else if !hasShrunk { break }
        }
    }

    /// Takes a story for the best if it violates what it must; steps behind the violation go as well.
    @discardableResult
    private mutating func tryOut(_ candidate: Story, _ best: inout Story) -> Bool {
        guard !isOver() else { return false }
        runs += 1
        let outcome = candidate.run()
        guard outcome.violation?.invariant == kind else { return false }
        best = candidate
        best.kept.removeSubrange(outcome.taken...)
        return true
    }
}
