import HubBytes
import HubConnection
import HubModel
import HubProtocols
import HubServer
import HubSystem
import Synchronization

/// The scripted hub's side of the protocol.
struct HubApplication: WebApplication, ~Copyable {
    typealias Message = ScriptedMessage

    struct Peer {
        let id: ConnectionID
        let number: Int
        var agent = ""
        var isPaused = false
        var watches = false
    }

    var script: Script
    let diary: HubDiary
    var hub = ModelHub()
    var peers: [ConnectionID: Peer] = [:]
    var nextNumber = 0
    var taken = 0
    /// Frames for the connection that is being read.
    var answers = ByteBuffer(capacity: 4096)
    var answerCount = 0
    var texts = ByteBuffer(capacity: 4096)
    var frame = ByteBuffer(capacity: 4096)
    var wantsCut = false

    init(_ script: Script, _ diary: HubDiary) {
        self.script = script
        self.diary = diary
    }

    mutating func upgrade(
        _ connection: ConnectionID, _ request: HTTPRequestView, _ web: inout WebConnections
    ) -> WebUpgrade {
        request.path.text == "/hub"
            ? .accept(subprotocols: ["agenthub.v1"]) : .refuse(.notFound, "no hub here")
    }

    mutating func opened(
        _ connection: ConnectionID, subprotocol: String?, _ web: inout WebConnections, _ loop: inout EventLoop
    ) {
        nextNumber += 1
        peers[connection] = Peer(id: connection, number: nextNumber)
    }

    mutating func message(
        _ connection: ConnectionID, _ kind: WebSocketMessageKind, _ payload: RawSpan,
        _ web: inout WebConnections,
        _ loop: inout EventLoop
    ) {
        guard peers[connection] != nil else { return }
        answers.removeAll()
        NativeWriter.beginBatch(&answers)
        answerCount = 0
        wantsCut = false
        texts.removeAll()
        var frames = 0
        var found: [NativeFrame] = []
        var limits = NativeLimits()
        limits.payloadBytesMax = script.payloadBytesMax
        do throws(NativeFault) {
            var reader = NativeReader(payload, limits: limits)
            while let frame = try reader.next(&texts) {
                frames += 1
                if script.isEcho { echo(frame) } else { found.append(frame) }
            }
        } catch {
            refuse(error.refusal, re: error.id)
        }
        for frame in found {
            act(on: frame, connection, &web, &loop)
            if wantsCut { break }
        }
        if !script.isEcho || frames != answerCount {
            diary.notes.withLock {
                $0.frames += frames
                $0.texts += 1
            }
        }
        flush(connection, &web, &loop)
        if wantsCut { return cut(connection, &web, &loop) }
        if !script.isEcho { giveAll(&web, &loop) }
    }

    // MARK: Answers

    mutating func answer(_ write: (inout ByteBuffer) -> Void) {
        if answerCount > 0 { NativeWriter.separate(&answers) }
        write(&answers)
        answerCount += 1
    }

    mutating func flush(
        _ connection: ConnectionID, _ web: inout WebConnections, _ loop: inout EventLoop
    ) {
        guard answerCount > 0 else { return }
        NativeWriter.endBatch(&answers)
        web.send(connection, .text, answers.bytes, &loop)
        answerCount = 0
    }

    mutating func refuse(_ refusal: Refusal, re: Slice) {
        if answerCount > 0 { NativeWriter.separate(&answers) }
        Self.write(refusal, re, texts, &answers)
        answerCount += 1
    }

    static func write(
        _ refusal: Refusal, _ re: Slice, _ texts: borrowing ByteBuffer, _ answers: inout ByteBuffer
    ) { NativeWriter.error(refusal, re: re.of(texts.bytes), details: RawSpan(), to: &answers) }

    mutating func echo(_ frame: NativeFrame) {
        switch frame {
        case .publication(let publication):
            taken += 1
            if answerCount > 0 { NativeWriter.separate(&answers) }
            Self.receipt(publication.id, taken, UInt64(taken), false, texts, &answers)
            answerCount += 1
        case .hello(let hello): welcome(hello)
        default: break
        }
    }

