import Testing

@testable import HubConnection

/// What is kept for connections, and the ids that name them.
@Suite struct ConnectionTableTests {
    /// Tells when it is gone.
    private struct Guest: ~Copyable {
        let number: Int
        let register: Register
        deinit { register.gone.append(number) }
    }

    private final class Register { var gone: [Int] = [] }

    @Test func `Places are used again under another id, and old ids find nothing`() {
        var ids = ConnectionIDs()
        var table = ConnectionTable<Int>()
        let first = ids.make()
        table.insert(1, first)
        table.remove(first)
        ids.giveBack(first)
        let second = ids.make()
        let held = [table.contains(first), table.contains(second)]
        #expect(first.index == second.index && first != second && held == [false, false])
        table.insert(2, second)
        let found = [table.contains(first), table.contains(second)]
        #expect(found == [false, true])
        table[second] += 5
        let value = table[second]
        #expect(value == 7)
    }

    @Test func `An id that was never given out is in no table, not even in an empty place`() {
        var table = ConnectionTable<Int>()
        let nobody = ConnectionID(index: 0, generation: 0)
        let before = table.contains(nobody)
        let id = ConnectionID(index: 0, generation: 1)
        table.insert(1, id)
        table.remove(id)
        let after = table.contains(nobody)
        #expect(!before && !after)
    }

    @Test func `Values stay where they are, and go with the table`() {
        let register = Register()
        do {
            var ids = ConnectionIDs()
            var table = ConnectionTable<Guest>()
            let all = (0..<1000).map { _ in ids.make() }
            for (number, id) in all.enumerated() {
                table.insert(Guest(number: number, register: register), id)
            }
            for id in all where id.index % 3 == 0 { table.remove(id) }
            #expect(register.gone.count == 334)
            let count = table.count
            let kept = table.ids
            let number = table[all[700]].number
            #expect(count == 666 && kept == all.filter { $0.index % 3 != 0 } && number == 700)
        }
        #expect(register.gone.sorted() == Array(0..<1000))
    }

    @Test func `A token carries what an event is about`() {
        for kind in [EventToken.Kind.connection, .listener, .datagrams, .mailbox] {
            for id in [(UInt32(0), UInt32(1)), (0x3fff_ffff, .max), (7, 0)] {
                let token = EventToken(kind, ConnectionID(index: id.0, generation: id.1))
                let back = EventToken(rawValue: token.rawValue)
                #expect(back.kind == kind && back.id == token.id)
                #expect(EventLoop.id(EventLoop.payload(EventLoop.connectionTimer, token.id)) == token.id)
            }
        }
    }
}
