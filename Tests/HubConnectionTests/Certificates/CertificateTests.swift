import Foundation
import HubBytes
import HubConnection
import Testing

/// Certificates that are made, written and read; what OpenSSL's own tools say of them.
@Suite struct CertificateTests {
    @Test("OpenSSL's tool accepts what the authority issues", arguments: [true, false])
    func openSSL(_ isEd25519: Bool) throws {
        let kind: PrivateKey.Kind = isEd25519 ? .ed25519 : .p256
        let authority = try CertificateAuthority.make(name: "Prüfstelle", kind)
        var request = CertificateRequest(commonName: "agent, with=odd/name")
        request.dnsNames = ["a.example", "*.b.example"]
        request.uris = ["spiffe://example/a,DNS:evil.example"]
        let issued = try authority.issue(request, kind)
        let revoked = try authority.issue(.client("gone"), kind)
        let entry = (serial: revoked.chain[0].identity.serial, time: TestAuthority.now - 1)
        let list = try authority.revocations([entry], number: 5)
        let files = [
            "ca.pem": authority.certificate.pem, "good.pem": issued.chainPEM, "gone.pem": revoked.chainPEM,
            "crl.pem": list.pem,
        ]
        let verify = "openssl verify -x509_strict -CAfile ca.pem -CRLfile crl.pem -crl_check"
        let program = try PeerProgram(
            [
                "bash", "-c",
                "\(verify) good.pem; \(verify) gone.pem; openssl x509 -in good.pem -noout -ext subjectAltName",
            ], files: files)
        program.finish()
        #expect(program.text.contains("good.pem: OK"))
        #expect(program.text.contains("certificate revoked"))
        #expect(program.text.contains("DNS:a.example, DNS:*.b.example"))
        // A comma in an identifier does not make two of it.
        let identity = issued.chain[0].identity
        #expect(identity.uris == request.uris && identity.dnsNames == request.dnsNames)
        #expect(identity.commonName == request.commonName)
        #expect(identity.issuer == "CN=Prüfstelle")
    }

    @Test("Certificates and lists are the same after PEM")
    func roundTrip() throws {
        let chain = TestAuthority.server.chain + [TestAuthority.authority.certificate]
        let again = try chain.flatMap(\.pem).withBytes { try Certificate.all(inPEM: $0) }
        #expect(again.map(\.identity) == chain.map(\.identity))
        let entries = (1...3).map {
            (serial: [UInt8](repeating: UInt8($0), count: 16), time: Int64($0) * 1000)
        }
        let list = try TestAuthority.authority.revocations(entries, number: 9, validDays: 7)
        let read = try list.pem.withBytes { try RevocationList.all(inPEM: $0) }
        #expect(read.count == 1)
        #expect(read[0].entries.map(\.serial) == entries.map(\.serial))
        #expect(read[0].entries.map(\.time) == entries.map(\.time))
        #expect((6...7).contains((read[0].nextUpdate - TestAuthority.now) / 86_400))
        let key = try TestAuthority.authority.keyPEM.withBytes { try PrivateKey(pem: $0) }
        let same = try CertificateAuthority(certificate: TestAuthority.authority.certificate, key: key)
        #expect(same.keyPEM == TestAuthority.authority.keyPEM)
    }

    struct Text: Sendable {
        let pem: String
        let complaint: String
    }

    static let damaged: [Text] = {
        let good = String(decoding: TestAuthority.server.chainPEM, as: UTF8.self)
        return [
            Text(pem: "", complaint: "has no certificate in PEM"),
            Text(pem: "nothing of the kind", complaint: "has no certificate in PEM"),
            Text(pem: String(good.dropLast(20)), complaint: "has a damaged certificate, number 1"),
            Text(pem: good + String(good.prefix(200)), complaint: "has a damaged certificate, number 2"),
            Text(
                pem: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
                complaint: "has a damaged certificate, number 1"),
            Text(pem: String(repeating: " ", count: 2 << 20), complaint: "has no certificate in PEM"),
        ]
    }()

    @Test("What is no certificate is refused with a sentence", arguments: damaged)
    func refused(_ text: Text) {
        var sentence = ""
        do {
            _ = try text.pem.withBytes { try Certificate.all(inPEM: $0, source: "server.pem") }
        } catch {
            sentence = "\(error)"
        }
        #expect(sentence.hasPrefix("server.pem: \(text.complaint)"))
    }

    @Test("A key with a password is refused, and nobody is asked for it")
    func password() throws {
        let program = try PeerProgram(
            ["bash", "-c", "openssl genpkey -algorithm ED25519 -aes256 -pass pass:secret -out key.pem"])
        program.finish()
        var sentence = ""
        do {
            _ = try program.file("key.pem").withBytes { try PrivateKey(pem: $0, source: "key.pem") }
        } catch {
            sentence = "\(error)"
        }
        #expect(sentence == "key.pem: is protected by a password, which a hub cannot be asked for")
    }

    @Test(
        "Requests that would confuse whoever reads the certificate are refused",
        arguments: [
            "", "a\0b", "a\nb", String(repeating: "a", count: 65), "dns:", "dns:a b", "dns:a\0.example",
            "uri:\u{e9}", "days",
        ])
    func requests(_ flaw: String) {
        var request = CertificateRequest(commonName: flaw.contains(":") || flaw == "days" ? "good" : flaw)
        if flaw.hasPrefix("dns:") { request.dnsNames = [String(flaw.dropFirst(4))] }
        if flaw.hasPrefix("uri:") { request.uris = [String(flaw.dropFirst(4))] }
        if flaw == "days" { request.validDays = 0 }
        let wanted = request
        #expect(throws: CredentialError.self) { _ = try TestAuthority.authority.issue(wanted) }
    }

    @Test("Credentials, authorities and lists are read from files")
    func files() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func write(_ name: String, _ bytes: [UInt8]) throws -> String {
            let file = folder.appendingPathComponent(name)
            try Data(bytes).write(to: file)
            return file.path
        }
        let server = TestAuthority.server
        let both = try write("server.pem", server.chainPEM + server.keyPEM)
        let read = try TLSCredentials(certificateFile: both, keyFile: both)
        #expect(read.chain.map(\.identity) == server.chain.map(\.identity) && read.keyPEM == server.keyPEM)
        let list = try TestAuthority.authority.revocations([], number: 1)
        #expect(try RevocationList.all(inFile: write("crl.pem", list.pem)).map(\.pem) == [list.pem])
        let other = try write("other.pem", TestAuthority.client.keyPEM)
        #expect(throws: CredentialError(both, "does not belong to the private key in \(other)")) {
            _ = try TLSCredentials(certificateFile: both, keyFile: other)
        }
        let large = try write("large.pem", [UInt8](repeating: 32, count: 2 << 20))
        #expect(throws: CredentialError(large, "has more than 1048576 bytes")) {
            _ = try Certificate.all(inFile: large)
        }
    }

    @Test("Files that are missing are named")
    func missing() {
        var sentence = ""
        do {
            _ = try TLSCredentials(certificateFile: "/no/such/file.pem", keyFile: "/no/such/key.pem")
        } catch {
            sentence = "\(error)"
        }
        #expect(sentence == "/no/such/file.pem: No such file or directory")
    }
}
