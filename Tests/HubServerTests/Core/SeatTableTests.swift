import HubRouter
import Testing

@testable import HubServer

@Suite("Seats")
struct SeatTableTests {
    @Test("loops give out numbers that no other loop gives out")
    func apart() {
        var tables = (0..<3).map { SeatTable<Int>(loop: $0, of: 3) }
        var numbers: Set<UInt32> = []
        for loop in 0..<3 {
            for guest in 0..<10 {
                let seat = tables[loop].take(guest)
                #expect(numbers.insert(seat.index).inserted)
                #expect(SeatTable<Int>.loop(of: seat, loops: 3) == loop)
            }
        }
    }

    @Test("a seat that was left and given to another names the other alone")
    func generations() {
        var table = SeatTable<String>(loop: 0, of: 2)
        let first = table.take("one")
        #expect(table[first] == "one")
        table.leave(first)
        #expect(table[first] == nil)
        let second = table.take("two")
        #expect(second.index == first.index)
        #expect(second.generation != first.generation)
        #expect(table[first] == nil)
        #expect(table[second] == "two")
        table.leave(first)
        #expect(table[second] == "two")
        #expect(table.count == 1)
    }
}
