/// Values by connection: found in constant time, changed in place, never moved.
///
/// The loop keeps its connections in one; a handler keeps what it knows of them in another.
@safe package struct ConnectionTable<Value: ~Copyable>: ~Copyable {
    private static var chunkSize: Int { 256 }

    // Safety: pointers are made by `insert`, given back in deinit, and used for places that were checked.
    private var chunks: [UnsafeMutablePointer<Value>] = unsafe []
    /// The generation of whoever has the place; 0 for nobody.
    private var generations: [UInt32] = []
    /// Values in the table.
    package private(set) var count = 0

    /// An empty table.
    package init() {}

    deinit {
        for index in generations.indices where generations[index] != 0 {
            // Safety: a place with a generation holds a value.
            unsafe chunks[index / Self.chunkSize].advanced(by: index % Self.chunkSize).deinitialize(count: 1)
        }
        for index in unsafe chunks.indices {
            // Safety: each chunk was allocated by `insert` and is given back once.
            unsafe chunks[index].deallocate()
        }
    }

    /// Whether there is a value for this connection.
    package func contains(_ id: ConnectionID) -> Bool {
        // Generation 0 is that of places without a value, and no connection's.
        id.generation != 0 && Int(id.index) < generations.count
            && generations[Int(id.index)] == id.generation
    }

    /// Adds the value of a connection whose place is free.
    package mutating func insert(_ value: consuming Value, _ id: ConnectionID) {
        let index = Int(id.index)
        while generations.count <= index {
            // Safety: given back in deinit; places hold no value until they have a generation.
            unsafe chunks.append(.allocate(capacity: Self.chunkSize))
            generations.append(contentsOf: repeatElement(0, count: Self.chunkSize))
        }
        precondition(generations[index] == 0, "two connections in one place")
        precondition(id.generation != 0, "an id that was never given out")
        // Safety: the place holds no value.
        unsafe chunks[index / Self.chunkSize].advanced(by: index % Self.chunkSize).initialize(to: value)
        generations[index] = id.generation
        count += 1
    }

    /// Takes a value out, which must be there.
    @discardableResult
    package mutating func remove(_ id: ConnectionID) -> Value {
        precondition(contains(id))
        generations[Int(id.index)] = 0
        count -= 1
        // Safety: the place held a value, which moves out.
        return unsafe pointer(id).move()
    }

    /// The value of a connection, which must be there.
    package subscript(_ id: ConnectionID) -> Value {
        _read {
            precondition(contains(id))
            // Safety: the place holds a value, as just checked.
            yield unsafe pointer(id).pointee
        }
        _modify {
            precondition(contains(id))
            // Safety: as above.
            yield unsafe &pointer(id).pointee
        }
    }

    /// All connections that have a value.
    package var ids: [ConnectionID] {
        generations.indices.compactMap { index in
            generations[index] == 0
                ? nil : ConnectionID(index: UInt32(index), generation: generations[index])
        }
    }

    private func pointer(_ id: ConnectionID) -> UnsafeMutablePointer<Value> {
        // Safety: chunks reach as far as generations, which the callers have checked.
        unsafe chunks[Int(id.index) / Self.chunkSize].advanced(by: Int(id.index) % Self.chunkSize)
    }
}
