import FaultTrace
import Testing

struct TraceTests {
    private func example() -> TraceBytes {
        var made = TraceBytes()
        made.record(0, 77)
        made.record(8, 4096)
        made.record(1, 512, bytes: [1, 2, 3])
        made.record(1, flags: 1, 0, bytes: [9])
        made.record(2)
        made.record(3, 100)
        made.record(4, flags: 2, 10, length: 20)
        made.record(4, flags: 6, 1, length: 2)
        made.record(5, .max)
        made.record(6)
        made.record(7, 0, length: 8192)
        return made
    }

    @Test func `a trace holds every operation in order`() throws {
        let trace = try Trace(bytes: example().bytes)
        #expect(
            trace.operations == [
                .start(process: 77), .opened(size: 4096),
                .write(offset: 512, bytes: [1, 2, 3], isDurable: false),
                .write(offset: 0, bytes: [9], isDurable: true),
                .sync, .truncate(size: 100),
                .allocate(offset: 10, length: 20, keepsSize: true, zeroes: false),
                .allocate(offset: 1, length: 2, keepsSize: true, zeroes: true),
                .mark(.max), .syncFailed, .mapped(offset: 0, length: 8192),
            ])
        #expect(trace.marks == [.max])
        #expect(trace.hasWritableMapping)
        #expect(!trace.isCut)
    }

    @Test func `a second process continues a trace from sequence zero`() throws {
        var made = TraceBytes()
        made.record(0, 1)
        made.record(2)
        made.record(0, 2)
        made.record(2)
        let trace = try Trace(bytes: made.bytes)
        #expect(trace.operations == [.start(process: 1), .sync, .start(process: 2), .sync])
    }

    @Test func `a trace cut anywhere yields the whole records before the cut`() throws {
        let bytes = example().bytes
        let whole = try Trace(bytes: bytes)
        var uncut = 0
        for count in 16...bytes.count {
            let trace = try Trace(bytes: Array(bytes.prefix(count)))
            #expect(trace.operations[...] == whole.operations.prefix(trace.operations.count))
            if !trace.isCut { uncut += 1 }
        }
        #expect(uncut == whole.operations.count + 1)
    }

    @Test func `bytes that are no trace are refused`() {
        #expect(throws: TraceError.notATrace) { try Trace(bytes: []) }
        #expect(throws: TraceError.notATrace) {
            try Trace(bytes: Array("FLTTRACX".utf8) + [1] + Array(repeating: 0, count: 7))
        }
        var other = example().bytes
        other[8] = 2
        #expect(throws: TraceError.notATrace) { try Trace(bytes: other) }
    }

    @Test func `a record with a wrong magic, sequence, kind, value or reserved word is refused`() {
        // Offsets in the second record, which begins at 56.
        for (offset, value): (Int, UInt8) in [(56, 0), (64, 5), (60, 9), (79, 255), (88, 1)] {
            var bytes = example().bytes
            bytes[offset] = value
            #expect(throws: TraceError.self, "byte \(offset)") { try Trace(bytes: bytes) }
        }
    }

    @Test func `a trace that does not begin with a start is refused`() {
        var made = TraceBytes()
        made.record(2)
        #expect(throws: TraceError.self) { try Trace(bytes: made.bytes) }
    }
}
