import HubModel

/// A place in the log, as it is typed: an offset, or a time in ISO 8601.
enum LogPlace: Equatable {
    case offset(UInt64)
    case time(Int64)

    init(_ text: String, option: String) throws(CommandFailure) {
        if let offset = UInt64(text) {
            self = .offset(offset)
        } else if let time = Timestamp(text: text) {
            self = .time(time.microseconds)
        } else {
            throw .usage(
                UsageError("--\(option) takes an offset or a time such as 2026-11-20T10:18, not \"\(text)\""))
        }
    }
}
