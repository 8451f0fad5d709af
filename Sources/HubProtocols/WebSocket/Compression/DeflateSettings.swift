/// What this end is willing to agree to for compressed messages. Memory is what the windows cost: each connection's
/// decompressor has the other end's window, and a window that is kept between messages is kept for each connection.
package struct DeflateSettings: Equatable, Sendable {
    /// The server's largest window, as a power of two.
    package let serverBits: Int
    /// The client's largest window, as a power of two.
    package let clientBits: Int
    /// Whether the server may refer to earlier messages.
    package let isServerContextKept: Bool
    /// Whether the client may refer to earlier messages.
    package let isClientContextKept: Bool

    /// Windows of 9 to 15 bits. As it stands, no memory is bound between messages.
    package init(
        serverBits: Int = 15, clientBits: Int = 15, isServerContextKept: Bool = false,
        isClientContextKept: Bool = false
    ) {
        precondition((9...15).contains(serverBits) && (9...15).contains(clientBits))
        self.serverBits = serverBits
        self.clientBits = clientBits
        self.isServerContextKept = isServerContextKept
        self.isClientContextKept = isClientContextKept
    }

    // MARK: As server

    /// Takes the first offer that fits; nil for none, and then nothing is compressed.
    func choose(from offers: [WebSocketExtension]) -> (agreement: DeflateAgreement, answer: String)? {
        for offer in offers where offer.name == DeflateParameters.name {
            guard let wanted = DeflateParameters(offer.parameters, isAnswer: false),
                let chosen = accept(wanted)
            else { continue }
            return chosen
        }
        return nil
    }

    private func accept(_ offer: DeflateParameters) -> (agreement: DeflateAgreement, answer: String)? {
        var answer = DeflateParameters()
        let serverBits = min(self.serverBits, offer.serverBits ?? 15)
        // zlib cannot compress with a window of 8 bits: another offer may do.
        guard serverBits >= 9 else { return nil }
        if offer.serverBits != nil || serverBits < 15 { answer.serverBits = serverBits }
        var clientBits = 15
        switch offer.clientBits {
        case .any:
            clientBits = self.clientBits
            if clientBits < 15 { answer.clientBits = .most(clientBits) }
        case .most(let most):
            clientBits = min(self.clientBits, most)
            answer.clientBits = .most(clientBits)
        // A client that does not say so cannot be held to a smaller window.
        case nil: if self.clientBits < 15 { return nil }
        }
        answer.isServerContextDropped = offer.isServerContextDropped || !isServerContextKept
        answer.isClientContextDropped = offer.isClientContextDropped || !isClientContextKept
        let agreement = DeflateAgreement(
            server: DeflateWindow(bits: serverBits, isKept: !answer.isServerContextDropped),
            client: DeflateWindow(bits: clientBits, isKept: !answer.isClientContextDropped))
        return (agreement, answer.text)
    }

    // MARK: As client

    /// What a client asks for.
    var offer: DeflateParameters {
        var offer = DeflateParameters()
        offer.isServerContextDropped = !isServerContextKept
        offer.isClientContextDropped = !isClientContextKept
        if serverBits < 15 { offer.serverBits = serverBits }
        offer.clientBits = clientBits < 15 ? .most(clientBits) : .any
        return offer
    }

    /// What a server's answer to the offer means; nil if it is none.
    func agreement(from answer: DeflateParameters) -> DeflateAgreement? {
        if !isServerContextKept, !answer.isServerContextDropped { return nil }
        let serverMost = answer.serverBits ?? 15
        guard serverMost <= serverBits else { return nil }
        var clientMost = clientBits
        if case .most(let bits) = answer.clientBits {
            guard bits <= clientBits else { return nil }
            clientMost = bits
        }
        // Whatever the server allows, this end may do with less.
        let isClientKept = isClientContextKept && !answer.isClientContextDropped
        return DeflateAgreement(
            server: DeflateWindow(bits: serverMost, isKept: !answer.isServerContextDropped),
            client: DeflateWindow(bits: clientMost, isKept: isClientKept))
    }
}
