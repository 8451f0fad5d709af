import Glibc
import HubRouter

extension DeterministicRandom {
    /// A number from 0 up to `bound`, which itself is not drawn.
    mutating func below(_ bound: Int) -> Int { Int(below(UInt64(bound))) }

    /// True once in so many times.
    mutating func once(in times: Int) -> Bool { below(times) == 0 }
}

/// Seeds of property tests: `AGENTHUB_PROPERTY_SEEDS` may ask for more than the usual number.
func propertySeeds(_ usual: UInt64) -> ClosedRange<UInt64> {
    let wanted = getenv("AGENTHUB_PROPERTY_SEEDS").flatMap { UInt64(String(cString: $0)) }
    return 1...max(wanted ?? usual, 1)
}
