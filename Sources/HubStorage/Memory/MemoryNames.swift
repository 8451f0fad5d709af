import HubBytes
import HubModel

/// The names of a memory log: by number, and for each kind and tenant in order of their bytes.
struct MemoryNames {
    private var known: [KnownName] = []
    private var sorted: [NameKey: [NameID]] = [:]

    var count: Int { known.count }

    subscript(id: NameID) -> KnownName? {
        id == .none || Int(id.rawValue) > known.count ? nil : known[Int(id.rawValue) - 1]
    }

    mutating func add(_ block: borrowing BlockView) {
        var names = block.names
        while let name = names.next() {
            let text = name.text.text
            known.append(KnownName(id: name.id, key: name.key, text: text))
            let place = place(of: text, in: sorted[name.key] ?? [])
            sorted[name.key, default: []].insert(name.id, at: place)
        }
    }

    func find(_ key: NameKey, _ text: String) -> NameID? {
        let ids = sorted[key] ?? []
        let place = place(of: text, in: ids)
        guard place < ids.count, self.text(ids[place]).utf8.elementsEqual(text.utf8) else { return nil }
        return ids[place]
    }

    /// The names of a kind and tenant behind one, in order.
    func list(_ key: NameKey, after: String?) -> ArraySlice<NameID> {
        let ids = sorted[key] ?? []
        guard let after else { return ids[...] }
        let place = place(of: after, in: ids)
        let isThere = place < ids.count && text(ids[place]).utf8.elementsEqual(after.utf8)
        return ids[(isThere ? place + 1 : place)...]
    }

    private func text(_ id: NameID) -> String { known[Int(id.rawValue) - 1].text }

    /// The first place whose name does not come before a text. Bytes are compared: texts that only look alike
    /// are different names.
    private func place(of text: String, in ids: [NameID]) -> Int {
        var low = 0
        var high = ids.count
        while low < high {
            let middle = (low + high) / 2
            if self.text(ids[middle]).utf8.lexicographicallyPrecedes(text.utf8) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }
}
