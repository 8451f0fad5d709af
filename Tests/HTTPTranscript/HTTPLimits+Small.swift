package import HubProtocols

extension HTTPLimits {
    /// So small that samples, and inputs of the length that a fuzzer makes, exceed each of them.
    package static let small: HTTPLimits = {
        var limits = HTTPLimits()
        limits.firstLineBytesMax = 60
        limits.fieldBytesMax = 200
        limits.fieldsMax = 6
        limits.contentBytesMax = 100
        limits.chunkExtensionBytesMax = 20
        limits.trailerBytesMax = 60
        limits.trailersMax = 2
        limits.interimResponsesMax = 2
        return limits
    }()
}
