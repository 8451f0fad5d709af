import Fuzzing
import HubBytes
import HubConnection

/// What libFuzzer calls with one input after another: bytes as anybody may send them to a server's TLS port.
///
/// The first byte chooses whether they come first or after a handshake, and in what pieces. After a handshake the
/// next byte says what they are: raw records, or changes to records that the client has sealed.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start, count > 2 else { return 0 }
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    let pieces = input[0] & 0x7e == 0 ? Int.max : Int(input[0] & 0x7e)
    do {
        if input[0] & 1 == 0 {
            try feedFresh(Array(input.dropFirst()), pieces)
        } else {
            try feedOpen(Array(input.dropFirst(2)), pieces, isRaw: input[1] & 1 == 0)
        }
    } catch {
        preconditionFailure("a session could not be made: \(error)")
    }
    return 0
}

/// Made once; a short run makes thousands of sessions of them.
private let contexts = makeContexts()

private func makeContexts() -> (server: TLSContext, client: TLSContext) {
    do {
        let authority = try CertificateAuthority.make(name: "fuzz", .ed25519)
        var server = TLSServerSettings(credentials: [try authority.issue(.server("hub.example"), .ed25519)])
        server.clientCertificates = .optional
        server.authorities = [authority.certificate]
        server.applicationProtocols = ["http/1.1"]
        var client = TLSClientSettings(trust: .authorities([authority.certificate]))
        client.applicationProtocols = ["http/1.1"]
        return (try TLSContext(server: server), try TLSContext(client: client))
    } catch {
        preconditionFailure("\(error)")
    }
}

/// Bytes as the first that a server hears: nothing must ever come out as plaintext.
private func feedFresh(_ bytes: [UInt8], _ pieces: Int) throws {
    var session = try TLSSession(server: contexts.server)
    var plaintext = ByteBuffer()
    var output = ByteBuffer()
    feed(bytes, pieces, &session, &plaintext, &output)
    precondition(plaintext.isEmpty && session.peerIdentity == nil)
    precondition(session.state == .handshaking || session.state == .failed)
    // An answer is a flight of the handshake or an alert, never more for more input.
    precondition(output.count < 16_384)
    end(&session)
}

/// Bytes after a handshake: all that comes out is what the client has sealed.
private func feedOpen(_ bytes: [UInt8], _ pieces: Int, isRaw: Bool) throws {
    var client = try TLSSession(client: contexts.client, host: "hub.example")
    var server = try TLSSession(server: contexts.server)
    var toServer = ByteBuffer()
    var toClient = ByteBuffer()
    var plaintext = ByteBuffer()
    try client.start(sending: &toServer)
    while !toServer.isEmpty {
        try server.receive(contentsOf: toServer, into: &plaintext, sending: &toClient)
        toServer.removeAll()
        try client.receive(contentsOf: toClient, into: &plaintext, sending: &toServer)
        toClient.removeAll()
    }
    precondition(client.state == .open && server.state == .open && plaintext.isEmpty)
    if isRaw {
        feed(bytes, pieces, &server, &plaintext, &toClient)
        // Nobody guesses a key.
        precondition(plaintext.isEmpty)
    } else {
        try bytes.withBytes { try client.write($0, sending: &toServer) }
        let intact = toServer.bytes.array
        var damaged = intact
        var position = 0
        while position + 3 <= bytes.count {
            let place = (Int(bytes[position]) << 8 | Int(bytes[position + 1])) % max(1, damaged.count)
            if !damaged.isEmpty { damaged[place] = bytes[position + 2] }
            position += 3
        }
        feed(damaged, pieces, &server, &plaintext, &toClient)
        // What comes out is a beginning of what was sealed, whole records of it.
        let out = plaintext.bytes.array
        precondition(out == Array(bytes.prefix(out.count)))
        precondition(damaged != intact || out.count == bytes.count)
    }
    end(&server)
}

private func feed(
    _ bytes: [UInt8], _ pieces: Int, _ session: inout TLSSession, _ plaintext: inout ByteBuffer,
    _ output: inout ByteBuffer
) {
    var position = 0
    while position < bytes.count {
        let end = pieces == .max ? bytes.count : min(bytes.count, position + pieces)
        do throws(TLSFailure) {
            try session.receive(
                bytes.span.extracting(position..<end).bytes, into: &plaintext, sending: &output)
        } catch {
            precondition(session.state == .failed && session.failure == error && !error.sentence.isEmpty)
            return
        }
        position = end
    }
}

/// The connection ends: a session that was not told so calls it a truncation, and says the same again.
private func end(_ session: inout TLSSession) {
    let before = session.state
    for _ in 0..<2 {
        do throws(TLSFailure) {
            try session.endOfInput()
            precondition(before == .peerClosed || before == .closed)
        } catch {
            precondition(before == .failed || error.reason == .truncated)
        }
    }
}

/// Where the package manager's link step expects the program to begin.
@_cdecl("TLSRecordFuzz_main")
func begin(_ count: CInt, _ arguments: FuzzArguments?) -> CInt { runFuzzer(count, arguments, fuzzOneInput) }
