package import HubModel

/// Something that an agent wants routed, whatever protocol it speaks. Its texts lie in the buffer that travels along.
package struct Publication: Sendable, BitwiseCopyable {
    /// Whom it is for.
    package enum Target: UInt8, Sendable, BitwiseCopyable {
        /// Everyone who wants the topic.
        case topic
        /// One agent.
        case agent
        /// For an answer: whoever asked. For a status: whoever wants to know.
        case implied
    }

    /// A message, a command, an answer or a status.
    package var kind: MessageKind
    /// What `name` names.
    package var target = Target.implied
    /// Which protocol its sender speaks; 0 is the native one.
    package var dialect: UInt8 = 0
    /// The last value of its topic.
    package var isRetained = false
    /// The payload is bytes and not JSON.
    package var isBinary = false
    /// When its sender wants to hear of it.
    package var durability = Durability.fsynced
    /// When it loses its value, in milliseconds from now: of a command, when its answer is due. Nil for the default.
    package var lifeMilliseconds: Int64?
    /// The topic or the agent.
    package var name = Slice.empty
    /// The session that it is to belong to; empty for the default one.
    package var session = Slice.empty
    /// The id that its sender gave it.
    package var id = Slice.empty
    /// What ties an answer to its question.
    package var correlation = Slice.empty
    /// What brought it about.
    package var cause = Slice.empty
    /// The trace that it is part of.
    package var trace = Slice.empty
    /// What a dialect keeps beside the payload.
    package var annotations = Slice.empty
    /// The payload.
    package var payload = Slice.empty

    /// One of a kind.
    package init(_ kind: MessageKind) { self.kind = kind }
}
