import HubBytes
import HubConnection
import Workbench

/// Bytes a second through sessions, sealing and opening apart, in calls of several sizes.
struct BulkBench {
    let megabytes: Int

    func run() throws {
        print("bulk: \(megabytes) MB for each size; AES-128-GCM of TLS 1.3")
        for size in [300, 4096, 16_384, 262_144] { try run(size) }
        try runSmallInBatches()
    }

    private func run(_ size: Int) throws {
        var wire = Wire()
        let contexts = try Contexts()
        var client = try TLSSession(client: contexts.client, host: "hub.example")
        var server = try TLSSession(server: contexts.server)
        try client.start(sending: &wire.toServer)
        try wire.settle(&client, &server)
        var message = ByteBuffer()
        message.append(zeros: size)
        let rounds = megabytes * 1_000_000 / size / (size < 1000 ? 8 : 1)
        var sealing = 0.0
        var opening = 0.0
        // What an event loop does in one turn: about 64 KiB at a time.
        let batch = max(1, 65_536 / size)
        for _ in 0..<max(1, rounds / batch) {
            sealing += try seconds {
                for _ in 0..<batch { try client.write(message.bytes, sending: &wire.toServer) }
            }
            wire.plaintext.removeAll()
            opening += try seconds {
                try server.receive(contentsOf: wire.toServer, into: &wire.plaintext, sending: &wire.toClient)
            }
            precondition(wire.plaintext.count == batch * size)
            wire.toServer.removeAll()
        }
        let total = Double(max(1, rounds / batch) * batch * size)
        let calls = total / Double(size)
        print(
            "  \(size) bytes a call: sealing \(rounded(total / sealing / 1e6)) MB/s",
            "(\(rounded(sealing / calls * 1e9)) ns), opening \(rounded(total / opening / 1e6)) MB/s",
            "(\(rounded(opening / calls * 1e9)) ns)")
    }

    /// Small messages put together before they are sealed, as a loop does that writes once a turn.
    private func runSmallInBatches() throws {
        var wire = Wire()
        let contexts = try Contexts()
        var client = try TLSSession(client: contexts.client, host: "hub.example")
        var server = try TLSSession(server: contexts.server)
        try client.start(sending: &wire.toServer)
        try wire.settle(&client, &server)
        var message = ByteBuffer()
        message.append(zeros: 300 * 50)
        let rounds = 20_000
        let time = try seconds {
            for _ in 0..<rounds {
                wire.plaintext.removeAll()
                try client.write(message.bytes, sending: &wire.toServer)
                try server.receive(contentsOf: wire.toServer, into: &wire.plaintext, sending: &wire.toClient)
                wire.toServer.removeAll()
            }
        }
        let each = time / Double(rounds * 50) * 1e9
        print("  50 messages of 300 bytes in one record: \(rounded(each)) ns for sealing and opening one")
    }
}
