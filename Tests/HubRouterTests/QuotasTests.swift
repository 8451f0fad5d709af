import HubModel
import Testing

@testable import HubRouter

/// How much each agent and each tenant may use.
@Suite struct QuotasTests {
    private static let tenant = NameID(1)
    private static let start = Timestamp(microseconds: 1_700_000_000_000_000)

    private func connection(_ agent: UInt32, tenant: NameID = tenant) -> LiveConnection {
        LiveConnection(
            ConnectionID(index: agent, generation: 0), agent: NameID(agent), tenant: tenant, .visitor,
            now: Self.start)
    }

    private func quota(_ change: (inout Quota) -> Void) -> Quota {
        var quota = Quota()
        change(&quota)
        return quota
    }

    /// Why a message is not taken; nil if it is.
    private func take(
        _ bytes: Int, _ agent: UInt32, _ quotas: inout Quotas, tenant: NameID = tenant,
        after milliseconds: Int64 = 0
    ) -> Refusal? {
        do {
            try quotas.take(
                bytes, connection(agent, tenant: tenant), now: Self.start.adding(milliseconds: milliseconds))
            return nil
        } catch { return error }
    }

    @Test func `Without a quota everything is taken`() {
        var quotas = Quotas(agents: Quota(), tenants: Quota())
        for _ in 0..<1000 { #expect(take(1 << 30, 30, &quotas) == nil) }
    }

    @Test func `An agent that sent its share is told to wait, another one is not`() {
        var quotas = Quotas(agents: quota { $0.messagesPerSecond = 10 }, tenants: Quota())
        for _ in 0..<10 { #expect(take(1, 30, &quotas) == nil) }
        let refusal = take(1, 30, &quotas)
        #expect(refusal?.code == .rateLimited && refusal?.retryAfterMilliseconds == 100)
        #expect(take(1, 31, &quotas) == nil)
        #expect(take(1, 30, &quotas, after: 99) != nil)
        #expect(take(1, 30, &quotas, after: 100) == nil)
        #expect(take(1, 30, &quotas, after: 100) != nil)
    }

    @Test func `What a tenant may send its agents share`() {
        var quotas = Quotas(agents: Quota(), tenants: quota { $0.bytesPerSecond = 100 })
        #expect(take(60, 30, &quotas) == nil)
        #expect(take(60, 31, &quotas)?.retryAfterMilliseconds == 200)
        #expect(take(40, 32, &quotas) == nil)
        #expect(take(60, 33, &quotas, tenant: NameID(2)) == nil)
    }

    @Test func `A message that is refused takes nothing from anyone`() {
        var quotas = Quotas(
            agents: quota { $0.messagesPerSecond = 3 }, tenants: quota { $0.bytesPerSecond = 100 })
        #expect(take(100, 31, &quotas) == nil)
        for _ in 0..<10 { #expect(take(50, 30, &quotas)?.code == .rateLimited) }
        // All three messages of the second are still there.
        for _ in 0..<3 { #expect(take(0, 30, &quotas) == nil) }
        #expect(take(0, 30, &quotas)?.code == .rateLimited)
    }

    @Test func `A tenant may have a quota of its own`() {
        var quotas = Quotas(agents: Quota(), tenants: Quota())
        quotas.set(quota { $0.messagesPerSecond = 1 }, for: NameID(2))
        #expect(
            quotas.quota(of: NameID(2)).messagesPerSecond == 1 && quotas.quota(of: Self.tenant) == Quota())
        #expect(
            take(1, 33, &quotas, tenant: NameID(2)) == nil && take(1, 33, &quotas, tenant: NameID(2)) != nil)
        for _ in 0..<10 { #expect(take(1, 30, &quotas) == nil) }
        quotas.set(quota { $0.messagesPerSecond = 5 }, for: NameID(2))
        #expect(take(1, 33, &quotas, tenant: NameID(2)) == nil)
    }

    @Test func `A tenant that has as much in the log as it may is refused until it has less`() {
        var quotas = Quotas(agents: Quota(), tenants: quota { $0.storedBytes = 1000 })
        #expect(take(1 << 20, 30, &quotas) == nil)
        for (stored, isTaken) in [(Int64(999), true), (1000, false), (5000, false), (0, true)] {
            quotas.setStored(stored, of: Self.tenant)
            let refusal = take(1, 30, &quotas)
            #expect((refusal == nil) == isTaken && (isTaken || refusal?.code == .limitReached))
        }
    }

    @Test func `A name that is no more leaves nothing to the next of its number`() {
        var quotas = Quotas(
            agents: quota { $0.messagesPerSecond = 1 }, tenants: quota { $0.storedBytes = 10 })
        #expect(take(1, 30, &quotas) == nil && take(1, 29, &quotas) == nil)
        quotas.set(quota { $0.messagesPerSecond = 7 }, for: NameID(35))
        quotas.setStored(10, of: NameID(36))
        quotas.forget(above: 29)
        #expect(take(1, 30, &quotas) == nil && take(1, 29, &quotas) != nil)
        #expect(quotas.quota(of: NameID(35)).messagesPerSecond == 0)
        #expect(take(1, 28, &quotas, tenant: NameID(36)) == nil)
    }

    @Test func `Sessions and consumers are counted for the agent and for its tenant`() {
        let agents = quota { ($0.sessions, $0.consumers) = (2, 3) }
        let quotas = Quotas(agents: agents, tenants: quota { ($0.sessions, $0.consumers) = (10, 20) })
        func refusal(_ body: () throws(Refusal) -> Void) -> RefusalCode? {
            do {
                try body()
                return nil
            } catch { return error.code }
        }
        for (own, tenants, expected) in [
            (1, 9, nil), (2, 9, RefusalCode.limitReached), (1, 10, .limitReached), (99, 99, .limitReached),
            (0, 0, nil),
        ] {
            #expect(
                refusal { () throws(Refusal) in
                    try quotas.checkSessions(connection(30), own: own, tenants: tenants)
                }
                    == expected)
        }
        for (own, tenants, expected) in [
            (2, 19, nil), (3, 0, RefusalCode.limitReached), (0, 20, .limitReached),
        ] {
            #expect(
                refusal { () throws(Refusal) in
                    try quotas.checkConsumers(connection(30), own: own, tenants: tenants)
                }
                    == expected)
        }
        let free = Quotas(agents: Quota(), tenants: Quota())
        #expect(
            refusal { () throws(Refusal) in
                try free.checkSessions(connection(30), own: 1 << 40, tenants: 1 << 40)
                try free.checkConsumers(connection(30), own: 1 << 40, tenants: 1 << 40)
            } == nil)
    }
}
