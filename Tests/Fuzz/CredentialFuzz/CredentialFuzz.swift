import Fuzzing
import HubBytes
import HubConnection
import HubModel
import HubProtocols
import HubServer

/// What libFuzzer calls with one input after another: what somebody shows who wants in. The first byte says what the rest
/// is taken for.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start, count > 1 else { return 0 }
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    let bytes = Array(input.dropFirst())
    switch input[0] % 6 {
    case 0: showBearer(bytes)
    case 1: claim(bytes)
    case 2: takeApart(bytes)
    case 3: readDocument(bytes)
    case 4: readKey(bytes)
    default: decode(bytes)
    }
    return 0
}

private let now = Timestamp(microseconds: 1_800_000_000_000_000)
private let secret = [UInt8](repeating: 7, count: 32)
/// What the issuer may give; whatever a token says, nobody gets more.
private let hub = makeHub()

private func makeHub() -> (authenticator: Authenticator, ceiling: Rights) {
    do {
        var document = AccessDocument()
        var issuer = JWTIssuer(keysFile: "keys")
        issuer.roles = ["observer"]
        document.issuers = [issuer]
        _ = try document.addToken(
            TenantAgent(.default, AgentID("a")), roles: ["agent"], expires: .none, note: "", now: now)
        let slot = AccessSlot()
        let key: JSONValue = [
            "kty": "oct", "alg": "HS256", "k": .string(secret.withBytes { Base64URL.text($0) }),
        ]
        try slot.replace(with: document) { _ in ["keys": [key]] }
        return (Authenticator(slot: slot, hub: "hub"), Role.observer.rights)
    } catch {
        preconditionFailure("\(error)")
    }
}

private func admit(_ text: String) -> Identity? {
    var shown = ShownCredentials()
    shown.bearer = text
    do throws(Refusal) {
        return try hub.authenticator.admit(shown, from: nil, .credentials, now: now)
    } catch {
        precondition(error.code == .unauthorized && !error.message.isEmpty)
        return nil
    }
}

/// Any text as a token: nobody guesses one.
private func showBearer(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    precondition(admit(text) == nil && admit("ahub_\(text)") == nil)
    _ = ShownCredentials.bearer(inAuthorization: text)
}

/// Any claims under a good signature: what comes of them is no more than the issuer may give.
private func claim(_ bytes: [UInt8]) {
    let header = Array("{\"alg\":\"HS256\"}".utf8).withBytes { Base64URL.text($0) }
    let signed = "\(header).\(bytes.withBytes { Base64URL.text($0) })"
    let signature = signed.withBytes { signed in secret.withBytes { Digest.hmacSHA256(key: $0, signed) } }
    guard let identity = admit("\(signed).\(signature.withBytes { Base64URL.text($0) })") else { return }
    precondition(hub.ceiling.resolved(for: identity.agent).covers(identity.rights.rights))
    precondition(identity.tenant == .default && identity.expires > now)
}

/// Any bytes as a web token: its parts come back as they were, or not at all.
private func takeApart(_ bytes: [UInt8]) {
    do throws(JWTFault) {
        let token = try bytes.withBytes { (bytes) throws(JWTFault) in try JWT(bytes) }
        precondition(bytes.count <= JWT.bytesMax && token.algorithm.utf8.count <= bytes.count)
        precondition(bytes.filter { $0 == UInt8(ascii: ".") }.count == 2)
    } catch {
        return
    }
}

/// Any bytes as the access file: what is read is written and read again as the same.
private func readDocument(_ bytes: [UInt8]) {
    guard let value = try? bytes.withBytes({ (bytes) throws(JSONTextError) in try JSONReader.value(bytes) })
    else {
        return
    }
    _ = try? JWTKey.all(in: value, "keys")
    guard let document = try? AccessDocument(value) else { return }
    let text = IndentedJSON.bytes(document.json)
    do {
        let again = try AccessDocument(try text.withBytes { try JSONReader.value($0) })
        precondition(again == document)
    } catch {
        preconditionFailure("\(error)")
    }
}

/// Any bytes as a public key: what is taken is a key in PEM, which is taken as the same.
private func readKey(_ bytes: [UInt8]) {
    guard let pem = try? AgentKey.normalised(bytes) else { return }
    precondition((try? AgentKey.normalised(pem)) == pem)
}

/// Any bytes as base64: one text for each content.
private func decode(_ bytes: [UInt8]) {
    _ = bytes.withBytes { Base64Decoding.bytes($0, .standard) }
    guard let content = bytes.withBytes({ Base64Decoding.bytes($0, .url) }) else { return }
    precondition(content.withBytes { Array(Base64URL.text($0).utf8) } == bytes)
}

/// Where the package manager's link step expects the program to begin.
@_cdecl("CredentialFuzz_main")
func begin(_ count: CInt, _ arguments: FuzzArguments?) -> CInt { runFuzzer(count, arguments, fuzzOneInput) }
