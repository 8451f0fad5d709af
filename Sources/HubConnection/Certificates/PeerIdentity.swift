import COpenSSL
import HubBytes

/// What a certificate says of its owner: for rights, logs and error messages.
package struct PeerIdentity: Equatable, Sendable {
    /// Alternative names that are looked at; a certificate with more is read up to there.
    static let namesMax = 100

    /// The common name of the subject; empty if there is none.
    package var commonName = ""
    /// The whole subject in one line.
    package var subject = ""
    /// Who issued it, in one line.
    package var issuer = ""
    /// Alternative names that are names of hosts.
    package var dnsNames: [String] = []
    /// Alternative names that are addresses, as 4 or 16 bytes.
    package var addresses: [[UInt8]] = []
    /// Alternative names that are identifiers such as `spiffe://example/agent`.
    package var uris: [String] = []
    /// Alternative names that are mail addresses.
    package var emails: [String] = []
    /// The serial number, highest byte first.
    package var serial: [UInt8] = []
    /// SHA-256 of the whole certificate.
    package var fingerprint: [UInt8] = []
    /// Valid from, in seconds since 1970.
    package var notBefore: Int64 = 0
    /// Valid up to, in seconds since 1970.
    package var notAfter: Int64 = 0

    // Safety: the certificate is alive during the call; what is kept are copies.
    init(_ certificate: OpaquePointer) {
        let name = unsafe X509_get_subject_name(certificate)
        unsafe commonName = CertificateText.commonName(in: name)
        unsafe subject = CertificateText.line(name)
        unsafe issuer = CertificateText.line(X509_get_issuer_name(certificate))
        unsafe serial = CertificateText.octets(of: X509_get0_serialNumber(certificate))
        unsafe notBefore = CertificateTime.seconds(X509_get0_notBefore(certificate))
        unsafe notAfter = CertificateTime.seconds(X509_get0_notAfter(certificate))
        unsafe fingerprint = [UInt8](unsafeUninitializedCapacity: Digest.byteCount) { buffer, filled in
            var count: UInt32 = 0
            guard unsafe X509_digest(certificate, EVP_sha256(), buffer.baseAddress, &count) == 1 else {
                return
            }
            filled = Int(count)
        }
        unsafe readNames(certificate)
    }

    // Safety: the names are freed at the end, and what is kept are copies.
    private mutating func readNames(_ certificate: OpaquePointer) {
        guard let names = unsafe copenssl_alternative_names(certificate) else {
            OpenSSLError.clear()
            return
        }
        defer { unsafe copenssl_names_free(names) }
        for index in 0..<min(unsafe copenssl_name_count(names), Int32(Self.namesMax)) {
            guard let name = unsafe copenssl_name_at(names, index) else { continue }
            switch unsafe name.pointee.type {
            case GEN_DNS: unsafe Self.append(name.pointee.d.dNSName, to: &dnsNames)
            case GEN_URI: unsafe Self.append(name.pointee.d.uniformResourceIdentifier, to: &uris)
            case GEN_EMAIL: unsafe Self.append(name.pointee.d.rfc822Name, to: &emails)
            case GEN_IPADD:
                let address = unsafe CertificateText.octets(of: UnsafePointer(name.pointee.d.iPAddress))
                if address.count == 4 || address.count == 16 { addresses.append(address) }
            default: continue
            }
        }
    }

    // Safety: the text belongs to a name that is alive, and is copied.
    private static func append(_ text: UnsafeMutablePointer<ASN1_STRING>?, to names: inout [String]) {
        guard let text = unsafe text else { return }
        let octets = unsafe CertificateText.octets(of: UnsafePointer(text))
        // A zero or a control character in a name has only ever been an attack on those who compare text.
        guard !octets.isEmpty, octets.allSatisfy({ (0x21...0x7e).contains($0) }) else { return }
        names.append(String(decoding: octets, as: UTF8.self))
    }

    /// The fingerprint as people write it.
    package var fingerprintText: String { Self.hexadecimal(fingerprint) }
    /// The serial number as people write it.
    package var serialText: String { Self.hexadecimal(serial) }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}

/// Text inside certificates, copied out.
enum CertificateText {
    // Safety: the string is alive during the call, and is copied.
    static func octets(of string: UnsafePointer<ASN1_STRING>?) -> [UInt8] {
        guard let string = unsafe string, let start = unsafe ASN1_STRING_get0_data(string) else { return [] }
        return unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: Int(ASN1_STRING_length(string))))
    }

    // Safety: the name is alive during the call; the text that OpenSSL makes is freed at once.
    static func commonName(in name: OpaquePointer?) -> String {
        let position = unsafe X509_NAME_get_index_by_NID(name, NID_commonName, -1)
        guard position >= 0, let entry = unsafe X509_NAME_get_entry(name, position) else { return "" }
        var text: UnsafeMutablePointer<UInt8>?
        let count = unsafe ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(entry))
        guard count >= 0, let text = unsafe text else {
            OpenSSLError.clear()
            return ""
        }
        defer { unsafe CRYPTO_free(text, nil, 0) }
        return unsafe String(decoding: UnsafeRawBufferPointer(start: text, count: Int(count)), as: UTF8.self)
    }

    // Safety: the name is alive during the call, and the writer inside the closure.
    static func line(_ name: OpaquePointer?) -> String {
        let text = unsafe PEMWriter.write { unsafe copenssl_print_name($0, name) == 1 }
        return String(decoding: text, as: UTF8.self)
    }
}

/// Times inside certificates.
enum CertificateTime {
    // Safety: the time is alive during the call; the one compared with is freed.
    static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int64 {
        guard let beginning = unsafe ASN1_TIME_set(nil, 0) else { preconditionFailure("no memory") }
        defer { unsafe ASN1_STRING_free(beginning) }
        var days: Int32 = 0
        var rest: Int32 = 0
        guard unsafe time != nil, unsafe ASN1_TIME_diff(&days, &rest, beginning, time) == 1 else {
            OpenSSLError.clear()
            return 0
        }
        return Int64(days) * 86_400 + Int64(rest)
    }
}
