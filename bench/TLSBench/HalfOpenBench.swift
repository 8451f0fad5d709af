import HubBytes
import HubConnection
import Workbench

/// Resident memory of server sessions whose clients stop in the middle of the handshake.
struct HalfOpenBench {
    let sessions: Int

    func run() throws {
        let contexts = try Contexts(withClientCertificates: true)
        var hello = ByteBuffer()
        var client = try TLSSession(client: contexts.client, host: "hub.example")
        try client.start(sending: &hello)
        // Smallest first, and all kept: what one case takes must not be what another gave back.
        var kept = Kept(capacity: sessions * 5)
        print("half-open: \(sessions) handshakes")
        try report("before the first byte", hello, 0, contexts, &kept)
        try report("after a byte", hello, 1, contexts, &kept)
        try report("in the middle of the hello", hello, hello.count / 2, contexts, &kept)
        try report("a hello of 16 KiB, one byte missing", largestHello(), .max, contexts, &kept)
        try report("after the hello", hello, .max, contexts, &kept)
    }

    /// The beginning of the largest hello that is let through, in records of the largest size.
    private func largestHello() -> ByteBuffer {
        var bytes = ByteBuffer()
        for byte in [22, 3, 1, 0x40, 0, 1, 0, 0x40, 0] as [UInt8] { bytes.append(byte) }
        bytes.append(zeros: 16_384 - 4)
        for byte in [22, 3, 1, 0, 4] as [UInt8] { bytes.append(byte) }
        bytes.append(zeros: 3)
        return bytes
    }

    private func report(
        _ name: String, _ hello: borrowing ByteBuffer, _ count: Int, _ contexts: Contexts, _ kept: inout Kept
    ) throws {
        var part = ByteBuffer()
        part.append(contentsOf: hello)
        part.truncate(to: min(count, part.count))
        var output = ByteBuffer()
        let before = residentBytes()
        for _ in 0..<sessions {
            output.removeAll()
            kept.append(try TLSSession(server: contexts.server))
            try kept.feedLast(part, &output)
        }
        print("  \(name): \(rounded(Double(residentBytes() - before) / Double(sessions) / 1000)) kB each")
    }
}
