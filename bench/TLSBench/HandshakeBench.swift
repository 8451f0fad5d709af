import HubBytes
import HubConnection
import Workbench

/// Handshakes a second, client and server together on one thread; and the server's share of the time.
struct HandshakeBench {
    let count: Int

    func run() throws {
        print("handshakes: \(count) of each, P-256 and X25519, both sides on one thread")
        let contexts = try Contexts()
        try report("full", contexts, resumes: false)
        try report("full, with client certificate", Contexts(withClientCertificates: true), resumes: false)
        try report("resumed", contexts, resumes: true)
    }

    private func report(_ name: String, _ contexts: Contexts, resumes: Bool) throws {
        var earlier: TLSResumption?
        var server = 0.0
        let total = try seconds {
            for round in 0...count {
                // The first one of all brings the ticket.
                let (resumption, isResumed) = try handshake(contexts, resumes ? earlier : nil, &server)
                precondition(isResumed == (resumes && round > 0))
                earlier = resumption
            }
        }
        print(
            "  \(name): \(rounded(Double(count) / total))/s;",
            "the server's part alone \(rounded(Double(count) / server))/s")
    }

    private func handshake(
        _ contexts: Contexts, _ earlier: TLSResumption?, _ time: inout Double
    ) throws -> (TLSResumption?, Bool) {
        var wire = Wire()
        var client = try TLSSession(client: contexts.client, host: "hub.example", resuming: earlier)
        var made: TLSSession?
        time += try seconds { made = try TLSSession(server: contexts.server) }
        guard var server = made.take() else { return (nil, false) }
        try client.start(sending: &wire.toServer)
        while !wire.toServer.isEmpty {
            let before = wire.toServer.count
            time += try seconds {
                try server.receive(contentsOf: wire.toServer, into: &wire.plaintext, sending: &wire.toClient)
            }
            precondition(before == wire.toServer.count)
            wire.toServer.removeAll()
            try client.receive(contentsOf: wire.toClient, into: &wire.plaintext, sending: &wire.toServer)
            wire.toClient.removeAll()
        }
        precondition(client.state == .open && server.state == .open)
        return (client.resumption, server.isResumed)
    }
}
