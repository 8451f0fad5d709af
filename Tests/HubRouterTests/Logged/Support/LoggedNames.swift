import HubBytes
import HubModel

/// The names that scenes and stories are about: their numbers say what they name.
enum LoggedNames {
    /// Parts of checkpoints may be about names up to here.
    static let count = 10_000

    /// Topics from number 20 on, the first six of the first tenant, the others of the second.
    static let topics = [
        "jobs.new", "jobs.old", "news.eu", "news.us", "$dead.jobs", "a", "jobs.new", "news.eu", "a.b",
        "$status.x",
    ]

    /// A table with the names up to 49.
    static func table() -> NameTable {
        var table = NameTable()
        for number in UInt32(1)..<50 {
            let (key, text) = name(number)
            let id = text.withBytes { table.intern(key, $0).id }
            precondition(id == NameID(number))
        }
        return table
    }

    private static func name(_ number: UInt32) -> (NameKey, String) {
        let first = NameID(1)
        return switch number {
        case 20..<30:
            (NameKey(.topic, tenant: number < 26 ? first : NameID(2)), topics[Int(number) - 20])
        case 10..<20: (NameKey(.session, tenant: first), "session-\(number)")
        case 30..<40: (NameKey(.agent, tenant: first), "agent-\(number)")
        case 40..<50: (NameKey(.consumer, tenant: first), "consumer-\(number)")
        default: (NameKey(.tenant, tenant: .none), "tenant-\(number)")
        }
    }
}
