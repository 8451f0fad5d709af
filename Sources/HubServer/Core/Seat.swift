package import HubRouter

/// Somebody who acts through the router: an agent's connection, or a visitor such as an HTTP request. The router calls
/// it a connection; the word is taken here by those that carry bytes.
package typealias Seat = HubRouter.ConnectionID

/// The seats that one loop gives out. Loops share the router's numbers: each has every so-manieth.
package struct SeatTable<Occupant> {
    private let loop: UInt32
    private let loops: UInt32
    private var occupants: [Occupant?] = []
    private var generations: [UInt32] = []
    private var free: [UInt32] = []

    /// The seats of loop `loop` of so many.
    package init(loop: Int, of loops: Int) {
        precondition(loop >= 0 && loop < loops)
        self.loop = UInt32(loop)
        self.loops = UInt32(loops)
    }

    /// Seats that are taken.
    package var count: Int { occupants.count - free.count }

    /// The loop that a seat belongs to.
    package static func loop(of seat: Seat, loops: Int) -> Int { Int(seat.index) % loops }

    /// Gives a seat to somebody.
    package mutating func take(_ occupant: Occupant) -> Seat {
        if let place = free.popLast() {
            occupants[Int(place)] = occupant
            return seat(place)
        }
        occupants.append(occupant)
        generations.append(1)
        return seat(UInt32(occupants.count - 1))
    }

    /// Who has a seat; nil if nobody has it any more.
    package subscript(_ seat: Seat) -> Occupant? {
        let place = Int(seat.index / loops)
        guard place < occupants.count, generations[place] == seat.generation else { return nil }
        return occupants[place]
    }

    /// A seat is free again. What is still on its way to it reaches nobody.
    package mutating func leave(_ seat: Seat) {
        guard self[seat] != nil else { return }
        let place = Int(seat.index / loops)
        occupants[place] = nil
        generations[place] &+= 1
        free.append(UInt32(place))
    }

    /// Goes through all who have a seat.
    package func forEach(_ body: (Seat, Occupant) -> Void) {
        for place in occupants.indices {
            if let occupant = occupants[place] { body(seat(UInt32(place)), occupant) }
        }
    }

    private func seat(_ place: UInt32) -> Seat {
        Seat(index: place * loops + loop, generation: generations[Int(place)])
    }
}
