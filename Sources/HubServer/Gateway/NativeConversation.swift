import HubBytes
import HubConnection
import HubModel
import HubProtocols
import HubRouter

/// What is spoken on one WebSocket in the hub's own protocol.
final class NativeConversation: Guest {
    /// How far it has come.
    enum Phase {
        /// The agent has not said who it is.
        case silent
        /// It has, and the core does not know it yet: what it says meanwhile comes behind.
        case introduced
        /// The core knows it.
        case known
        /// It is over.
        case ended
    }

    let connection: HubConnection.ConnectionID
    var phase = Phase.silent
    /// Its seat, once it has said who it is.
    var seat: Seat?
    var identity: Identity?
    /// The token of the handshake, until it says hello.
    var bearer: String?
    /// What it is to sign.
    var challenge: Challenge?
    let challengeNumber: UInt64
    /// The session of what names none.
    var session = ""
    /// Whether it takes several frames in one array.
    var takesBatches = false
    /// The position that it knew, and the epoch that it was in.
    var epoch: Epoch?
    var known: Offset?
    /// What was to be held back or to go on, by the numbers of the questions.
    var pauses: [UInt64: (NativeScope, [UInt8])] = [:]
    var pending = PendingReplies()
    /// The topics of its subscriptions: of those that wait for their answer by number, of the others by consumer.
    var wantedTopics: [UInt64: [TopicPattern]] = [:]
    var topics: [String: [TopicPattern]] = [:]
    /// Whether it is not heard as too much of what it asked waits to be answered.
    var isHeld = false
    /// Frames that go out together.
    private var batch: FrameBatch?
    var replays: [NativeReplayPlayer] = []
    /// Lists of agents that were asked for and are not told yet.
    var listsAsked = 0
    private var helloAlarm: UInt64?

    init(_ connection: HubConnection.ConnectionID, bearer: String?, number: UInt64) {
        self.connection = connection
        self.bearer = bearer
        challengeNumber = number
    }

    /// The agent's id, once it has shown it.
    var agent: String { identity?.agent.text ?? "" }
    /// Its tenant.
    var tenant: String { identity?.tenant.text ?? "" }

    /// The WebSocket is open: the agent has a while to say who it is.
    func begin(_ desk: inout Desk, _ loop: inout EventLoop) {
        helloAlarm = desk.after(milliseconds: desk.hub.settings.helloMilliseconds, &loop) {
            [weak self] desk, web, loop in
            guard let self, self.phase == .silent else { return }
            let limit = desk.hub.settings.helloMilliseconds
            self.end(
                Refusal(.unauthorized, "no hello came within \(limit) ms; it is the first frame"), &desk,
                &web,
                &loop)
        }
    }

    /// The agent has said who it is.
    func introduced(_ desk: inout Desk) {
        if let helloAlarm { desk.cancel(helloAlarm) }
        helloAlarm = nil
        phase = .introduced
    }

    // MARK: What comes

    /// A message of the WebSocket: a frame, or an array of them.
    func received(
        _ kind: WebSocketMessageKind, _ text: RawSpan, _ desk: inout Desk, _ web: inout WebConnections,
        _ loop: inout EventLoop
    ) {
        guard phase != .ended else { return }
        guard kind == .text else {
            return say(
                Refusal(.badJSON, "frames are JSON in text messages; this one was binary"), to: RawSpan(),
                &desk,
                &web, &loop)
        }
        var reader = NativeReader(text, limits: desk.hub.frames)
        var goesOn = true
        while goesOn, phase != .ended {
            do throws(NativeFault) {
                guard let frame = try reader.next(&desk.intake.bytes) else { break }
                take(frame, &desk, &web, &loop)
            } catch {
                goesOn = error.canGoOn
                refuse(error.refusal, id: error.id, &desk, &web, &loop)
            }
        }
        flush(&desk, &web, &loop)
        holdIfNeeded(desk, &web, &loop)
    }

    /// Too many questions wait: it is heard again when half of them are answered.
    private func holdIfNeeded(
        _ desk: borrowing Desk, _ web: inout WebConnections, _ loop: inout EventLoop
    ) {
        guard !isHeld, pending.count >= desk.hub.settings.questionsMax else { return }
        isHeld = true
        web.pause(connection, &loop)
    }

    func hearAgain(_ desk: borrowing Desk, _ web: inout WebConnections, _ loop: inout EventLoop) {
        guard isHeld, pending.count < desk.hub.settings.questionsMax / 2 else { return }
        isHeld = false
        web.resume(connection, &loop)
    }

