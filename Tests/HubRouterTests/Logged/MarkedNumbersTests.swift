import HubModel
import Testing

@testable import HubRouter

@Suite struct MarkedNumbersTests {
    @Test func `A name has the number that was set last, and 0 before`() {
        var numbers = MarkedNumbers()
        #expect(numbers[NameID(3)] == 0 && numbers[NameID(.max)] == 0 && numbers.count == 0)
        numbers.set(NameID(3), 7)
        numbers.load(NameID(5000), 9)
        numbers.set(NameID(3), 8)
        #expect(numbers[NameID(3)] == 8 && numbers[NameID(5000)] == 9 && numbers[NameID(4)] == 0)
        #expect(numbers.count > 5000)
    }

    @Test func `Names whose number changed are told once, in order, and no more then`() {
        var numbers = MarkedNumbers()
        numbers.load(NameID(9), 1)
        #expect(!numbers.hasMarks && numbers.takeMarked() == [])
        for name in [UInt32(70), 3, 9, 3, 70] { numbers.set(NameID(name), UInt64(name)) }
        #expect(numbers.hasMarks && numbers.takeMarked() == [NameID(3), NameID(9), NameID(70)])
        #expect(!numbers.hasMarks && numbers.takeMarked() == [])
        numbers.mark(NameID(70))
        numbers.set(NameID(4), 1)
        #expect(numbers.takeMarked() == [NameID(4), NameID(70)] && numbers[NameID(70)] == 70)
    }

    @Test func `Two are the same by their numbers, whatever room they have and whatever changed`() {
        var left = MarkedNumbers()
        var right = MarkedNumbers()
        #expect(left.hasSameNumbers(as: right))
        left.set(NameID(1), 5)
        right.load(NameID(1), 5)
        right.load(NameID(9000), 0)
        #expect(left.hasSameNumbers(as: right) && right.hasSameNumbers(as: left))
        right.load(NameID(9000), 1)
        #expect(!left.hasSameNumbers(as: right) && !right.hasSameNumbers(as: left))
    }

    @Test func `Whatever is set, loaded and taken, it is what a dictionary says`() {
        for seed in propertySeeds(20) {
            var random = DeterministicRandom(seed: seed)
            var numbers = MarkedNumbers()
            var model: [NameID: UInt64] = [:]
            var marked: Set<NameID> = []
            for _ in 0..<500 {
                let name = NameID(UInt32(random.below(random.once(in: 5) ? 5000 : 50)))
                let number = UInt64(random.below(100))
                switch random.below(8) {
                case 0:
                    #expect(numbers.hasMarks == !marked.isEmpty)
                    #expect(numbers.takeMarked() == marked.sorted())
                    marked = []
                case 1:
                    numbers.load(name, number)
                    model[name] = number
                default:
                    numbers.set(name, number)
                    model[name] = number
                    marked.insert(name)
                }
                #expect(numbers[name] == model[name] ?? 0)
            }
            #expect(model.allSatisfy { numbers[$0.key] == $0.value }, "seed \(seed)")
        }
    }
}