    static func receipt(
        _ id: Slice, _ offset: Int, _ sequence: UInt64, _ isDuplicate: Bool, _ texts: borrowing ByteBuffer,
        _ answers: inout ByteBuffer
    ) {
        var receipt = NativeReceipt(
            sequence: SequenceNumber(sequence), offset: Offset(UInt64(offset)), durability: .fsynced)
        receipt.isDuplicate = isDuplicate
        let re = id.of(texts.bytes)
        "topic:t".withBytes { NativeWriter.receipt(receipt, re: re, session: $0, to: &answers) }
    }

    mutating func welcome(_ hello: NativeHello) {
        diary.notes.withLock { $0.hellos.append(hello) }
        let welcome = NativeWelcome(
            agent: hello.agent ?? "", hub: "scripted", version: "0", epoch: Epoch(hub.epoch) ?? .random(),
            head: Offset(UInt64(hub.log.count)), heartbeatSeconds: script.heartbeatSeconds,
            messageBytesMax: script.payloadBytesMax, batchFramesMax: 1024)
        answer { NativeWriter.welcome(welcome, re: RawSpan(), to: &$0) }
    }

    // MARK: Frames

    mutating func act(
        on frame: NativeFrame, _ connection: ConnectionID, _ web: inout WebConnections,
        _ loop: inout EventLoop
    ) {
        guard let number = peers[connection]?.number else { return }
        switch frame {
        case .hello(let hello): greet(hello, connection, &web, &loop)
        case .publication(let publication): take(publication, connection)
        case .subscribe(let wanted): serve(wanted, number)
        case .settlement(let settlement): settle(settlement)
        case .unsubscribe(let id, let consumer, let delete):
            let name = text(consumer)
            hub.unsubscribe(name, delete: delete)
            let re = bytes(id)
            answer { buffer in
                re.withBytes { re in
                    name.withBytes { NativeWriter.unsubscribed(re: re, consumer: $0, to: &buffer) }
                }
            }
        case .heartbeat: diary.notes.withLock { $0.beats += 1 }
        case .replay(let replay): show(replay, connection, &web, &loop)
        case .pause(let id, let scope):
            peers[connection]?.isPaused = true
            let (re, all) = (bytes(id), bytes(Slice(start: 0, count: UInt32(texts.count))))
            answer { buffer in
                re.withBytes { re in all.withBytes { NativeWriter.paused(scope, in: $0, re: re, to: &buffer) }
                }
            }
        case .resume(let id, let scope):
            peers[connection]?.isPaused = false
            let (re, all) = (bytes(id), bytes(Slice(start: 0, count: UInt32(texts.count))))
            answer { buffer in
                re.withBytes { re in
                    all.withBytes { NativeWriter.resumed(scope, in: $0, re: re, to: &buffer) }
                }
            }
        case .agents(let id, _), .presence(let id, _, _): list(bytes(id))
        case .session(let step):
            let name = text(step.session)
            let taken = hub.publish(
                id: text(step.id), from: peers[connection]?.agent ?? "", topic: "$session", data: [],
                session: name)
            receipt(bytes(step.id), taken)
        case .cancel, .ping: break
        }
    }

    func text(_ slice: Slice) -> String { slice.of(texts.bytes).text }
    func bytes(_ slice: Slice) -> [UInt8] { slice.of(texts.bytes).array }

    mutating func list(_ re: [UInt8]) {
        let agents = peers.values.map(\.agent).sorted()
        answer { buffer in
            re.withBytes { NativeWriter.beginAgents(re: $0, to: &buffer) }
            for (index, agent) in agents.enumerated() {
                agent.withBytes {
                    NativeWriter.agent(
                        $0, .online, since: .none, status: RawSpan(), isFirst: index == 0, to: &buffer)
                }
            }
            NativeWriter.endAgents(to: &buffer)
        }
    }

