import HubBytes
package import HubModel

/// What a consumer is given.
package enum ConsumerFilter: Sendable, Equatable {
    /// Messages to the topics of its tenant that match one of the patterns.
    case topics([TopicPattern])
    /// Messages and commands to one agent.
    case inbox(NameID)

    /// Whose inbox it is, if it is one.
    var inbox: NameID? {
        switch self {
        case .inbox(let agent): agent
        case .topics: nil
        }
    }
}

/// The payload of a `consumerSet` record: a consumer that comes to be, or whose settings change.
struct ConsumerRecord: Equatable {
    var filter: ConsumerFilter
    var settings: ConsumerSettings
    /// Where it begins if it is new.
    var start: ConsumerStart

    private static let version: UInt64 = 1
    static let patternsMax = 256

    func pack(_ packer: inout NumberPacker) {
        packer.put(Self.version)
        switch start {
        case .new: packer.put(0)
        case .last: packer.put(1)
        case .offset(let offset): packer.put(min(offset, .end).rawValue + 2)
        }
        packer.put(UInt64(settings.acknowledgement.rawValue))
        packer.put(UInt64(settings.inFlightMax))
        packer.put(UInt64(settings.ackWaitMilliseconds))
        packer.put(UInt64(settings.deliveriesMax))
        packer.put(UInt64(settings.backoffInitialMilliseconds))
        packer.put(UInt64(settings.backoffFactorThousandths))
        packer.put(UInt64(settings.backoffMaxMilliseconds))
        packer.put(UInt64(settings.backoffJitterPercent))
        packer.put((settings.isSticky ? 1 : 0) | (settings.isShared ? 2 : 0))
        switch filter {
        case .inbox(let agent):
            packer.put(0)
            packer.put(UInt64(agent.rawValue))
        case .topics(let patterns):
            packer.put(UInt64(patterns.count))
            for pattern in patterns { pattern.text.withBytes { packer.put($0) } }
        }
    }

    /// What was packed; nil if the bytes are something else.
    init?(_ payload: RawSpan) {
        var reader = NumberReader(payload)
        guard reader.next() == Self.version else { return nil }
        self.start =
            switch reader.next() {
            case 0: .new
            case 1: .last
            case let start: .offset(min(Offset(start - 2), .end))
            }
        guard let settings = Self.settings(&reader), let filter = Self.filter(&reader), reader.isAtEnd,
            !reader.hasFailed
        else { return nil }
        self.settings = settings
        self.filter = filter
    }

    init(filter: ConsumerFilter, settings: ConsumerSettings, start: ConsumerStart) {
        self.filter = filter
        self.settings = settings
        self.start = start
    }

    private static func settings(_ reader: inout NumberReader) -> ConsumerSettings? {
        var settings = ConsumerSettings()
        guard
            let acknowledgement = ConsumerSettings.Acknowledgement(
                rawValue: UInt8(truncatingIfNeeded: reader.next()))
        else { return nil }
        settings.acknowledgement = acknowledgement
        settings.inFlightMax = Int(clamping: reader.next())
        settings.ackWaitMilliseconds = Int64(clamping: reader.next())
        settings.deliveriesMax = Int(clamping: reader.next())
        settings.backoffInitialMilliseconds = Int64(clamping: reader.next())
        settings.backoffFactorThousandths = Int(clamping: reader.next())
        settings.backoffMaxMilliseconds = Int64(clamping: reader.next())
        settings.backoffJitterPercent = Int(clamping: reader.next())
        let manners = reader.next()
        settings.isSticky = manners & 1 != 0
        settings.isShared = manners & 2 != 0
        return settings.objection == nil ? settings : nil
    }

    private static func filter(_ reader: inout NumberReader) -> ConsumerFilter? {
        let count = reader.next()
        if count == 0 { return .inbox(NameID(UInt32(truncatingIfNeeded: reader.next()))) }
        guard count <= UInt64(patternsMax) else { return nil }
        var patterns: [TopicPattern] = []
        for _ in 0..<count {
            guard let pattern = try? TopicPattern(reader.nextBytes().text) else { return nil }
            patterns.append(pattern)
        }
        return .topics(patterns)
    }
}
