/// What somebody may have meant.
enum Suggestion {
    /// A sentence with the nearest name, or nothing if none is near.
    static func sentence(for word: String, among names: [String]) -> String {
        let ranked = names.map { (name: $0, distance: distance(word, $0)) }
        guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return "" }
        let isNear = best.distance <= max(1, word.count / 3) || word.count > 1 && best.name.hasPrefix(word)
        return isNear ? "; did you mean \"\(best.name)\"?" : ""
    }

    /// How many letters must be added, dropped, replaced, or swapped with their neighbour.
    static func distance(_ left: String, _ right: String) -> Int {
        let (left, right) = (Array(left), Array(right))
        var twoBefore: [Int] = []
        var before = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1]
            for column in right.indices {
                let isSame = left[row] == right[column]
                var best = min(before[column] + (isSame ? 0 : 1), before[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    best = min(best, twoBefore[column - 1] + 1)
                }
                current.append(best)
            }
            (twoBefore, before) = (before, current)
        }
        return before[right.count]
    }
}
