package import HubConnection

/// What one I/O loop counts beside the loop's own counters: its thread alone calls what counts; any thread reads.
package final class NetworkMetrics: MetricSource {
    /// What somebody showed to say who he is.
    package enum Credential: Int, CaseIterable, Sendable {
        case none, certificate, token, jwt, challenge
    }

    private let shard: MetricShard
    private let responses, tlsFailures, authentications: Int
    private let requestTime = Histogram(.httpRequestSeconds)

    private static let codesMax = 600
    private static let tlsPlaces = Dictionary(
        uniqueKeysWithValues: TLSFailure.Reason.allCases.enumerated().map { ($1, $0) })

    init() {
        var plan = MetricShard.Plan()
        responses = plan.cells(
            .httpResponses, count: Self.codesMax, hidesZeros: true,
            Dictionary(uniqueKeysWithValues: (100..<Self.codesMax).map { ($0, "\($0)") }))
        tlsFailures = plan.cells(.tlsFailures, TLSFailure.Reason.allCases.map(\.rawValue))
        var first: Int?
        for credential in Credential.allCases {
            for outcome in ["refused", "accepted"] {
                let cell = plan.cell(.authentications, "\(credential)", outcome)
                first = first ?? cell
            }
        }
        authentications = first ?? 0
        shard = MetricShard(plan)
    }

    /// A request to one of the hub's endpoints was answered.
    package func answered(status: UInt16, nanoseconds: UInt64) {
        let code = Int(status)
        if code < Self.codesMax { shard.cells.add(responses + code) }
        requestTime.observe(nanoseconds)
    }

    /// A connection's TLS failed.
    package func tlsFailed(_ reason: TLSFailure.Reason) {
        if let place = Self.tlsPlaces[reason] { shard.cells.add(tlsFailures + place) }
    }

    /// Somebody said who he is, and was believed or not.
    package func authenticated(by credential: Credential, isAccepted: Bool) {
        shard.cells.add(authentications + credential.rawValue * 2 + (isAccepted ? 1 : 0))
    }

    /// Tells all that was counted.
    package func contribute(to reading: inout MetricReading) {
        shard.contribute(to: &reading)
        requestTime.contribute(to: &reading)
    }
}
