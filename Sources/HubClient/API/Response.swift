/// The answer to a command.
public struct Response: Sendable {
    /// `completed`, `failed`, or what else the one who answered calls it; `failed` too if the hub answered in its place.
    public var status: String
    /// What came of it: a JSON value as text; empty if nothing did.
    public var json: String
    /// Why it was not carried out; nil if that was not said.
    public var error: String?
    /// Who answered; empty if it was the hub.
    public var from: String
    /// The hub's own end of the command: nobody answered in time, or it could not be delivered. `error` has the word for it.
    public var isFromHub: Bool

    /// Whether the command was carried out.
    public var isCompleted: Bool { !isFromHub && status == "completed" }
}
