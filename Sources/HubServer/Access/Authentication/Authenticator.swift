import HubBytes
import HubConnection
package import HubModel
package import HubSystem

/// Finds out who somebody is, for all protocols. For all threads; nothing here waits for anything: a token costs a
/// hash, a web token or a signed challenge one check of a signature.
///
/// Whatever is wrong with credentials, the refusal says what kind of them would be right, and nothing of which agents
/// there are.
package final class Authenticator: Sendable {
    /// The book that is asked.
    package let slot: AccessSlot
    /// Who failed lately.
    package let limiter: AttemptLimiter
    /// What the hub is called in challenges.
    package let hub: String
    /// What unknown tokens are compared with, so that they take as long as known ones.
    private let nobodysDigest = RandomBytes.make(Digest.byteCount)
    private let nobodysKey: PublicKey?

    /// An authenticator of a hub; its name must not have spaces or line ends.
    package init(slot: AccessSlot, hub: String, limiter: AttemptLimiter = AttemptLimiter()) {
        precondition(
            !hub.isEmpty && hub.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }, "a hub's name is printable ASCII")
        self.slot = slot
        self.hub = hub
        self.limiter = limiter
        nobodysKey = Self.newKey()
    }

    private static func newKey() -> PublicKey? {
        do throws(CredentialError) { return try PrivateKey(.ed25519).publicKey } catch { return nil }
    }

    /// Lets somebody in, or throws why not.
    package func admit(
        _ shown: ShownCredentials, from address: IPAddress?, _ admission: ListeningPolicy.Admission,
        now: Timestamp
    ) throws(Refusal) -> Identity {
        if admission == .everyone { return try byWord(shown) }
        try limiter.check(address, now: now)
        let book = slot.current
        do throws(Refusal) {
            var identity: Identity?
            if let certificate = shown.certificate {
                identity = try CertificateProof(book: book).identity(certificate, now)
            }
            if let bearer = shown.bearer {
                let other = try byBearer(bearer, book, now)
                // Two proofs must agree, or one of them would be used for somebody else.
                if let first = identity, first.agent != other.agent || first.tenant != other.tenant {
                    throw Refusal(
                        .unauthorized,
                        "the certificate and the token are those of two agents; show one of them")
                }
                identity = other
            }
            guard let identity else { throw Self.nothingShown }
            return try Self.check(identity, claims: shown)
        } catch {
            if error.code == .unauthorized { limiter.failed(address, now: now) }
            throw error
        }
    }

    private static let nothingShown = Refusal(
        .unauthorized,
        "this hub asks for credentials: a token (Authorization: Bearer, or token in hello), a client certificate, or "
            + "a signed challenge")

    private func byWord(_ shown: ShownCredentials) throws(Refusal) -> Identity {
        guard let agent = shown.agent else {
            throw Refusal(.missingField, "say who you are: \"agent\" in hello, or the parameter agent")
        }
        return Identity(
            agent: agent, tenant: shown.tenant ?? .default, proof: .word, basis: .everything,
            rights: Everything.rights, expires: .none, generation: slot.generation)
    }

    /// Whoever says who he is must be that.
    private static func check(_ identity: Identity, claims: ShownCredentials) throws(Refusal) -> Identity {
        if let agent = claims.agent, agent != identity.agent {
            throw Refusal(
                .forbidden,
                "the credentials are those of \(identity.agent), not of \(agent): use that name, or none")
        }
        if let tenant = claims.tenant, tenant != identity.tenant {
            throw Refusal(
                .forbidden,
                "the credentials are for the tenant \(identity.tenant), not for \(tenant): use that name, or none"
            )
        }
        return identity
    }

    // MARK: Tokens

    private func byBearer(_ text: String, _ book: AccessBook, _ now: Timestamp) throws(Refusal) -> Identity {
        guard text.utf8.count <= JWT.bytesMax else {
            throw Refusal(.unauthorized, "the token has more than \(JWT.bytesMax) bytes: none is as long")
        }
        if let token = BearerToken(text) { return try byToken(token, book, now) }
        guard text.withBytes({ JWT.isLikely($0) }) else { throw Self.unknownToken }
        do throws(JWTFault) {
            return try text.withBytes { (bytes) throws(JWTFault) in
                try JWTProof(book: book).identity(bytes, now)
            }
        } catch {
            throw Refusal(.unauthorized, "the web token is not accepted: \(error.rawValue)")
        }
    }

    private static let unknownToken = Refusal(
        .unauthorized, "this token is not known here: whoever runs the hub makes one with agenthub tokens add"
    )

    private func byToken(
        _ token: BearerToken, _ book: AccessBook, _ now: Timestamp
    ) throws(Refusal) -> Identity {
        let known = book.tokens[token.id]
        let isRight = token.has(digest: known?.digest ?? nobodysDigest)
        guard isRight, let known else { throw Self.unknownToken }
        // Whoever has the secret may know what became of it.
        guard known.validity.isGood(now), let rights = try? book.registered(known.name, now) else {
            throw Self.ended
        }
        return Identity(
            agent: known.name.agent, tenant: known.name.tenant, proof: .token(id: token.id),
            basis: .registered, rights: rights, expires: known.validity.expires, generation: book.generation)
    }

    private static let ended = Refusal(
        .unauthorized, "these credentials have expired or were revoked: ask whoever runs the hub for new ones"
    )

    // MARK: Challenges

    /// A challenge for whoever wants to show by a signature that he is an agent; whether there is such an agent does not
    /// show. The connection's number is of the caller's choice.
    package func challenge(_ name: TenantAgent, connection: UInt64, now: Timestamp) -> Challenge {
        Challenge(
            hub: hub, name: name, connection: connection, nonce: RandomBytes.make(Self.nonceBytes), now: now)
    }

    private static let nonceBytes = 32

    /// Lets in who signed a challenge, on the connection that it was made for.
    package func admit(
        _ challenge: consuming Challenge, signature: RawSpan, connection: UInt64, from address: IPAddress?,
        now: Timestamp
    ) throws(Refusal) -> Identity {
        try limiter.check(address, now: now)
        let book = slot.current
        let isInTime = challenge.connection == connection && now < challenge.deadline
        let key = challenge.text.withBytes { signer(challenge.name, signature, of: $0, book, now) }
        guard isInTime, let key, let rights = try? book.registered(key.name, now) else {
            limiter.failed(address, now: now)
            throw Refusal(
                .unauthorized,
                "the challenge was not answered in time by a signature of a key that is registered for the agent: "
                    + "whoever runs the hub registers one with agenthub keys add")
        }
        return Identity(
            agent: key.name.agent, tenant: key.name.tenant, proof: .signature(key: key.id),
            basis: .registered,
            rights: rights, expires: key.validity.expires, generation: book.generation)
    }

    /// The name of the registered key of an agent that signed some bytes; nil if none did. For protocols with challenges
    /// of their own: they see to it that what is signed is used once.
    package func signer(
        _ name: TenantAgent, _ signature: RawSpan, of bytes: RawSpan, now: Timestamp
    ) -> String? {
        signer(name, signature, of: bytes, slot.current, now)?.id
    }

    private func signer(
        _ name: TenantAgent, _ signature: RawSpan, of bytes: RawSpan, _ book: AccessBook, _ now: Timestamp
    ) -> AccessBook.Key? {
        let keys = (book.keys[name] ?? []).filter { $0.validity.isGood(now) }.prefix(Self.keysTried)
        if keys.isEmpty {
            // As much work as for an agent with a key, so that time does not tell.
            _ = nobodysKey?.verifies(signature, of: bytes, .ed25519)
            return nil
        }
        for key in keys {
            for algorithm in AgentKey.algorithms(of: key.key)
            where key.key.verifies(signature, of: bytes, algorithm) { return key }
        }
        return nil
    }

    /// Keys of one agent that are tried: each costs a check.
    private static let keysTried = 4

    // MARK: Later

    /// Whether an identity must be renewed: the book is another one, or the credential has ended. Costs an atomic load,
    /// so that it can be asked for each connection and turn.
    package func isOutdated(_ identity: Identity, now: Timestamp) -> Bool {
        identity.generation != slot.generation || identity.hasExpired(now)
    }

    /// The same identity by the book in use now, with its rights as they are now; throws if the credential ended. For
    /// connections that exist when the book changes, and when an expiry is due.
    package func renew(_ identity: Identity, now: Timestamp) throws(Refusal) -> Identity {
        guard let renewed = identity.renewed(slot.current, now) else { throw Self.ended }
        return renewed
    }
}

/// What everyone may do at a hub that asks for no credentials.
enum Everything {
    static let rights = RightsPool().compiled(.everything)
}
