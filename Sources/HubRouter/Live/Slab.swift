/// Values at places that are used again, each with a generation, so that a handle to what is gone finds nothing.
struct Slab<Value> {
    private struct Place {
        var generation: UInt32 = 0
        var value: Value?
    }

    private var places: [Place] = []
    private var free: [UInt32] = []
    /// Values in it.
    private(set) var count = 0

    init() {}

    /// Puts a value in that is made for its place and generation; says where.
    mutating func insert(_ make: (_ index: UInt32, _ generation: UInt32) -> Value) -> UInt32 {
        count += 1
        if let index = free.popLast() {
            places[Int(index)].value = make(index, places[Int(index)].generation)
            return index
        }
        let index = UInt32(places.count)
        places.append(Place(value: make(index, 0)))
        return index
    }

    /// Takes a value out; nil if it is gone already.
    @discardableResult
    mutating func remove(_ index: UInt32, _ generation: UInt32) -> Value? {
        guard contains(index, generation) else { return nil }
        count -= 1
        places[Int(index)].generation &+= 1
        free.append(index)
        return places[Int(index)].value.take()
    }

    /// Whether the value is still there.
    func contains(_ index: UInt32, _ generation: UInt32) -> Bool {
        Int(index) < places.count && places[Int(index)].generation == generation
            && places[Int(index)].value != nil
    }

    /// The value at a place, in place; the caller knows that it is there.
    subscript(index: UInt32) -> Value {
        _read {
            guard places[Int(index)].value != nil else { preconditionFailure("nothing is at place \(index)") }
            yield places[Int(index)].value.present
        }
        _modify {
            guard places[Int(index)].value != nil else { preconditionFailure("nothing is at place \(index)") }
            yield &places[Int(index)].value.present
        }
    }

    /// The places in use, in order.
    var indices: [UInt32] { places.indices.filter { places[$0].value != nil }.map { UInt32($0) } }

    /// The generation of what is at a place.
    func generation(at index: UInt32) -> UInt32 { places[Int(index)].generation }
}

extension Optional {
    /// The value of an optional that was just looked at.
    fileprivate var present: Wrapped {
        _read {
            guard case .some(let value) = self else { preconditionFailure("the value is gone") }
            yield value
        }
        _modify {
            guard var value = self else { preconditionFailure("the value is gone") }
            self = nil
            defer { self = value }
            yield &value
        }
    }
}
