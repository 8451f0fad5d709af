/// Decides, by the times it is told, when to ask a silent peer for a sign of life and when to give up.
struct KeepAlive {
    private let pingAfter: UInt64
    private let pongWithin: UInt64
    private var heardAt: UInt64
    private var askedAt: UInt64?

    /// What is to be done.
    enum Verdict: Equatable {
        case nothing
        case ask
        case giveUp
    }

    /// Nobody is asked if `pingAfter` is 0.
    init(pingAfter: UInt64, pongWithin: UInt64, now: UInt64) {
        self.pingAfter = pingAfter
        self.pongWithin = pongWithin
        heardAt = now
    }

    /// Something came from the peer: any byte shows that it is there.
    @inline(__always)
    mutating func heard(at now: UInt64) {
        heardAt = now
        askedAt = nil
    }

    /// When `verdict` will say something else than nothing, unless something is heard.
    var deadline: UInt64? {
        guard pingAfter > 0 else { return nil }
        return askedAt.map { sum($0, pongWithin) } ?? sum(heardAt, pingAfter)
    }

    /// What is to be done at a time; whoever is told to ask has asked.
    mutating func verdict(at now: UInt64) -> Verdict {
        guard let deadline, now >= deadline else { return .nothing }
        guard askedAt == nil else { return .giveUp }
        askedAt = now
        return .ask
    }

    private func sum(_ time: UInt64, _ span: UInt64) -> UInt64 {
        let (sum, isTooLarge) = time.addingReportingOverflow(span)
        return isTooLarge ? .max : sum
    }
}
