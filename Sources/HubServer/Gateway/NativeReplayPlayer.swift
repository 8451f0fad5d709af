import HubBytes
import HubConnection
import HubModel
import HubProtocols
import HubStorage

/// A replay on a connection: pages are read one at a time, and messages go out as fast as the connection takes them,
/// or as fast as they once came, or so many times as fast.
final class NativeReplayPlayer {
    /// What is replayed.
    enum Source: Sendable {
        case session(String)
        case topics([TopicPattern])
    }

    let id: [UInt8]
    private let source: Source
    private let identity: Identity
    private let request: NativeReplay
    /// Messages that may still be sent.
    private var rest: Int
    private var page: MessagePage?
    private var place = 0
    private(set) var sent = 0
    /// Where another replay would go on.
    private(set) var following = Offset.zero
    private var next: LogQuery?
    private var hasBegun = false
    private var isReading = false
    private var alarm: UInt64?
    /// The time of the first message, and of the loop when it went out.
    private var origin: (message: Timestamp, loop: Int64)?
    private(set) var isOver = false

    init(_ request: NativeReplay, id: [UInt8], _ source: Source, _ identity: Identity) {
        self.request = request
        self.id = id
        self.source = source
        self.identity = identity
        rest = request.limit ?? Int.max
        if case .offset(let offset) = request.from { following = offset }
    }

    /// Sends what can be sent, and has the next page read when it is needed.
    func goOn(
        _ conversation: NativeConversation, _ desk: inout Desk, _ web: inout WebConnections,
        _ loop: inout EventLoop
    ) {
        guard !isOver, !isReading, alarm == nil else { return }
        while page != nil {
            guard loop.waitingBytes(conversation.connection) < loop.settings.outboundHighWater else {
                return conversation.flush(&desk, &web, &loop)
            }
            guard sendNext(conversation, &desk, &web, &loop) else { break }
        }
        conversation.flush(&desk, &web, &loop)
        guard !isOver, alarm == nil, page == nil else { return }
        if rest == 0 || hasBegun && next == nil { return finish(conversation, &desk, &web, &loop) }
        read(conversation, &desk, &web, &loop)
    }

    /// Sends the next message of the page; false if it is not its time, or there is none.
    private func sendNext(
        _ conversation: NativeConversation, _ desk: inout Desk, _ web: inout WebConnections,
        _ loop: inout EventLoop
    ) -> Bool {
        guard let count = page?.messages.count, place < count, rest > 0 else {
            tellGaps(conversation, &desk, &web, &loop)
            page = nil
            return false
        }
        guard let message = page?.messages[place] else { return false }
        let time = message.time
        if let wait = wait(for: time, loop.now), wait > 0 {
            alarm = desk.after(milliseconds: wait, &loop) { [weak conversation, weak self] desk, web, loop in
                guard let conversation, let self else { return }
                self.alarm = nil
                self.goOn(conversation, &desk, &web, &loop)
            }
            return false
        }
        desk.scratch.removeAll()
        write(&desk.scratch)
        following = message.offset.next
        place += 1
        sent += 1
        rest -= 1
        conversation.send(&desk, &web, &loop)
        return true
    }

    private func write(_ text: inout ByteBuffer) {
        id.withBytes { id in
            switch page {
            case .some(let page):
                NativeWriter.delivery(
                    page.messages[place], in: page.bytes.bytes, consumer: RawSpan(), attempt: 1, replay: id,
                    to: &text)
            case .none: break
            }
        }
    }

    /// How long until a message's turn, in milliseconds; nil for a replay that goes as fast as it can.
    private func wait(for time: Timestamp, _ now: Int64) -> Int64? {
        guard case .times(let factor) = request.speed else { return nil }
        guard let origin else {
            origin = (time, now)
            return 0
        }
        let elapsed = Double(time.microseconds - origin.message.microseconds) / 1000 / factor
        let due = origin.loop + Int64(min(max(0, elapsed), 1e12))
        return due - now
    }

