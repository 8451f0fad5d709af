/// What somebody may have meant.
package enum Suggestion {
    /// A sentence with the nearest name, or nothing if none is near.
    package static func sentence(for word: String, among names: [String]) -> String {
        nearest(to: word, among: names).map { "; did you mean \"\($0)\"?" } ?? ""
    }

    /// The nearest name, if one is near.
    package static func nearest(to word: String, among names: [String]) -> String? {
        // Nobody mistypes so much, and comparing costs the product of both lengths.
        guard word.utf8.count <= 100 else { return nil }
        let ranked = names.map { (name: $0, distance: distance(word, $0)) }
        guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
        let isNear = best.distance <= max(1, word.count / 3) || word.count > 1 && best.name.hasPrefix(word)
        return isNear ? best.name : nil
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
