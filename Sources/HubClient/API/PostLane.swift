/// Where the receipts of posted messages go: a way to publish without a task that waits for each message.
///
/// ```swift
/// let lane = client.lane { outcomes in
///     for outcome in outcomes { … }
/// }
/// try client.post(topic: "ticks", "1", on: lane, tag: 7)
/// ```
public final class PostLane: Sendable {
    let handler: @Sendable ([PostOutcome]) -> Void

    /// A lane whose handler gets what came in one turn. It is called on the client's thread: it should hand on what it
    /// gets and return.
    public init(_ handler: @escaping @Sendable ([PostOutcome]) -> Void) { self.handler = handler }
}