    private func tellGaps(
        _ conversation: NativeConversation, _ desk: inout Desk, _ web: inout WebConnections,
        _ loop: inout EventLoop
    ) {
        let gaps =
            switch page {
            case .some(let page): page.gaps
            case .none: [Gap]()
            }
        for gap in gaps {
            desk.scratch.removeAll()
            id.withBytes { NativeWriter.gap(NativeGap(.replay, gap), name: $0, to: &desk.scratch) }
            conversation.send(&desk, &web, &loop)
        }
    }

    // MARK: Reading

    private func read(
        _ conversation: NativeConversation, _ desk: inout Desk, _ web: inout WebConnections,
        _ loop: inout EventLoop
    ) {
        isReading = true
        let (request, source, identity, next) = (request, source, identity, next)
        let (links, loopNumber, connection) = (desk.hub.links, desk.loop, conversation.connection)
        let id = id
        let isAsked = desk.hub.library.perform { reader in
            let outcome = ReplayPage.read(reader, next, request, source, identity)
            links.tell(loop: loopNumber) { gateway, web, loop in
                guard let conversation = gateway.conversation(connection) else { return }
                let player = conversation.replays.first { $0.id == id }
                player?.take(outcome, conversation, &gateway.desk, &web, &loop)
            }
        }
        guard !isAsked else { return }
        fail(
            Refusal(
                .limitReached, "too many replays are being read; try again", retryAfterMilliseconds: 1000),
            conversation, &desk, &web, &loop)
    }

    private func take(
        _ outcome: ReplayPage, _ conversation: NativeConversation, _ desk: inout Desk,
        _ web: inout WebConnections, _ loop: inout EventLoop
    ) {
        isReading = false
        guard !isOver else { return }
        if let refusal = outcome.refusal { return fail(refusal, conversation, &desk, &web, &loop) }
        hasBegun = true
        page = outcome.parcel?.open()
        place = 0
        switch page {
        case .some(let page): next = page.next
        case .none: next = nil
        }
        goOn(conversation, &desk, &web, &loop)
    }

    // MARK: The end

    private func finish(
        _ conversation: NativeConversation, _ desk: inout Desk, _ web: inout WebConnections,
        _ loop: inout EventLoop
    ) {
        isOver = true
        conversation.replays.removeAll { $0 === self }
        desk.scratch.removeAll()
        let (count, end) = (sent, rest == 0 ? NativeReplayEnd.limit : .complete)
        let next = following
        id.withBytes {
            NativeWriter.replayEnd(re: $0, sent: count, end, next: next, to: &desk.scratch)
        }
        conversation.send(&desk, &web, &loop)
        conversation.flush(&desk, &web, &loop)
    }

    private func fail(
        _ refusal: Refusal, _ conversation: NativeConversation, _ desk: inout Desk,
        _ web: inout WebConnections, _ loop: inout EventLoop
    ) {
        isOver = true
        conversation.replays.removeAll { $0 === self }
        id.withBytes { conversation.say(refusal, to: $0, &desk, &web, &loop) }
        conversation.flush(&desk, &web, &loop)
    }

    /// Rights have changed: what may not be read any more ends. Whether the agent is a party of a session was found out
    /// when the replay began; who has no other right to it asks again, and it is found out again.
    func recheck(
        _ identity: Identity, _ conversation: NativeConversation, _ desk: inout Desk,
        _ web: inout WebConnections, _ loop: inout EventLoop
    ) {
        let refusal: Refusal? =
            switch source {
            case .topics(let topics):
                topics.first { !identity.rights.maySubscribe($0) }.map { identity.refusesSubscribe($0.text) }
            case .session(let name):
                name.withBytes { identity.rights.mayReplay(session: $0, isParty: false) }
                    ? nil : identity.refusesSession(name)
            }
        guard let refusal else { return }
        if let alarm { desk.cancel(alarm) }
        alarm = nil
        page = nil
        fail(refusal, conversation, &desk, &web, &loop)
    }

    /// Nobody wants it any more.
    func cancel(_ desk: inout Desk) {
        isOver = true
        if let alarm { desk.cancel(alarm) }
        alarm = nil
        page = nil
    }
}
