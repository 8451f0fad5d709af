import FaultTrace
import Foundation
import Testing

@Suite(.enabled(if: PreloadedPython.interpreter != nil, "needs python3"))
struct FaultLayerTests {
    private let python: PreloadedPython

    init() throws { python = try PreloadedPython() }

    @Test func `the trace has exactly what was done to the file`() throws {
        #expect(python.run("os.pwrite(fd, b'abc', 5)") == "3")
        #expect(python.run("os.pwritev(fd, [b'de', b'', b'fgh'], 0)") == "5")
        #expect(python.run("os.write(fd, b'ij')") == "2")
        #expect(python.run("os.writev(fd, [b'k', b'l'])") == "2")
        #expect(python.run("os.fdatasync(fd)") == "None")
        #expect(python.run("os.ftruncate(fd, 6)") == "None")
        #expect(python.run("os.posix_fallocate(fd, 4, 96)") == "None")
        #expect(python.run("os.fsync(fd)") == "None")
        #expect(python.run("os.pread(fd, 100, 0)[:8]") == #"b'ijklha\x00\x00'"#)
        try python.finish()
        let trace = try python.trace()
        #expect(
            trace.operations.dropFirst() == [
                .opened(size: 0),
                .write(offset: 5, bytes: Array("abc".utf8)[...], isDurable: false),
                .write(offset: 0, bytes: Array("defgh".utf8)[...], isDurable: false),
                .write(offset: 0, bytes: Array("ij".utf8)[...], isDurable: false),
                .write(offset: 2, bytes: Array("kl".utf8)[...], isDurable: false),
                .sync, .truncate(size: 6),
                .allocate(offset: 4, length: 96, keepsSize: false, zeroes: false), .sync,
            ])
        var image = FileImage()
        for operation in trace.operations { image.apply(operation) }
        #expect(try image == python.image())
    }

    @Test func `durable, appending and truncating descriptors are told apart`() throws {
        #expect(python.run("os.write(os.open('data.mdb', os.O_WRONLY | os.O_DSYNC), b'abc')") == "3")
        #expect(python.run("os.write(os.open('data.mdb', os.O_WRONLY | os.O_APPEND), b'de')") == "2")
        #expect(python.run("os.pwritev(fd, [b'f'], 9, os.RWF_DSYNC)") == "1")
        #expect(python.run("os.close(os.open('./data.mdb', os.O_RDWR | os.O_TRUNC))") == "None")
        try python.finish()
        let changes = try python.trace().operations.filter { if case .opened = $0 { false } else { true } }
        #expect(
            changes.dropFirst() == [
                .write(offset: 0, bytes: Array("abc".utf8)[...], isDurable: true),
                .write(offset: 3, bytes: Array("de".utf8)[...], isDurable: false),
                .write(offset: 9, bytes: Array("f".utf8)[...], isDurable: true),
                .truncate(size: 0),
            ])
    }

    @Test func `marks stand between the operations they were made between`() throws {
        let mark = "__import__('ctypes').CDLL(None).fault_mark(7)"
        #expect(python.run("os.pwrite(fd, b'a', 0)") == "1")
        try #require(python.run("hasattr(__import__('ctypes').CDLL(None), 'fault_mark')") == "True")
        _ = python.run(mark)
        #expect(python.run("os.fdatasync(fd)") == "None")
        try python.finish()
        #expect(try python.trace().operations.suffix(2) == [.mark(7), .sync])
        #expect(!FaultPreload.mark(1), "the tests themselves are not under the layer")
    }

    @Test func `a full disk refuses growth until there is space again`() throws {
        #expect(python.run("os.pwrite(fd, bytes(100), 0)") == "100")
        python.control.arm(.noSpaceToGrow, after: 1)
        #expect(python.run("os.pwrite(fd, bytes(100), 100)") == "100")
        #expect(python.run("os.pwrite(fd, bytes(100), 200)") == "errno 28")
        #expect(python.run("os.posix_fallocate(fd, 0, 4096)") == "errno 28")
        #expect(python.run("os.pwrite(fd, bytes(100), 0)") == "100")
        #expect(python.run("os.fdatasync(fd)") == "None")
        #expect(python.control.fired == 2)
        python.control.disarm()
        #expect(python.run("os.pwrite(fd, bytes(100), 200)") == "100")
        try python.finish()
        #expect(try python.image().size == 300)
        #expect(try python.trace().operations.count == 7)
    }

    @Test(arguments: [(FaultMode.noSpace, 28), (.writeError, 5), (.readOnly, 30)])
    func `writes fail with the error of the mode and leave the file alone`(mode: FaultMode, error: Int) throws
    {
        #expect(python.run("os.pwrite(fd, b'abc', 0)") == "3")
        python.control.arm(mode)
        #expect(python.run("os.pwrite(fd, b'def', 0)") == "errno \(error)")
        #expect(python.run("os.write(fd, b'def')") == "errno \(error)")
        #expect(python.run("os.posix_fallocate(fd, 0, 10)") == "errno \(error)")
        try python.finish()
        #expect(try python.image().bytes == Array("abc".utf8))
    }

    @Test func `a failed sync and a failed durable write are in the trace as such`() throws {
        python.control.arm(.syncError)
        #expect(python.run("os.pwrite(fd, b'abc', 0)") == "3")
        #expect(python.run("os.fdatasync(fd)") == "errno 5")
        #expect(python.run("os.fsync(fd)") == "errno 5")
        #expect(python.run("os.write(os.open('data.mdb', os.O_WRONLY | os.O_DSYNC), b'x')") == "errno 5")
        #expect(python.run("os.pread(fd, 3, 0)") == "b'xbc'")
        try python.finish()
        let expected: [Trace.Operation] = [
            .syncFailed, .syncFailed, .opened(size: 3),
            .write(offset: 0, bytes: Array("x".utf8)[...], isDurable: false),
        ]
        #expect(try python.trace().operations.suffix(4) == expected[...])
    }

    @Test func `the file grows to the limit and past it once the limit is raised`() throws {
        python.control.sizeLimit = 1
        #expect(python.run("os.pwrite(fd, bytes(4096), (1 << 20) - 4096)") == "4096")
        #expect(python.run("os.pwrite(fd, bytes(4097), (1 << 20) - 4096)") == "errno 28")
        #expect(python.run("os.ftruncate(fd, (1 << 20) + 1)") == "errno 28")
        python.control.isShortAtLimit = true
        #expect(python.run("os.pwritev(fd, [bytes(4000), bytes(4000)], (1 << 20) - 4095)") == "4095")
        #expect(python.run("os.pwrite(fd, bytes(1), 1 << 20)") == "errno 28")
        python.control.sizeLimit = 2
        #expect(python.run("os.pwrite(fd, bytes(1), 1 << 20)") == "1")
        try python.finish()
        #expect(try python.image().size == (1 << 20) + 1)
    }

    @Test func `half a write is followed by a full disk`() throws {
        python.control.arm(.shortWrite)
        #expect(python.run("os.writev(fd, [b'abc', b'def'])") == "3")
        #expect(python.run("os.write(fd, b'def')") == "errno 28")
        python.control.disarm()
        #expect(python.run("os.write(fd, b'def')") == "3")
        try python.finish()
        #expect(try python.image().bytes == Array("abcdef".utf8))
    }

    @Test func `the process is killed in place of the operation the countdown ends at`() throws {
        python.control.arm(.kill, after: 2)
        #expect(python.run("os.pwrite(fd, b'abc', 0)") == "3")
        #expect(python.run("os.fdatasync(fd)") == "None")
        #expect(python.run("os.pwrite(fd, b'def', 0)") == nil)
        #expect(try python.finish() == 9)
        #expect(try python.image().bytes == Array("abc".utf8))
        #expect(python.control.fired == 1)
        #expect(python.control.operations == 3)
        let trace = try python.trace()
        #expect(trace.operations.last == .sync && !trace.isCut)
    }

    @Test func `other files go untouched`() throws {
        python.control.arm(.noSpace)
        #expect(python.run("[other := os.open('xdata.mdb', os.O_RDWR | os.O_CREAT, 0o600)][0] > 0") == "True")
        #expect(python.run("os.pwrite(other, b'abc', 0)") == "3")
        #expect(python.run("os.posix_fallocate(other, 0, 10)") == "None")
        #expect(python.run("os.fdatasync(other)") == "None")
        #expect(python.run("os.close(fd)") == "None")
        // The lowest free number: what was data.mdb's must not be taken for it any more.
        #expect(python.run("os.open('other', os.O_RDWR | os.O_CREAT, 0o600) == fd") == "True")
        #expect(python.run("os.pwrite(fd, b'abc', 0)") == "3")
        try python.finish()
        #expect(try python.trace().operations.dropFirst() == [.opened(size: 0)])
        #expect(python.control.operations == 0)
    }
}
