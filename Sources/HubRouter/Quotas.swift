package import HubModel
import HubTiming

/// How much of the hub each agent and each tenant has used, and how much more it may.
struct Quotas {
    private struct Buckets {
        var messages: TokenBucket
        var bytes: TokenBucket
    }

    private let agents: Quota
    private let tenants: Quota
    private var ofTenant: [NameID: Quota] = [:]
    private var agentBuckets: [NameID: Buckets] = [:]
    private var tenantBuckets: [NameID: Buckets] = [:]
    private var stored: [NameID: Int64] = [:]
    /// Whether anything is limited at all; if not, a message costs nothing here.
    private(set) var isLimited: Bool

    /// Agents whose use is remembered at most; those that rested longest are forgotten, and begin with a full bucket.
    private static let agentsMax = 100_000

    init(agents: Quota, tenants: Quota) {
        self.agents = agents
        self.tenants = tenants
        isLimited = agents != Quota() || tenants != Quota()
    }

    /// A tenant has a quota of its own.
    mutating func set(_ quota: Quota, for tenant: NameID) {
        ofTenant[tenant] = quota
        tenantBuckets[tenant] = nil
        isLimited = isLimited || quota != Quota()
    }

    /// What the log holds of a tenant.
    mutating func setStored(_ bytes: Int64, of tenant: NameID) { stored[tenant] = bytes }

    func quota(of tenant: NameID) -> Quota { ofTenant[tenant] ?? tenants }

    /// Takes a message out of what its sender and its tenant may send; refuses it, and takes nothing, if that is used up.
    mutating func take(_ bytes: Int, _ sender: LiveConnection, now: Timestamp) throws(Refusal) {
        guard isLimited else { return }
        let tenant = quota(of: sender.tenant)
        if tenant.storedBytes > 0, stored[sender.tenant, default: 0] >= tenant.storedBytes {
            throw Refusal(
                .limitReached, "the tenant has \(tenant.storedBytes) bytes in the log, as many as it may")
        }
        let milliseconds = now.microseconds / 1000
        var own = agentBuckets[sender.agent] ?? Self.buckets(agents, milliseconds)
        var shared = tenantBuckets[sender.tenant] ?? Self.buckets(tenant, milliseconds)
        try Self.take(bytes, agents, &own, "agent", milliseconds)
        try Self.take(bytes, tenant, &shared, "tenant", milliseconds)
        if agentBuckets.count >= Self.agentsMax { forgetRested(milliseconds) }
        agentBuckets[sender.agent] = own
        tenantBuckets[sender.tenant] = shared
    }

    private static func buckets(_ quota: Quota, _ now: Int64) -> Buckets {
        Buckets(
            messages: TokenBucket(
                perSecond: quota.messagesPerSecond, burst: quota.messagesPerSecond, nowMilliseconds: now),
            bytes: TokenBucket(
                perSecond: quota.bytesPerSecond, burst: quota.bytesPerSecond, nowMilliseconds: now))
    }

    private static func take(
        _ bytes: Int, _ quota: Quota, _ buckets: inout Buckets, _ whose: String, _ now: Int64
    ) throws(Refusal) {
        if quota.messagesPerSecond > 0, let wait = buckets.messages.take(1, nowMilliseconds: now) {
            throw Refusal(
                .rateLimited, "the \(whose) may send \(quota.messagesPerSecond) messages a second",
                retryAfterMilliseconds: Int(clamping: wait))
        }
        if quota.bytesPerSecond > 0, let wait = buckets.bytes.take(Int64(bytes), nowMilliseconds: now) {
            throw Refusal(
                .rateLimited, "the \(whose) may send \(quota.bytesPerSecond) bytes a second",
                retryAfterMilliseconds: Int(clamping: wait))
        }
    }

    private mutating func forgetRested(_ now: Int64) {
        agentBuckets = agentBuckets.filter { entry in
            var buckets = entry.value
            return buckets.messages.available(nowMilliseconds: now) < agents.messagesPerSecond
                || buckets.bytes.available(nowMilliseconds: now) < agents.bytesPerSecond
        }
        // All of them busy: the memory is bounded all the same.
        if agentBuckets.count >= Self.agentsMax { agentBuckets.removeAll(keepingCapacity: true) }
    }

    /// Names with higher numbers are no more.
    mutating func forget(above known: Int) {
        agentBuckets = agentBuckets.filter { $0.key.rawValue <= known }
        tenantBuckets = tenantBuckets.filter { $0.key.rawValue <= known }
        ofTenant = ofTenant.filter { $0.key.rawValue <= known }
        stored = stored.filter { $0.key.rawValue <= known }
    }

    // MARK: Things that are counted

    /// Whether an agent and its tenant may have one more session.
    func checkSessions(_ opener: LiveConnection, own: Int, tenants: Int) throws(Refusal) {
        try Self.check(own, agents.sessions, "the agent has", "open sessions; close one first")
        try Self.check(
            tenants, quota(of: opener.tenant).sessions, "the tenant has", "open sessions; close one first")
    }

    /// Whether an agent may be a member of one more consumer, and its tenant have one more.
    func checkConsumers(_ member: LiveConnection, own: Int, tenants: Int) throws(Refusal) {
        try Self.check(own, agents.consumers, "the agent has", "subscriptions; end one first")
        try Self.check(
            tenants, quota(of: member.tenant).consumers, "the tenant has", "consumers; delete one first")
    }

    private static func check(_ count: Int, _ most: Int, _ whose: String, _ what: String) throws(Refusal) {
        guard most > 0, count >= most else { return }
        throw Refusal(.limitReached, "\(whose) \(count) \(what)")
    }
}

extension Router {
    /// A tenant has a quota of its own from now on.
    package mutating func setQuota(_ quota: Quota, tenant: NameID) { quotas.set(quota, for: tenant) }

    /// What the log holds of a tenant, as whoever reads it says now and then.
    package mutating func setStored(_ bytes: Int64, tenant: NameID) { quotas.setStored(bytes, of: tenant) }
}
