import FaultTrace
import Randomness
import Testing

struct CrashPointsTests {
    private static func write(_ offset: Int, _ byte: UInt8, count: Int = 512, durable: Bool = false)
        -> Trace.Operation
    {
        .write(offset: offset, bytes: Array(repeating: byte, count: count)[...], isDurable: durable)
    }

    private func states(_ operations: [Trace.Operation], count: Int = 500) -> [CrashPoints.Variant] {
        Array(CrashPoints(Trace(operations: operations), count: count, seed: 1))
    }

    /// The first byte of each sector, which tells its writer.
    private func sectors(_ variant: CrashPoints.Variant) -> [UInt8] {
        let bytes = variant.image.bytes
        return stride(from: 0, to: bytes.count, by: 512).map { bytes[$0] }
    }

    @Test func `what a sync confirmed is in every later state`() {
        let states = states([Self.write(0, 1), .sync, .mark(1), Self.write(512, 2), .sync, .mark(2)])
        #expect(Set(states.map(\.boundary)) == [0, 1, 2])
        for state in states {
            let sectors = sectors(state)
            switch state.boundary {
            case 0: #expect(sectors == [] || sectors == [1])
            case 1: #expect(sectors == [1] || sectors == [1, 2])
            default: #expect(sectors == [1, 2])
            }
            #expect(state.markCount == state.boundary)
            #expect(state.lastMark == (state.boundary == 0 ? nil : UInt64(state.boundary)))
        }
    }

    @Test func `of unconfirmed writes any subset may be there`() {
        let states = states((0..<3).map { Self.write($0 * 512, UInt8($0 + 1)) })
        // Lost sectors read as zeros, and the file ends with its last survivor.
        let expected: Set<[UInt8]> = [
            [], [1], [0, 2], [0, 0, 3], [1, 2], [1, 0, 3], [0, 2, 3], [1, 2, 3],
        ]
        #expect(Set(states.map(sectors)) == expected)
    }

    @Test func `of two unconfirmed writes to one place either may be the last`() {
        let states = states([Self.write(0, 1), Self.write(0, 2)])
        #expect(Set(states.map(sectors)) == [[], [1], [2]])
    }

    @Test func `a write is torn between sectors and never inside one`() {
        let states = states([Self.write(256, 1, count: 1024)])
        // The write covers the ends of three sectors: 256 bytes, 512 and 256.
        let patterns = Set(
            states.map { state in
                [256, 512, 1024].map { at in
                    at < state.image.size ? state.image.bytes[at] : 0
                }
            })
        #expect(patterns.count == 8)
        for state in states {
            for range in [0..<256, 256..<512, 512..<1024, 1024..<1280] {
                #expect(
                    Set(state.image.bytes[...].prefix(range.upperBound).dropFirst(range.lowerBound)).count
                        <= 1)
            }
        }
    }

    @Test func `a durable write is certain once complete and confirms nothing else`() {
        let operations = [Self.write(0, 1), Self.write(512, 2, durable: true), .mark(1), Self.write(1024, 3)]
        let states = states(operations)
        let during = Set(states.filter { $0.boundary == 0 }.map(sectors))
        #expect(during == [[], [1], [0, 2], [1, 2]])
        let after = Set(states.filter { $0.boundary == 1 }.map(sectors))
        #expect(after == [[0, 2], [1, 2], [0, 2, 3], [1, 2, 3]])
    }

    @Test func `an older unconfirmed write does not come back over a durable one`() {
        let states = states([Self.write(0, 1, count: 1536), Self.write(512, 2, durable: true)])
        for state in states where state.boundary == 1 {
            #expect(sectors(state)[1] == 2)
        }
        #expect(Set(states.filter { $0.boundary == 1 }.map(sectors)).count == 4)
    }

    @Test func `a sync after a failed one does not confirm what the failed one lost`() {
        let operations: [Trace.Operation] = [
            Self.write(0, 1), .syncFailed, Self.write(512, 2), .sync, .mark(1),
        ]
        let last = states(operations).filter { $0.boundary == 1 }
        #expect(Set(last.map(sectors)) == [[0, 2], [1, 2]])
        let rewritten = operations + [Self.write(0, 3), .sync]
        #expect(Set(states(rewritten).filter { $0.boundary == 2 }.map(sectors)).contains([3, 2]))
        #expect(states(rewritten + [.mark(2)]).last.map(sectors) == [3, 2])
    }

    @Test func `a confirmed truncation keeps earlier bytes from coming back`() {
        let operations = [
            Self.write(0, 1, count: 1024), .sync, Self.write(1024, 2), .truncate(size: 512), .sync,
        ]
        let states = states(operations)
        #expect(states.last.map(sectors) == [1])
        #expect(
            Set(states.filter { $0.boundary == 1 }.map(sectors)).isSuperset(of: [[1, 1], [1], [1, 1, 2]]))
    }

    @Test func `the base is there before anything was written`() {
        let trace = Trace(operations: [Self.write(512, 2)])
        let base = FileImage(bytes: Array(repeating: 7, count: 512))
        let states = Set(CrashPoints(trace, base: base, count: 50, seed: 3).map(sectors))
        #expect(states == [[7], [7, 2]])
    }

    @Test func `variants are as many as asked for and spread over all boundaries`() {
        var operations: [Trace.Operation] = []
        for page in 0..<160 {
            operations.append(Self.write(page * 4096, 1, count: 4096))
            if page % 4 == 3 { operations += [.sync, .mark(UInt64(page))] }
        }
        for count in [10, 40, 41, 100, 1000] {
            let crashes = CrashPoints(Trace(operations: operations), count: count, seed: 5)
            #expect(crashes.boundaryCount == 41)
            var perBoundary: [Int: Int] = [:]
            for variant in crashes { perBoundary[variant.boundary, default: 0] += 1 }
            #expect(perBoundary.values.reduce(0, +) == count)
            #expect(perBoundary.count == min(count, 41))
            // The end of the trace, where nothing is pending, has one state only.
            let others = perBoundary.filter { $0.key != 40 }.values
            #expect((others.max() ?? 0) - (others.min() ?? 0) <= 1)
        }
    }

    @Test func `seven variants of a boundary make each choice once`() {
        let trace = Trace(operations: (0..<5).map { Self.write($0 * 4096, 1, count: 4096) })
        let descriptions = CrashPoints(trace, count: 7, seed: 9).map(\.description)
        for choice in ["all", "none", "torn", "last", "subset", "prefix", "torn subset"] {
            #expect(descriptions.filter { $0.contains(": \(choice), ") }.count == 1, "\(choice)")
        }
    }

    @Test func `the same seed gives the same states and another gives others`() {
        let trace = Trace(operations: (0..<20).map { Self.write($0 * 512, 1) })
        func run(_ seed: UInt64) -> [[UInt8]] { CrashPoints(trace, count: 30, seed: seed).map(\.image.bytes) }
        #expect(run(1) == run(1))
        #expect(run(1) != run(2))
    }

    @Test func `the generator gives the published numbers`() {
        var random = SplitMix64(seed: 1_234_567)
        #expect(random.next() == 6_457_827_717_110_365_317)
        #expect(random.next() == 3_203_168_211_198_807_973)
    }
}