    // MARK: What goes

    /// Sends the frame that stands in the desk's scratch, or puts it with others.
    func send(_ desk: inout Desk, _ web: inout WebConnections, _ loop: inout EventLoop) {
        guard phase != .ended else { return }
        guard takesBatches else { return sendNow(desk.scratch.bytes, &web, &loop) }
        let frames = begunBatch(&desk)
        frames.bytes.append(desk.scratch.bytes)
        if frames.bytes.count > Self.batchBytes { flush(&desk, &web, &loop) }
    }

    /// Sends a frame that is written where it goes out from.
    func send(
        _ desk: inout Desk, _ web: inout WebConnections, _ loop: inout EventLoop,
        _ write: (inout ByteBuffer) -> Void
    ) {
        guard phase != .ended else { return }
        guard takesBatches else {
            desk.scratch.removeAll()
            write(&desk.scratch)
            return sendNow(desk.scratch.bytes, &web, &loop)
        }
        let frames = begunBatch(&desk)
        write(&frames.bytes)
        if frames.bytes.count > Self.batchBytes { flush(&desk, &web, &loop) }
    }

    /// The batch, up to where its next frame begins.
    private func begunBatch(_ desk: inout Desk) -> FrameBatch {
        if let batch {
            batch.bytes.append(UInt8(ascii: ","))
            return batch
        }
        let begun = desk.batches.take()
        begun.bytes.append(UInt8(ascii: "["))
        batch = begun
        return begun
    }

    private static let batchBytes = 64 << 10

    /// Sends what was put together.
    func flush(_ desk: inout Desk, _ web: inout WebConnections, _ loop: inout EventLoop) {
        guard let frames = batch else { return }
        batch = nil
        frames.bytes.append(UInt8(ascii: "]"))
        sendNow(frames.bytes.bytes, &web, &loop)
        desk.batches.giveBack(frames)
    }

    private func sendNow(_ text: RawSpan, _ web: inout WebConnections, _ loop: inout EventLoop) {
        // What does not fit is not left out: whoever is owed more than a connection holds gets it on the next one.
        if web.send(connection, .text, text, &loop) == .refused {
            "too much waits to be sent".withBytes {
                web.close(connection, .tryAgainLater, $0, &loop)
            }
        }
    }

    /// Says that something cannot be.
    func say(
        _ refusal: Refusal, to id: RawSpan, _ desk: inout Desk, _ web: inout WebConnections,
        _ loop: inout EventLoop
    ) {
        desk.scratch.removeAll()
        NativeWriter.error(refusal, re: id, details: RawSpan(), to: &desk.scratch)
        send(&desk, &web, &loop)
    }

    /// As `say`, to a frame whose id lies in what is being collected.
    func refuse(
        _ refusal: Refusal, id: Slice, _ desk: inout Desk, _ web: inout WebConnections,
        _ loop: inout EventLoop
    ) {
        desk.write(re: id) { NativeWriter.error(refusal, re: $0, details: RawSpan(), to: &$1) }
        send(&desk, &web, &loop)
    }

    /// Says why, and closes.
    func end(
        _ refusal: Refusal, _ desk: inout Desk, _ web: inout WebConnections, _ loop: inout EventLoop
    ) {
        say(refusal, to: RawSpan(), &desk, &web, &loop)
        flush(&desk, &web, &loop)
        phase = .ended
        refusal.description.withBytes { web.close(connection, refusal.code.closeCode, $0, &loop) }
    }

    // MARK: The end

    /// More waits to be sent than should, or no longer.
    func setFull(
        _ isFull: Bool, _ desk: inout Desk, _ web: inout WebConnections, _ loop: inout EventLoop
    ) {
        if let seat { desk.ask(seat, .full(isFull)) }
        if !isFull { for replay in replays { replay.goOn(self, &desk, &web, &loop) } }
    }

    /// The WebSocket is over.
    func ended(_ desk: inout Desk) {
        phase = .ended
        if let helloAlarm { desk.cancel(helloAlarm) }
        for replay in replays { replay.cancel(&desk) }
        replays = []
        guard let seat else { return }
        desk.hub.journal?.info(
            "an agent went",
            [
                "agent": LogValue(agent), "tenant": LogValue(tenant),
                "connection": LogValue("\(desk.loop).\(challengeNumber)"),
            ])
        self.seat = nil
        desk.ask(seat, .disconnect)
        desk.seats.leave(seat)
    }
}
