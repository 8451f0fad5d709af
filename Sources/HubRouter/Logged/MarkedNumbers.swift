import HubModel

/// A number for each name, in an array by the name's number, with a note of those that changed: what changes with
/// every message must cost no more than a store.
struct MarkedNumbers {
    private var numbers: [UInt64] = []
    private var isMarked: [Bool] = []
    /// The names whose number changed, each once.
    private var marked: [NameID] = []

    init() {}

    /// The number of a name; 0 if it has none.
    subscript(name: NameID) -> UInt64 {
        let index = Int(name.rawValue)
        return index < numbers.count ? numbers[index] : 0
    }

    /// Names up to here may have a number.
    var count: Int { numbers.count }

    /// Whether anything changed.
    var hasMarks: Bool { !marked.isEmpty }

    mutating func set(_ name: NameID, _ number: UInt64) {
        load(name, number)
        mark(name)
    }

    /// Sets a number that is known to the checkpoint.
    mutating func load(_ name: NameID, _ number: UInt64) {
        let index = Int(name.rawValue)
        if index >= numbers.count { grow(to: index) }
        numbers[index] = number
    }

    /// Notes that a name's number has to be written again.
    mutating func mark(_ name: NameID) {
        let index = Int(name.rawValue)
        guard !isMarked[index] else { return }
        isMarked[index] = true
        marked.append(name)
    }

    /// The names whose number changed, in order; from now on none has.
    mutating func takeMarked() -> [NameID] {
        var taken: [NameID] = []
        swap(&taken, &marked)
        for name in taken { isMarked[Int(name.rawValue)] = false }
        return taken.sorted()
    }

    private mutating func grow(to index: Int) {
        // By half again: one name more at a time must not copy all of them each time.
        let more = max(1024, numbers.count / 2, index + 1 - numbers.count)
        numbers.append(contentsOf: repeatElement(0, count: more))
        isMarked.append(contentsOf: repeatElement(false, count: more))
    }

    /// Whether two have the same numbers, whatever changed in them.
    func hasSameNumbers(as other: MarkedNumbers) -> Bool {
        for index in 0..<max(count, other.count)
        where self[NameID(UInt32(index))] != other[NameID(UInt32(index))] {
            return false
        }
        return true
    }
}
