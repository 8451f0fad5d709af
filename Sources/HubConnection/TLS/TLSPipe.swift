import COpenSSL
import HubBytes

/// Where OpenSSL finds what came and puts what goes, for the duration of one call: the caller's own memory, so
/// that nothing is copied into buffers of OpenSSL's in between, and a session that is idle holds none.
@safe struct TLSPipe {
    private var input: UnsafeRawPointer?
    /// Bytes that came and were not taken yet.
    private(set) var remaining: Int
    private let output: UnsafeMutablePointer<ByteBuffer>

    // Safety: input and output must outlive the pipe, which is used inside one call only.
    init(input: UnsafeRawPointer?, count: Int, output: UnsafeMutablePointer<ByteBuffer>) {
        unsafe self.input = input
        remaining = count
        unsafe self.output = output
    }

    /// A new end of a pipe, for OpenSSL to own.
    // Safety: the method table is never freed or changed.
    static func makeEnd() -> OpaquePointer? { unsafe BIO_new(PipeMethods.shared.table) }

    // Safety: the destination has room for `count` bytes; the input is alive.
    fileprivate mutating func take(_ destination: UnsafeMutableRawPointer, _ count: Int) -> Int {
        guard let start = unsafe input else { return 0 }
        let size = min(count, remaining)
        unsafe destination.copyMemory(from: start, byteCount: size)
        unsafe input = start + size
        remaining -= size
        return size
    }

    // Safety: the source has `count` bytes; the output is alive, and nobody else uses it during the call.
    fileprivate func put(_ source: UnsafeRawPointer, _ count: Int) {
        unsafe output.pointee.append(UnsafeRawBufferPointer(start: source, count: count).bytes)
    }
}

/// The functions that make a pipe one of OpenSSL's inputs and outputs.
// Safety: made once, complete before anybody sees it, and never changed.
@safe private struct PipeMethods: @unchecked Sendable {
    // Safety: made once, complete before anybody sees it, and never changed.
    static let shared = PipeMethods()

    let table: OpaquePointer

    private init() {
        // Safety: a new table, which nobody else has yet.
        guard
            let table = unsafe BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "lent memory"),
            unsafe BIO_meth_set_read(table, readFromPipe) == 1,
            unsafe BIO_meth_set_write(table, writeToPipe) == 1,
            unsafe BIO_meth_set_ctrl(table, controlPipe) == 1,
            unsafe BIO_meth_set_create(table, startPipe) == 1
        else { preconditionFailure("OpenSSL takes no input and output of ours") }
        unsafe self.table = table
    }
}

// Safety: the end is new.
private func startPipe(_ end: OpaquePointer?) -> Int32 {
    unsafe BIO_set_init(end, 1)
    return 1
}

// Safety: the data is the pipe of the call that is under way, or null between calls.
private func pipe(of end: OpaquePointer) -> UnsafeMutablePointer<TLSPipe>? {
    unsafe BIO_get_data(end)?.assumingMemoryBound(to: TLSPipe.self)
}

// Safety: the destination is OpenSSL's, with room for `count` bytes.
private func readFromPipe(
    _ end: OpaquePointer?, _ destination: UnsafeMutablePointer<CChar>?, _ count: Int32
) -> Int32 {
    guard let end = unsafe end, let destination = unsafe destination, count > 0 else { return 0 }
    unsafe copenssl_bio_clear_retry(end)
    let taken = unsafe pipe(of: end)?.pointee.take(destination, Int(count)) ?? 0
    if taken > 0 { return Int32(taken) }
    unsafe copenssl_bio_retry_read(end)
    return -1
}

// Safety: the source is OpenSSL's, and has `count` bytes.
private func writeToPipe(_ end: OpaquePointer?, _ source: UnsafePointer<CChar>?, _ count: Int32) -> Int32 {
    guard let end = unsafe end, let source = unsafe source, count > 0 else { return 0 }
    unsafe copenssl_bio_clear_retry(end)
    guard let pipe = unsafe pipe(of: end) else { return -1 }
    unsafe pipe.pointee.put(source, Int(count))
    return count
}

// Safety: touches none of what it is given.
private func controlPipe(
    _: OpaquePointer?, _ command: Int32, _: Int, _: UnsafeMutableRawPointer?
) -> Int {
    command == BIO_CTRL_FLUSH ? 1 : 0
}
