/// Values with names, in the order in which the names first came.
package struct JSONObject: Sendable {
    /// A name and its value.
    package struct Member: Sendable {
        /// The name.
        package let name: String
        /// The value.
        package fileprivate(set) var value: JSONValue
    }

    /// All of them, in order.
    package private(set) var members: [Member] = []
    /// Where each name is, once there are too many to look through.
    private var places: [Name: Int]?

    /// Up to so many members, looking through them costs less than a table.
    private static let scannedMax = 8

    /// None.
    package init() {}

    /// How many there are.
    package var count: Int { members.count }

    /// Whether there are none.
    package var isEmpty: Bool { members.isEmpty }

    /// The names, in order.
    package var names: [String] { members.map(\.name) }

    /// The value with a name. Setting one that is there leaves it in its place; setting nil takes it away.
    package subscript(name: String) -> JSONValue? {
        get { place(of: name).map { members[$0].value } }
        set {
            switch (place(of: name), newValue) {
            case (let place?, let value?): members[place].value = value
            case (nil, let value?): add(Member(name: name, value: value))
            case (let place?, nil):
                members.remove(at: place)
                places = members.count > Self.scannedMax ? Self.table(members) : nil
            case (nil, nil): return
            }
        }
    }

    private mutating func add(_ member: Member) {
        members.append(member)
        if places != nil {
            places?[Name(text: member.name)] = members.count - 1
        } else if members.count > Self.scannedMax {
            places = Self.table(members)
        }
    }

    private func place(of name: String) -> Int? {
        if let places { return places[Name(text: name)] }
        return members.firstIndex { $0.name.utf8.elementsEqual(name.utf8) }
    }

    private static func table(_ members: [Member]) -> [Name: Int] {
        var table: [Name: Int] = [:]
        for (place, member) in members.enumerated() { table[Name(text: member.name)] = place }
        return table
    }

    /// A name that is another one if its bytes are, whatever Unicode says of them.
    private struct Name: Hashable {
        let text: String

        static func == (one: Name, other: Name) -> Bool { one.text.utf8.elementsEqual(other.text.utf8) }

        func hash(into hasher: inout Hasher) {
            for byte in text.utf8 { hasher.combine(byte) }
        }
    }
}

extension JSONObject: Equatable {
    /// The order of members does not count.
    package static func == (one: JSONObject, other: JSONObject) -> Bool {
        one.count == other.count && one.members.allSatisfy { other[$0.name] == $0.value }
    }
}
