import HubBytes
import HubConnection
import Workbench

/// Resident memory that idle server sessions take. Their clients are gone, but have been in this process: what
/// they left as holes counts as well.
struct IdleBench {
    let sessions: Int
    let withClientCertificates: Bool

    func run() throws {
        let contexts = try Contexts(withClientCertificates: withClientCertificates)
        var kept = Kept(capacity: sessions)
        // Whatever is made once is made now.
        try handshake(contexts, &kept)
        kept.removeAll()
        let before = residentBytes()
        for _ in 0..<sessions { try handshake(contexts, &kept) }
        let after = residentBytes()
        try kept.echo()
        let busy = residentBytes()
        let each = rounded(Double(after - before) / Double(sessions) / 1000)
        let used = rounded(Double(busy - before) / Double(sessions) / 1000)
        let name = withClientCertificates ? "with client certificates" : "without client certificates"
        print("idle: \(sessions) server sessions \(name): \(each) kB each, \(used) kB after some use")
    }

    private func handshake(_ contexts: Contexts, _ kept: inout Kept) throws {
        var wire = Wire()
        var client = try TLSSession(client: contexts.client, host: "hub.example")
        var server = try TLSSession(server: contexts.server)
        try client.start(sending: &wire.toServer)
        try wire.settle(&client, &server)
        precondition(client.state == .open && server.state == .open)
        kept.append(server)
    }
}
