import HubBytes
import HubConnection

/// Sessions, as many as one wants: arrays hold no values with one owner, so each has an object around it.
struct Kept: ~Copyable {
    private final class Seat {
        var session: TLSSession
        init(_ session: consuming TLSSession) { self.session = session }
    }

    private var seats: [Seat] = []

    init(capacity: Int) { seats.reserveCapacity(capacity) }

    mutating func append(_ session: consuming TLSSession) { seats.append(Seat(session)) }

    mutating func removeAll() { seats.removeAll(keepingCapacity: true) }

    /// The last one takes in bytes.
    mutating func feedLast(_ bytes: borrowing ByteBuffer, _ output: inout ByteBuffer) throws {
        var plaintext = ByteBuffer()
        try seats[seats.count - 1].session.receive(contentsOf: bytes, into: &plaintext, sending: &output)
    }

    /// Each session seals something.
    mutating func echo() throws {
        var output = ByteBuffer()
        var message = ByteBuffer()
        message.append(zeros: 300)
        for seat in seats {
            output.removeAll()
            try seat.session.write(message.bytes, sending: &output)
            precondition(output.count > 300)
        }
    }
}
