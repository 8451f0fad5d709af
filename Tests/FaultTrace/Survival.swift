import Randomness

/// Which of the pending operations a crash spares, and how whole.
struct Survival {
    enum Choice: String, CaseIterable {
        case all, none, torn, last, subset, prefix
        case tornSubset = "torn subset"
    }

    /// Which choice the variant with this number makes: each one once, and after that those left to chance.
    ///
    /// They begin anywhere, so that boundaries with room for a few variants only do not all have the same.
    private static func choice(
        _ number: Int, beginningAt rotation: Int, for candidates: [PendingOperations.Entry]
    ) -> Choice {
        guard let first = candidates.first else { return .none }
        var once = Choice.allCases
        var again: [Choice] = [.subset, .torn, .tornSubset, .prefix]
        if candidates.count == 1 {
            let isTearable = SectorTear.sectorCount(of: first.operation) > 1
            once = isTearable ? [.all, .none, .torn] : [.all, .none]
            again = [.torn]
        }
        guard number < once.count else { return again[(number - once.count) % again.count] }
        return once[(rotation + number) % once.count]
    }

    /// What reached the disk, in the order in which it did.
    private(set) var operations: [Trace.Operation] = []
    /// The choice and the operations by their index in the trace.
    private(set) var description = ""

    init(
        of candidates: [PendingOperations.Entry], number: Int, rotation: Int, random: inout SplitMix64
    ) {
        let choice = Self.choice(number, beginningAt: rotation, for: candidates)
        var notes: [String] = []
        func keep(_ entry: PendingOperations.Entry) {
            operations.append(entry.operation)
            notes.append("\(entry.position) (\(entry.operation.summary))")
        }
        func keepTorn(_ entry: PendingOperations.Entry, _ random: inout SplitMix64) {
            let tear = SectorTear(of: entry.operation, random: &random)
            operations += tear.operations
            notes.append("\(entry.position) (\(entry.operation.summary), \(tear.description))")
        }
        switch choice {
        case .all: candidates.forEach(keep)
        case .none: break
        case .last: candidates.suffix(1).forEach(keep)
        case .prefix: candidates.prefix(Int.random(in: 1..<candidates.count, using: &random)).forEach(keep)
        case .subset:
            for entry in Self.anySubset(of: candidates, random: &random) { keep(entry) }
        case .torn:
            let whole = Int.random(in: 0..<candidates.count, using: &random)
            candidates.prefix(whole).forEach(keep)
            keepTorn(candidates[whole], &random)
        case .tornSubset:
            for entry in Self.anySubset(of: candidates, random: &random) { keepTorn(entry, &random) }
        }
        // A transaction of a thousand pages would bury the message it is part of.
        let shown = notes.prefix(12).joined(separator: ", ") + (notes.count > 12 ? ", ..." : "")
        description = "\(choice.rawValue), \(notes.count) of \(candidates.count) pending: [\(shown)]"
    }

    /// In any order too: where two overlap, either may have reached the disk last.
    private static func anySubset(
        of candidates: [PendingOperations.Entry], random: inout SplitMix64
    ) -> [PendingOperations.Entry] {
        let kept = candidates.filter { _ in Bool.random(using: &random) }
        return Bool.random(using: &random) ? kept : kept.shuffled(using: &random)
    }
}

/// A write of which the disk has only some sectors.
struct SectorTear {
    /// What disks write whole or not at all.
    static let sectorSize = 512

    private(set) var operations: [Trace.Operation] = []
    private(set) var description = ""

    /// How many sectors a write touches; 0 for other operations, which are never torn.
    static func sectorCount(of operation: Trace.Operation) -> Int {
        guard case .write(let offset, let bytes, _) = operation, !bytes.isEmpty else { return 0 }
        return (offset + bytes.count - 1) / sectorSize - offset / sectorSize + 1
    }

    init(of operation: Trace.Operation, random: inout SplitMix64) {
        let count = Self.sectorCount(of: operation)
        guard case .write(let offset, let bytes, let isDurable) = operation, count > 1 else {
            operations = [operation]
            description = "whole"
            return
        }
        // As often a plain cut, which is what an append most likely suffers, as any sectors at random.
        let cut = Bool.random(using: &random) ? Int.random(in: 1..<count, using: &random) : nil
        var survivors = 0
        for sector in 0..<count {
            guard cut.map({ sector < $0 }) ?? Bool.random(using: &random) else { continue }
            survivors += 1
            let start = (offset / Self.sectorSize + sector) * Self.sectorSize
            let part = max(start, offset)..<min(start + Self.sectorSize, offset + bytes.count)
            let shift = bytes.startIndex - offset
            let survivor = bytes[part.lowerBound + shift..<part.upperBound + shift]
            operations.append(.write(offset: part.lowerBound, bytes: survivor, isDurable: isDurable))
        }
        description = "\(cut == nil ? "any" : "first") \(survivors) of \(count) sectors"
    }
}

extension Trace.Operation {
    /// A few words for messages.
    var summary: String {
        switch self {
        case .start(let process): "start of process \(process)"
        case .opened(let size): "opened at \(size) bytes"
        case .write(let offset, let bytes, let isDurable):
            "\(isDurable ? "durable " : "")write of \(bytes.count) at \(offset)"
        case .sync: "sync"
        case .syncFailed: "failed sync"
        case .truncate(let size): "truncate to \(size)"
        case .allocate(let offset, let length, _, _): "allocate \(length) at \(offset)"
        case .mark(let value): "mark \(value)"
        case .mapped(let offset, let length): "writable mapping of \(length) at \(offset)"
        }
    }
}
