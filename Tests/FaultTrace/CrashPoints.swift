import Randomness

/// The states a crash may leave a file in, spread over a trace.
///
/// A boundary is the moment before a sync or a durable write completes, or the end of the trace. What was
/// certain by then is in every variant of the boundary; of what was pending, the durable write itself
/// included, any part may be there, in any order, any write with any of its 512-byte sectors. A crash earlier
/// between two boundaries leaves nothing that the later one does not, and fewer marks to hold it to, so it
/// has no variants of its own.
package struct CrashPoints: Sequence, Sendable {
    /// The state of the file after one imagined crash.
    package struct Variant: Sendable {
        /// What crashed where and what survived, for a failed test's message.
        package let description: String
        /// Which boundary, counted from 0.
        package let boundary: Int
        /// The operations of the trace before this index were begun; those that were certain are all applied.
        package let position: Int
        /// The content of the file.
        package let image: FileImage
        /// How many marks were made before the crash; all they stand for must have survived it.
        package let markCount: Int
        /// The value of the last of them.
        package let lastMark: UInt64?
    }

    private let trace: Trace
    private let base: FileImage
    private let seed: UInt64
    private let quotas: [Int]

    /// Plans `count` variants; fewer if the trace leaves fewer states, as when nothing was ever pending.
    ///
    /// `base` is the file, all of it certain, before the trace began.
    package init(_ trace: Trace, base: FileImage = FileImage(), count: Int, seed: UInt64) {
        self.trace = trace
        self.base = base
        self.seed = seed
        quotas = Self.share(count, among: Self.capacities(of: trace))
    }

    /// How many boundaries the trace has.
    package var boundaryCount: Int { quotas.count }

    /// The variants in the order of their boundaries, made one by one.
    package func makeIterator() -> Iterator {
        Iterator(trace: trace, base: base, seed: seed, quotas: quotas)
    }

    /// How many different states each boundary can have, as far as it is few.
    private static func capacities(of trace: Trace) -> [Int] {
        var pending = PendingOperations()
        var capacities: [Int] = []
        for position in 0...trace.operations.count {
            let candidates = candidates(of: trace, at: position, pending)
            if let candidates { capacities.append(capacity(of: candidates)) }
            guard position < trace.operations.count else { break }
            pending.take(trace.operations[position], at: position) { _ in }
        }
        return capacities
    }

    private static func capacity(of candidates: [PendingOperations.Entry]) -> Int {
        guard let only = candidates.first else { return 1 }
        let isWhole = candidates.count == 1 && SectorTear.sectorCount(of: only.operation) <= 1
        return isWhole ? 2 : Int.max
    }

    /// What may or may not be there after a crash just before this operation is complete; nil if that is no
    /// boundary. A durable write counts, as it may have reached the disk in part.
    fileprivate static func candidates(
        of trace: Trace, at position: Int, _ pending: PendingOperations
    ) -> [PendingOperations.Entry]? {
        guard position < trace.operations.count else { return pending.entries }
        let operation = trace.operations[position]
        guard PendingOperations.isBoundary(operation) else { return nil }
        guard case .write = operation else { return pending.entries }
        return pending.entries + [PendingOperations.Entry(position: position, operation: operation)]
    }

    /// Deals out `count` so that every boundary gets its share and none more than it can use.
    private static func share(_ count: Int, among capacities: [Int]) -> [Int] {
        var quotas = capacities.map { _ in 0 }
        var left = count
        var open = Array(capacities.indices)
        while left > 0, !open.isEmpty {
            let turns = Swift.min(left, open.count)
            // If there is not enough for all, the chosen lie evenly among them.
            for turn in 0..<turns { quotas[open[turn * open.count / turns]] += 1 }
            left -= turns
            open.removeAll { quotas[$0] >= capacities[$0] }
        }
        return quotas
    }
}

extension CrashPoints {
    /// Goes through the trace once, with one image that grows with it.
    package struct Iterator: IteratorProtocol {
        private let trace: Trace
        private let quotas: [Int]
        private var random: SplitMix64
        private var certain: FileImage
        private var pending = PendingOperations()
        private var candidates: [PendingOperations.Entry]?
        private var position = 0
        private var boundary = 0
        private var made = 0
        private var rotation = 0
        private var markCount = 0
        private var lastMark: UInt64?

        fileprivate init(trace: Trace, base: FileImage, seed: UInt64, quotas: [Int]) {
            self.trace = trace
            self.quotas = quotas
            certain = base
            random = SplitMix64(seed: seed)
            candidates = CrashPoints.candidates(of: trace, at: 0, pending)
        }

        /// The next variant.
        package mutating func next() -> Variant? {
            while boundary < quotas.count {
                if let candidates, made < quotas[boundary] {
                    made += 1
                    return makeVariant(of: candidates)
                }
                if candidates != nil {
                    boundary += 1
                    made = 0
                }
                step()
            }
            return nil
        }

        private mutating func step() {
            guard position < trace.operations.count else { return }
            let operation = trace.operations[position]
            if case .mark(let value) = operation {
                markCount += 1
                lastMark = value
            }
            pending.take(operation, at: position) { certain.apply($0) }
            position += 1
            candidates = CrashPoints.candidates(of: trace, at: position, pending)
        }

        private mutating func makeVariant(of candidates: [PendingOperations.Entry]) -> Variant {
            if made == 1 { rotation = Int.random(in: 0..<1024, using: &random) }
            let survival = Survival(
                of: candidates, number: made - 1, rotation: rotation, random: &random)
            var image = certain
            for operation in survival.operations { image.apply(operation) }
            let place =
                position < trace.operations.count
                ? "before operation \(position) (\(trace.operations[position].summary)) is complete"
                : "at the end of the trace"
            let description = """
                boundary \(boundary + 1) of \(quotas.count), variant \(made), crash \(place), \
                \(markCount) marks: \(survival.description)
                """
            return Variant(
                description: description, boundary: boundary, position: position, image: image,
                markCount: markCount, lastMark: lastMark)
        }
    }
}
