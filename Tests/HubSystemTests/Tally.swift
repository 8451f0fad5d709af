import Synchronization

/// A number that threads count together.
final class Tally: Sendable {
    private let value = Atomic(0)

    func add(_ count: Int = 1) { value.wrappingAdd(count, ordering: .sequentiallyConsistent) }
    var count: Int { value.load(ordering: .sequentiallyConsistent) }
}
