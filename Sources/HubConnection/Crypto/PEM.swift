import COpenSSL
import HubBytes

/// Text in PEM, lent to OpenSSL.
enum PEMReader {
    /// Bytes of text that are looked at: a bundle of every public authority has a quarter of it.
    static let byteCountMax = 1 << 20

    /// Lends a reader over the text to `body`; nil if the text is too long.
    // Safety: the reader is freed when `body` is done, and `body` keeps nothing of it.
    static func read<Result>(_ pem: RawSpan, _ body: (OpaquePointer) -> Result?) -> Result? {
        guard pem.byteCount > 0, pem.byteCount <= byteCountMax else { return nil }
        return unsafe pem.withUnsafeBytes { bytes in
            guard let reader = unsafe BIO_new_mem_buf(bytes.baseAddress, Int32(bytes.count)) else {
                return nil
            }
            defer { unsafe BIO_free(reader) }
            return unsafe body(reader)
        }
    }

    /// Whether a word stands in the text.
    static func mentions(_ word: String, in pem: RawSpan) -> Bool { pem.text.contains(word) }
}

/// Text in PEM, as OpenSSL writes it.
enum PEMWriter {
    /// What `body` writes.
    // Safety: the writer is freed when `body` is done, and its content is copied before.
    static func write(_ body: (OpaquePointer) -> Bool) -> [UInt8] {
        guard let writer = unsafe BIO_new(BIO_s_mem()) else { preconditionFailure("no memory") }
        defer { unsafe BIO_free(writer) }
        guard unsafe body(writer) else { preconditionFailure("a key or certificate that cannot be written") }
        return unsafe content(of: writer)
    }

    /// What was written into a memory writer.
    // Safety: the content belongs to the writer, which is alive, and is copied at once.
    static func content(of writer: OpaquePointer) -> [UInt8] {
        var start: UnsafeMutablePointer<CChar>?
        let count = unsafe copenssl_bio_content(writer, &start)
        guard let start = unsafe start, count > 0 else { return [] }
        return unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: count))
    }
}
