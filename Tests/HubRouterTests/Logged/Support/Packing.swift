import HubBytes
import Testing

@testable import HubRouter

/// What `body` packs.
func packed(_ body: (inout NumberPacker) -> Void) -> [UInt8] {
    var packer = NumberPacker()
    body(&packer)
    return packer.buffer.bytes.array
}

/// How a kind of packed value is made at random, read and written.
struct PackedKind<Value: Equatable>: Sendable {
    let make: @Sendable (inout Dice) -> Value
    let pack: @Sendable (Value, inout NumberPacker) -> Void
    let read: @Sendable ([UInt8]) -> Value?

    func bytes(_ value: Value) -> [UInt8] { packed { pack(value, &$0) } }

    /// Values come back as they were.
    func expectRoundTrips(_ rounds: Int, seed: UInt64, _ location: SourceLocation = #_sourceLocation) {
        var dice = Dice(seed: seed)
        for _ in 0..<rounds {
            let value = make(&dice)
            let found = read(bytes(value))
            if found != value {
                Issue.record("\(value) came back as \(String(describing: found))", sourceLocation: location)
            }
        }
    }

    /// Bytes that nobody packed, and packed ones of which one was changed, cut off or added, are nil or a value like any
    /// other: one that can be packed and read again.
    func expectAnyBytes(_ rounds: Int, seed: UInt64, _ location: SourceLocation = #_sourceLocation) {
        var dice = Dice(seed: seed)
        for _ in 0..<rounds {
            expectNilOrValue(dice.bytes(upTo: 40), location)
            var changed = bytes(make(&dice))
            switch dice.below(8) {
            case 0: changed.removeLast(dice.below(changed.count) + 1)
            case 1: changed.append(UInt8(truncatingIfNeeded: dice.next()))
            default: changed[dice.below(changed.count)] = UInt8(truncatingIfNeeded: dice.next())
            }
            expectNilOrValue(changed, location)
        }
    }

    private func expectNilOrValue(_ bytes: [UInt8], _ location: SourceLocation) {
        guard let value = read(bytes) else { return }
        let again = read(self.bytes(value))
        if again != value {
            Issue.record(
                "\(bytes) gave \(value), which came back as \(String(describing: again))",
                sourceLocation: location)
        }
    }
}
