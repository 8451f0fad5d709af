package import HubModel

/// A named set of rights.
package struct Role: Equatable, Sendable {
    /// The longest name.
    package static let nameBytesMax = 64

    /// What it is called.
    package let name: String
    /// What it may.
    package var rights: Rights

    /// A role; the name is checked.
    package init(_ name: String, _ rights: Rights) throws(Refusal) {
        let isPlain = name.utf8.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "-")
        }
        guard (1...Self.nameBytesMax).contains(name.utf8.count), isPlain else {
            throw Refusal(
                .badName,
                "\"\(name)\" is no name of a role: 1 to \(Self.nameBytesMax) of a to z, 0 to 9 and -")
        }
        self.init(known: name, rights)
    }

    private init(known name: String, _ rights: Rights) {
        self.name = name
        self.rights = rights
    }

    /// The roles that are always there. A file may define them differently.
    package static let builtIn: [Role] = [agent, observer, admin, `operator`]

    /// An agent among equals: it talks to everyone and listens to everything, inside its tenant.
    package static let agent: Role = {
        var rights = Rights()
        rights.publish = .everything
        rights.subscribe = .everything
        rights.subscribe.add(Grants(topic: statuses))
        rights.command = .everything
        rights.sessions = [.everything]
        return Role(known: "agent", rights)
    }()

    /// Listens and looks, and changes nothing.
    package static let observer: Role = {
        var rights = Rights()
        rights.subscribe = .everything
        rights.subscribe.add(Grants(topic: statuses))
        rights.subscribe.add(Grants(topic: deadLetters))
        rights.admin = [TopicPattern(unchecked: "*.read")]
        return Role(known: "observer", rights)
    }()

    /// Everything inside its tenant.
    package static let admin: Role = {
        var rights = agent.rights
        rights.subscribe.add(Grants(topic: deadLetters))
        rights.admin = [.everything]
        return Role(known: "admin", rights)
    }()

    /// The hub as a whole, and nothing that agents do.
    package static let `operator`: Role = {
        var rights = Rights()
        rights.admin = [TopicPattern(unchecked: "$hub.>")]
        return Role(known: "operator", rights)
    }()

    // Topics of the hub's own: no wildcard stands for their first token, so they are granted by name.
    private static let statuses = TopicPattern(unchecked: "$status.>")
    private static let deadLetters = TopicPattern(unchecked: "$dead.>")
}
