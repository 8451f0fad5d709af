import HubServer
import HubSystem
import Testing

/// Where a hub may listen without asking who is there.
@Suite struct ListeningPolicyTests {
    private static let places: [(address: String, isLocal: Bool)] = [
        ("127.0.0.1:8000", true), ("127.8.9.1:1", true), ("[::1]:8000", true), ("unix:/run/hub.socket", true),
        ("0.0.0.0:8000", false), ("[::]:8000", false), ("192.168.1.7:8000", false), ("[fe80::1]:8000", false),
        ("[::ffff:127.0.0.1]:8000", true), ("126.255.255.255:1", false), ("128.0.0.1:1", false),
        ("[::2]:8000", false), ("[1::1]:1", false),
    ]

    private enum Outcome: Equatable {
        case everyone(warnings: Int)
        case credentials(warnings: Int)
        case refused
    }

    @Test("loopback is open until there are credentials, everything else is closed until there are")
    func table() throws {
        for place in Self.places {
            for hasCredentials in [false, true] {
                for isInsecure in [false, true] {
                    for isEncrypted in [false, true] {
                        let address = try #require(SocketAddress(place.address))
                        let outcome = decide(address, isEncrypted, hasCredentials, isInsecure)
                        let expected: Outcome =
                            switch (place.isLocal, hasCredentials, isInsecure) {
                            case (true, false, _): .everyone(warnings: 0)
                            case (true, true, false): .credentials(warnings: 0)
                            case (true, true, true): .everyone(warnings: 1)
                            case (false, false, false): .refused
                            case (false, true, false): .credentials(warnings: isEncrypted ? 0 : 1)
                            case (false, _, true): .everyone(warnings: 1)
                            }
                        #expect(
                            outcome == expected,
                            "\(place.address) credentials \(hasCredentials) insecure \(isInsecure)")
                    }
                }
            }
        }
    }

    private func decide(
        _ address: SocketAddress, _ isEncrypted: Bool, _ hasCredentials: Bool, _ isInsecure: Bool
    ) -> Outcome {
        do throws(ListeningPolicy.Refused) {
            let policy = try ListeningPolicy.decide(
                ListeningPolicy.Place(address, isEncrypted: isEncrypted), hasCredentials: hasCredentials,
                insecure: isInsecure)
            return policy.admission == .everyone
                ? .everyone(warnings: policy.warnings.count) : .credentials(warnings: policy.warnings.count)
        } catch {
            #expect(
                error.description.contains(address.description) && error.description.contains("--insecure"))
            return .refused
        }
    }
}
