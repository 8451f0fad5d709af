import HubBytes
import HubSystem

/// What one side shows of itself: its certificate, those between it and the authority, and the key.
package struct TLSCredentials: Sendable {
    /// The own certificate first, each one followed by that of its issuer.
    package let chain: [Certificate]
    let key: PrivateKey

    /// Credentials from their parts.
    package init(chain: [Certificate], key: PrivateKey) throws(CredentialError) {
        guard let own = chain.first else { throw CredentialError("the certificates", "are missing") }
        guard own.belongs(to: key) else {
            throw CredentialError(
                "the certificate of \(own.identity.subject)", "does not belong to the private key")
        }
        self.chain = chain
        self.key = key
    }

    /// Credentials from two files in PEM, which may be the same.
    package init(certificateFile: String, keyFile: String) throws(CredentialError) {
        let chain = try Certificate.all(inFile: certificateFile)
        let text = try CredentialFile.read(keyFile)
        let key = try text.withBytes { bytes throws(CredentialError) in
            try PrivateKey(pem: bytes, source: keyFile)
        }
        guard chain[0].belongs(to: key) else {
            throw CredentialError(certificateFile, "does not belong to the private key in \(keyFile)")
        }
        try self.init(chain: chain, key: key)
    }

    /// The key in PEM.
    package var keyPEM: [UInt8] { key.pem }

    /// The chain in PEM.
    package var chainPEM: [UInt8] { chain.flatMap(\.pem) }
}

extension Certificate {
    /// All certificates in a file in PEM.
    package static func all(inFile path: String) throws(CredentialError) -> [Certificate] {
        try CredentialFile.read(path).withBytes { bytes throws(CredentialError) in
            try all(inPEM: bytes, source: path)
        }
    }
}

extension RevocationList {
    /// All lists in a file in PEM.
    package static func all(inFile path: String) throws(CredentialError) -> [RevocationList] {
        try CredentialFile.read(path).withBytes { bytes throws(CredentialError) in
            try all(inPEM: bytes, source: path)
        }
    }
}

/// Files with keys and certificates.
enum CredentialFile {
    static func read(_ path: String) throws(CredentialError) -> [UInt8] {
        do throws(SystemError) {
            let bytes = try FileDescriptor.open(path, .read).read(PEMReader.byteCountMax + 1, at: 0)
            if bytes.count <= PEMReader.byteCountMax { return bytes }
        } catch {
            throw CredentialError(path, error.reason)
        }
        throw CredentialError(path, "has more than \(PEMReader.byteCountMax) bytes")
    }
}
