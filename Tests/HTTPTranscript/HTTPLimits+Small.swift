package import HubProtocols

extension HTTPLimits {
    /// So small that inputs of the length that a fuzzer makes reach all of them.
    package static let small: HTTPLimits = {
        var limits = HTTPLimits()
        limits.firstLineBytesMax = 80
        limits.fieldBytesMax = 240
        limits.fieldsMax = 8
        limits.contentBytesMax = 100
        limits.chunkExtensionBytesMax = 12
        limits.trailerBytesMax = 40
        limits.trailersMax = 2
        limits.interimResponsesMax = 2
        return limits
    }()
}