    mutating func greet(
        _ hello: NativeHello, _ connection: ConnectionID, _ web: inout WebConnections, _ loop: inout EventLoop
    ) {
        if let refusal = script.refusal {
            refuse(refusal, re: hello.id)
            flush(connection, &web, &loop)
            web.close(connection, .policyViolation, RawSpan(), &loop)
            peers[connection] = nil
            return
        }
        if script.challenges, hello.signature == nil {
            answer { NativeWriter.challenge(nonce: "sign this", re: RawSpan(), to: &$0) }
            return
        }
        let agent = hello.agent ?? ""
        peers[connection]?.agent = agent
        welcome(hello)
        for peer in peers.values where peer.watches {
            frame.removeAll()
            agent.withBytes { NativeWriter.presence(agent: $0, .online, since: .none, to: &frame) }
            web.send(peer.id, .text, frame.bytes, &loop)
        }
    }

    mutating func receipt(
        _ re: [UInt8], _ taken: (offset: UInt64, sequence: UInt64, isDuplicate: Bool)
    ) {
        let session = hub.log[Int(taken.offset)].session
        var receipt = NativeReceipt(
            sequence: SequenceNumber(taken.sequence), offset: Offset(taken.offset), durability: .fsynced)
        receipt.isDuplicate = taken.isDuplicate
        answer { buffer in
            re.withBytes { re in
                session.withBytes { NativeWriter.receipt(receipt, re: re, session: $0, to: &buffer) }
            }
        }
    }

    mutating func take(_ publication: Publication, _ connection: ConnectionID) {
        let sender = peers[connection]?.agent ?? ""
        var topic = text(publication.name)
        if publication.target == .agent { topic = "@" + topic }
        if publication.kind == .status { topic = "$status." + sender }
        if topic.hasPrefix("bad ") {
            return refuse(Refusal(.badTopic, "a topic has no spaces"), re: publication.id)
        }
        kinds[hub.log.count] = (publication.kind, text(publication.correlation))
        let taken = hub.publish(
            id: text(publication.id), from: sender, topic: topic, data: bytes(publication.payload),
            session: text(publication.session))
        diary.notes.withLock { $0.log = hub.log }
        self.taken += 1
        if script.cutsEvery > 0, self.taken % script.cutsEvery == 0 {
            wantsCut = true
            return
        }
        receipt(bytes(publication.id), taken)
    }

    var kinds: [Int: (kind: MessageKind, correlation: String)] = [:]

    mutating func serve(_ wanted: NativeSubscribe, _ number: Int) {
        let agent = peers.values.first { $0.number == number }?.agent ?? ""
        var start: UInt64?
        switch wanted.from {
        case .all: start = 0
        case .offset(let offset): start = offset.rawValue
        default: break
        }
        let (name, position) = hub.subscribe(
            number, name: wanted.consumer, topics: wanted.topics.isEmpty ? ["@" + agent] : wanted.topics,
            from: start, isExplicit: wanted.isExplicit ?? true, inFlightMax: wanted.inFlightMax ?? 256)
        let re = bytes(wanted.id)
        answer { buffer in
            re.withBytes { re in
                name.withBytes {
                    NativeWriter.subscribed(
                        re: re, consumer: $0, position: Offset(position), pending: nil, to: &buffer)
                }
            }
        }
    }

    mutating func settle(_ settlement: Settlement) {
        let name = text(settlement.consumer)
        let verdict: ModelHub.Verdict =
            switch settlement.verdict {
            case .acknowledged: .done
            case .refused: .again
            case .working: .working
            case .givenUp: .dead
            }
        for (first, last) in runs(settlement.runs) {
            if first == 0, last > 0 {
                hub.settle(name, upTo: last)
            } else {
                for offset in first...last { hub.settle(name, offset, verdict) }
            }
        }
        diary.notes.withLock { $0.acknowledged[name] = hub.consumers[name]?.acknowledged ?? [] }
    }

    func runs(_ slice: Slice) -> [(UInt64, UInt64)] {
        let runs = slice.of(texts.bytes)
        return stride(from: 0, to: runs.byteCount, by: 16).map {
            (runs.load($0, as: UInt64.self), runs.load($0 + 8, as: UInt64.self))
        }
    }
}
