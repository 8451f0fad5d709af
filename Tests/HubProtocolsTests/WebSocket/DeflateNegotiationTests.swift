import HubBytes
import Testing

@testable import HubProtocols

/// What is agreed on for compressed messages: RFC 7692, sections 5 and 7.1.
@Suite struct DeflateNegotiationTests {
    private static let takeover = DeflateSettings(isServerContextKept: true, isClientContextKept: true)
    private static let small = DeflateSettings(
        serverBits: 10, clientBits: 11, isServerContextKept: true, isClientContextKept: true)

    private func answer(_ offers: String, _ settings: DeflateSettings) -> String? {
        offers.withBytes { WebSocketExtension.parse($0).flatMap { settings.choose(from: $0)?.answer } }
    }

    private func agreement(_ offers: String, _ settings: DeflateSettings) -> DeflateAgreement? {
        offers.withBytes { WebSocketExtension.parse($0).flatMap { settings.choose(from: $0)?.agreement } }
    }

    private static let name = "permessage-deflate"
    static let answers: [(String, DeflateSettings, String?)] = [
        ("", takeover, nil), ("x-other", takeover, nil), ("Permessage-Deflate", takeover, nil),
        (name, takeover, name),
        (name, DeflateSettings(), "\(name); server_no_context_takeover; client_no_context_takeover"),
        ("\(name); client_max_window_bits", takeover, name),
        ("\(name); client_max_window_bits=10", takeover, "\(name); client_max_window_bits=10"),
        ("\(name); client_max_window_bits=\"8\"", takeover, "\(name); client_max_window_bits=8"),
        ("\(name); server_max_window_bits=9", takeover, "\(name); server_max_window_bits=9"),
        ("\(name); server_max_window_bits=15", takeover, "\(name); server_max_window_bits=15"),
        ("\(name); server_no_context_takeover", takeover, "\(name); server_no_context_takeover"),
        ("\(name); client_no_context_takeover", takeover, "\(name); client_no_context_takeover"),
        // Smaller windows than asked for, where the other side can be held to them.
        (name, small, nil),
        (
            "\(name); client_max_window_bits", small,
            "\(name); server_max_window_bits=10; client_max_window_bits=11"
        ),
        (
            "\(name); server_max_window_bits=9; client_max_window_bits=9", small,
            "\(name); server_max_window_bits=9; client_max_window_bits=9"
        ),
        // The first offer that fits.
        ("\(name); server_max_window_bits=8, \(name)", takeover, name),
        ("\(name); server_max_window_bits=8", takeover, nil),
        ("x-other, \(name); unknown, \(name); client_max_window_bits", takeover, name),
        // Offers that say what cannot be said.
        ("\(name); unknown", takeover, nil), ("\(name); unknown=1", takeover, nil),
        ("\(name); server_no_context_takeover=1", takeover, nil),
        ("\(name); client_no_context_takeover=true", takeover, nil),
        ("\(name); server_max_window_bits", takeover, nil),
        ("\(name); server_max_window_bits=7", takeover, nil),
        ("\(name); server_max_window_bits=16", takeover, nil),
        ("\(name); server_max_window_bits=09", takeover, nil),
        ("\(name); client_max_window_bits=a", takeover, nil),
        ("\(name); server_max_window_bits=10; server_max_window_bits=10", takeover, nil),
        ("\(name); client_no_context_takeover; client_no_context_takeover", takeover, nil),
    ]

    @Test("a server answers each offer as the RFC has it", arguments: answers)
    func server(offers: String, settings: DeflateSettings, wanted: String?) {
        #expect(answer(offers, settings) == wanted)
    }

    @Test("an agreement says what was answered")
    func agreements() {
        let offer = "\(Self.name); server_no_context_takeover; client_max_window_bits=9"
        let wanted = DeflateAgreement(
            server: DeflateWindow(bits: 15, isKept: false), client: DeflateWindow(bits: 9, isKept: true))
        #expect(agreement(offer, Self.takeover) == wanted)
        #expect(wanted.outgoing(.server) == wanted.server && wanted.incoming(.server) == wanted.client)
        #expect(wanted.outgoing(.client) == wanted.client && wanted.incoming(.client) == wanted.server)
    }

    @Test("a client takes the answers that its offer allows, and no others")
    func client() {
        func agreed(_ answer: String, _ settings: DeflateSettings) -> DeflateAgreement? {
            let list = "\(Self.name)\(answer)".withBytes { WebSocketExtension.parse($0) } ?? []
            return DeflateParameters(list[0].parameters, isAnswer: true).flatMap {
                settings.agreement(from: $0)
            }
        }
        func window(_ bits: Int, _ isKept: Bool) -> DeflateWindow {
            DeflateWindow(bits: bits, isKept: isKept)
        }
        let both = Self.takeover
        #expect(agreed("", both) == DeflateAgreement(server: window(15, true), client: window(15, true)))
        #expect(
            agreed("; server_max_window_bits=8; client_max_window_bits=8", both)
                == DeflateAgreement(server: window(8, true), client: window(8, true)))
        #expect(
            agreed("; server_no_context_takeover; client_no_context_takeover", both)
                == DeflateAgreement(server: window(15, false), client: window(15, false)))
        #expect(agreed("; client_max_window_bits", both) == nil)
        // Asked for and not granted.
        #expect(agreed("", DeflateSettings()) == nil)
        #expect(agreed("; server_no_context_takeover", DeflateSettings())?.client == window(15, false))
        #expect(agreed("", Self.small) == nil)
        #expect(agreed("; server_max_window_bits=11", Self.small) == nil)
        #expect(agreed("; server_max_window_bits=10; client_max_window_bits=12", Self.small) == nil)
        // A hint that the server did not repeat binds this end all the same.
        #expect(agreed("; server_max_window_bits=10", Self.small)?.client == window(11, true))
    }

    @Test("what a client offers, a server with the same settings agrees to, and both mean the same")
    func roundTrip() {
        for bits in 9...15 {
            for mask in 0..<4 {
                let settings = DeflateSettings(
                    serverBits: bits, clientBits: 24 - bits, isServerContextKept: mask & 1 != 0,
                    isClientContextKept: mask & 2 != 0)
                let offer = settings.offer.text
                guard let text = answer(offer, settings), let agreement = agreement(offer, settings),
                    let list = text.withBytes({ WebSocketExtension.parse($0) }),
                    let parameters = DeflateParameters(list[0].parameters, isAnswer: true)
                else {
                    Issue.record("no agreement on \(offer)")
                    continue
                }
                #expect(settings.agreement(from: parameters) == agreement)
            }
        }
    }
}
