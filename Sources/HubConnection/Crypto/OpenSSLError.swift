import COpenSSL

/// What OpenSSL noted of a failure, in a queue of the calling thread.
///
/// The queue must be empty before a call whose failure is to be explained: a note of an earlier one would be
/// taken for it.
enum OpenSSLError {
    /// Forgets what earlier calls noted.
    static func clear() { ERR_clear_error() }

    /// The first note, which is the cause; the rest is what it led to. The queue is empty afterwards.
    static func take() -> (library: Int32, reason: Int32, text: String)? {
        let code = ERR_peek_error()
        guard code != 0 else { return nil }
        defer { ERR_clear_error() }
        // Safety: the texts are OpenSSL's own constants, copied at once.
        let text = unsafe ERR_reason_error_string(code).map { unsafe String(cString: $0) }
        return (
            copenssl_error_library(code), copenssl_error_reason(code), text ?? "OpenSSL error \(code)"
        )
    }

    /// The cause in words, for messages to people.
    static func takeText() -> String { take()?.text ?? "no reason given" }
}
