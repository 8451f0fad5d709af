import HubBytes
import HubConnection
import Testing

/// What goes through an open session, and how it ends.
@Suite struct StreamTests {
    private func open() throws -> SessionPair {
        var pair = try SessionPair(TestAuthority.clientContext(), TestAuthority.serverContext())
        pair.settle()
        let states = pair.states
        #expect(states == [.open, .open])
        return pair
    }

    @Test("Bytes come out as they went in, whatever the pieces", arguments: [1, 2, 7, 1000, .max])
    func pieces(_ size: Int) throws {
        var pair = try SessionPair(TestAuthority.clientContext(), TestAuthority.serverContext())
        pair.settle(pieces: size)
        let states = pair.states
        #expect(states == [.open, .open])
        let long = String(repeating: "0123456789", count: 5000)
        for text in ["a", "hello", long] {
            pair.atServer.removeAll()
            pair.atClient.removeAll()
            try pair.clientWrites(text)
            try pair.serverWrites(text + "!")
            pair.settle(pieces: size)
            let received = [pair.serverText, pair.clientText]
            #expect(received == [text, text + "!"])
        }
    }

    @Test("Nothing that was sealed waits inside")
    func promptness() throws {
        var pair = try open()
        let text = String(repeating: "x", count: 100_000)
        try pair.clientWrites(text)
        // Seven records, each with a header of five bytes, a tag of sixteen and a byte that tells the kind.
        let count = pair.toServer.count
        #expect(count == 100_000 + 7 * 22)
    }

    @Test("What came in for a part of a record takes no room at the reader")
    func inputBound() throws {
        var pair = try open()
        try pair.clientWrites(String(repeating: "x", count: 16_384 * 3))
        let sealed = pair.toServer.bytes.array
        pair.toServer.removeAll()
        var plaintext = ByteBuffer(capacity: 64)
        var output = ByteBuffer()
        // All but the last byte: two records are complete.
        for byte in sealed.dropLast() {
            try [byte].withBytes { try pair.server.receive($0, into: &plaintext, sending: &output) }
        }
        let sizes = [plaintext.count, output.count]
        #expect(sizes == [2 * 16_384, 0])
        let isSmall = plaintext.capacity <= 4 * 16_384
        #expect(isSmall)
    }

    @Test("Small messages get by with little room")
    func smallRoom() throws {
        var pair = try open()
        pair.atServer = ByteBuffer(capacity: 64)
        try pair.clientWrites(String(repeating: "x", count: 300))
        pair.settle()
        let isSmall = pair.atServer.count == 300 && pair.atServer.capacity <= 1024
        #expect(isSmall)
    }

    @Test("Each side says when it is done, and still hears the other")
    func closing() throws {
        var pair = try open()
        pair.client.close(sending: &pair.toServer)
        pair.settle()
        var states = pair.states
        #expect(states == [.closing, .peerClosed])
        try pair.serverWrites("and another thing")
        pair.settle()
        #expect(pair.clientText == "and another thing")
        pair.server.close(sending: &pair.toClient)
        pair.settle()
        states = pair.states
        #expect(states == [.closed, .closed])
        try pair.client.endOfInput()
        try pair.server.endOfInput()
        // Closing again says nothing again.
        pair.client.close(sending: &pair.toServer)
        let isSilent = pair.toServer.isEmpty
        #expect(isSilent)
    }

    @Test("An end that was not announced is a truncation, once and for ever")
    func truncation() throws {
        var pair = try open()
        try pair.clientWrites("half of what")
        pair.settle()
        for _ in 0..<2 {
            let failure = failure { () throws(TLSFailure) in try pair.server.endOfInput() }
            #expect(failure?.reason == .truncated)
        }
        let failure = failure { () throws(TLSFailure) in
            try pair.server.receive(RawSpan(), into: &pair.atServer, sending: &pair.toClient)
        }
        let state = pair.server.state
        #expect(failure?.reason == .truncated && state == .failed)
    }

    @Test("An end in the middle of a record is a truncation")
    func truncatedRecord() throws {
        var pair = try open()
        try pair.clientWrites("a record")
        let sealed = pair.toServer.bytes.array
        try Array(sealed.dropLast()).withBytes {
            try pair.server.receive($0, into: &pair.atServer, sending: &pair.toClient)
        }
        let isEmpty = pair.atServer.isEmpty
        #expect(isEmpty)
        let failure = failure { () throws(TLSFailure) in try pair.server.endOfInput() }
        #expect(failure?.reason == .truncated)
    }

    @Test("A side that has closed does not mind that the other just goes")
    func endAfterClosing() throws {
        var pair = try open()
        pair.server.close(sending: &pair.toClient)
        try pair.server.endOfInput()
        let state = pair.server.state
        #expect(state == .closed)
    }

    @Test("An end during the handshake is a truncation, wherever it comes")
    func truncatedHandshake() throws {
        let client = try TestAuthority.clientContext()
        let server = try TestAuthority.serverContext()
        var hello = ByteBuffer()
        var first = try TLSSession(client: client, host: TestAuthority.host)
        try first.start(sending: &hello)
        for count in 0..<hello.count {
            var session = try TLSSession(server: server)
            var plaintext = ByteBuffer()
            var output = ByteBuffer()
            try session.receive(hello.bytes.extracting(0..<count), into: &plaintext, sending: &output)
            let waits = output.isEmpty && session.state == .handshaking
            #expect(waits)
            let failure = failure { () throws(TLSFailure) in try session.endOfInput() }
            #expect(failure?.reason == .truncated)
        }
    }

    @Test(
        "A changed byte ends the session, and the peer is told",
        arguments: [
            (0, TLSFailure.Reason.malformed, TLSFailure.Reason.alertOther), (1, .notTLS, .version),
            (3, .tooLarge, .alertOther), (5, .malformed, .alertOther), (20, .malformed, .alertOther),
            (-1, .malformed, .alertOther),
        ])
    func changedBytes(_ place: Int, _ atServer: TLSFailure.Reason, _ atClient: TLSFailure.Reason) throws {
        var pair = try open()
        try pair.clientWrites("something that somebody changes on its way")
        let position = place < 0 ? pair.toServer.count - 1 : place
        pair.toServer.patch(pair.toServer.bytes.load(position, as: UInt8.self) ^ 0x80, at: position)
        pair.settle()
        #expect(pair.serverText == "")
        #expect(pair.serverFailure?.reason == atServer)
        #expect(pair.clientFailure?.reason == atClient)
    }

    @Test("What comes after the peer's last word is passed over")
    func afterTheEnd() throws {
        var pair = try open()
        pair.client.close(sending: &pair.toServer)
        pair.toServer.append("garbage")
        pair.settle()
        let isOver = pair.server.state == .peerClosed && pair.atServer.isEmpty && pair.serverFailure == nil
        #expect(isOver)
    }

    private func failure(_ body: () throws(TLSFailure) -> Void) -> TLSFailure? {
        do throws(TLSFailure) {
            try body()
            return nil
        } catch {
            return error
        }
    }
}
