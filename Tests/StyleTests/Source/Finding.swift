/// A place that breaks a rule, and the sentence that says how.
struct Finding: Equatable, CustomStringConvertible {
    let path: String
    let line: Int
    let sentence: String

    var description: String { "\(path):\(line): \(sentence)" }
}
