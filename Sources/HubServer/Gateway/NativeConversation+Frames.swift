import HubBytes
import HubConnection
import HubModel
import HubProtocols
import HubRouter

/// What an agent asked, by the answer that it wants.
enum NativeQuestion: UInt8 {
    case hello, publication, subscribe, unsubscribe, heartbeat, session, pause, resume, presence
}

extension NativeConversation {
    /// Does what a frame says.
    func take(
        _ frame: NativeFrame, _ desk: inout Desk, _ web: inout WebConnections, _ loop: inout EventLoop
    ) {
        if case .hello(let hello) = frame { return take(hello, &desk, &web, &loop) }
        guard let seat else {
            return end(
                Refusal(.unauthorized, "the first frame is a hello that says who the agent is"), &desk, &web,
                &loop)
        }
        switch frame {
        case .hello: break
        case .publication(var publication):
            if publication.session.isEmpty, !session.isEmpty {
                publication.session = desk.intake.bytes.place(session)
            }
            if let objection = objection(to: publication, &desk) {
                return refuse(objection, id: publication.id, &desk, &web, &loop)
            }
            ask(.publication, publication.id, seat, .publish(publication), &desk)
        case .settlement(let settlement): desk.ask(seat, .settle(settlement))
        case .heartbeat(let beat): take(beat, seat, &desk, &web, &loop)
        case .subscribe(let wanted): subscribe(wanted, seat, &desk, &web, &loop)
        case .unsubscribe(let id, let consumer, let delete):
            ask(.unsubscribe, id, seat, .unsubscribe(consumer: consumer, delete: delete), &desk)
        case .session(let step):
            if let objection = objection(toUsing: step.session, desk) {
                return refuse(objection, id: step.id, &desk, &web, &loop)
            }
            take(step, seat, &desk)
        case .pause(let id, let scope): pause(scope, id, seat, &desk)
        case .resume(let id, let scope): resume(scope, id, seat, &desk)
        case .agents(let id, let filter): listAgents(id, filter, [], seat, &desk, &web, &loop)
        case .presence(let id, let agents, let watch):
            presence(id, agents, watch, seat, &desk, &web, &loop)
        case .ping(let id):
            desk.ask(seat, .heard)
            desk.write(re: id) { NativeWriter.pong(re: $0, to: &$1) }
            send(&desk, &web, &loop)
        case .replay(let replay): begin(replay, &desk, &web, &loop)
        case .cancel(let id): cancelReplay(id, &desk, &web, &loop)
        }
    }

    /// Asks the core, and notes what the answer is to.
    func ask(
        _ question: NativeQuestion, _ id: Slice, _ seat: Seat, _ what: Order.What, _ desk: inout Desk
    ) {
        let tag = pending.add(question.rawValue, id: id.of(desk.intake.bytes.bytes))
        desk.ask(seat, tag: tag, what)
    }

    // MARK: Beats

    private func take(
        _ beat: NativeHeartbeat, _ seat: Seat, _ desk: inout Desk, _ web: inout WebConnections,
        _ loop: inout EventLoop
    ) {
        guard beat.workingOn.isEmpty else {
            return ask(.heartbeat, beat.id, seat, .beat(beat.workingOn), &desk)
        }
        desk.ask(seat, .heard)
        desk.write(re: beat.id) { NativeWriter.heartbeatAck(re: $0, to: &$1) }
        send(&desk, &web, &loop)
    }

    // MARK: Consumers

    private func subscribe(
        _ wanted: NativeSubscribe, _ seat: Seat, _ desk: inout Desk, _ web: inout WebConnections,
        _ loop: inout EventLoop
    ) {
        do throws(Refusal) {
            let order = try wanted.order(desk.hub.consumerDefaults, identity?.rights)
            if case .topics(let topics) = order.filter, let objection = objection(toReading: topics) {
                throw objection
            }
            ask(.subscribe, wanted.id, seat, .subscribe(order), &desk)
            if case .topics(let topics) = order.filter { wantedTopics[pending.lastTag] = topics }
        } catch {
            refuse(error, id: wanted.id, &desk, &web, &loop)
        }
    }

    private func pause(_ scope: NativeScope, _ id: Slice, _ seat: Seat, _ desk: inout Desk) {
        let covers = scope.isOnlyWork ? PauseScope.work : .everything
        defer { note(scope, desk) }
        switch scope.target {
        case .connection: ask(.pause, id, seat, .pause(covers), &desk)
        case .session:
            ask(.pause, id, seat, .step(SessionOrder(.pause(covers), scope.name)), &desk)
        case .consumer: ask(.pause, id, seat, .holdConsumer(scope.name, true), &desk)
        }
    }

    /// Remembers what the question that was just asked is about, for its answer.
    private func note(_ scope: NativeScope, _ desk: borrowing Desk) {
        pauses[pending.lastTag] = (scope, scope.name.of(desk.intake.bytes.bytes).array)
    }

    private func resume(_ scope: NativeScope, _ id: Slice, _ seat: Seat, _ desk: inout Desk) {
        defer { note(scope, desk) }
        switch scope.target {
        case .connection: ask(.resume, id, seat, .pause(nil), &desk)
        case .session: ask(.resume, id, seat, .step(SessionOrder(.resume, scope.name)), &desk)
        case .consumer: ask(.resume, id, seat, .holdConsumer(scope.name, false), &desk)
        }
    }

    // MARK: Sessions

    private func take(_ step: NativeSessionStep, _ seat: Seat, _ desk: inout Desk) {
        let kind: SessionStep.Kind =
            switch step.kind {
            case .open: .open
            case .accept: .accept
            case .reject: .reject
            case .close: .close
            }
        var order = SessionOrder(kind, step.session)
        order.with = step.with
        order.id = step.id
        order.payload = step.data
        ask(.session, step.id, seat, .step(order), &desk)
    }

    // MARK: Who is there

    private func presence(
        _ id: Slice, _ agents: [String], _ watch: Bool?, _ seat: Seat, _ desk: inout Desk,
        _ web: inout WebConnections, _ loop: inout EventLoop
    ) {
        if watch == false { desk.ask(seat, .unwatch) }
        if watch == true {
            if agents.isEmpty { desk.ask(seat, .watch(nil)) }
            for agent in agents { desk.ask(seat, .watch(desk.intake.bytes.place(agent))) }
        }
        listAgents(id, .empty, agents, seat, &desk, &web, &loop)
    }

    /// Tells who is there: all agents, or those whose id begins so, or those that are named.
    private func listAgents(
        _ id: Slice, _ prefix: Slice, _ named: [String], _ seat: Seat, _ desk: inout Desk,
        _ web: inout WebConnections, _ loop: inout EventLoop
    ) {
        // A short question with a long answer, for which everyone else waits.
        guard listsAsked < desk.hub.settings.listsMax else {
            let refusal = Refusal(
                .limitReached,
                "\(listsAsked) lists of agents are being made, as many as a connection may have",
                retryAfterMilliseconds: 100)
            return refuse(refusal, id: id, &desk, &web, &loop)
        }
        listsAsked += 1
        let tag = pending.add(
            NativeQuestion.presence.rawValue, id: id.of(desk.intake.bytes.bytes))
        let prefix = prefix.isEmpty ? "" : prefix.of(desk.intake.bytes.bytes).text
        let loop = desk.loop
        let rights = identity?.rights
        desk.ask(
            seat, tag: tag,
            .task { core in
                let found = AgentList(of: seat, prefix: prefix, named: named, core, seenWith: rights)
                core.links.offer(loop: loop) { gateway, web, loop in
                    guard let guest = gateway.desk.seats[seat] as? NativeConversation else { return }
                    guest.told(found, tag, &gateway.desk, &web, &loop)
                }
            })
    }
}

extension NativeSubscribe {
    /// What is wanted, in the router's terms, with the hub's defaults for what was not said.
    func order(
        _ defaults: ConsumerSettings, _ rights: CompiledRights?
    ) throws(Refusal) -> SubscriptionOrder {
        var settings = defaults
        if let isShared { settings.isShared = isShared }
        if let isSticky { settings.isSticky = isSticky }
        if let isExplicit { settings.acknowledgement = isExplicit ? .explicit : .automatic }
        if let inFlightMax { settings.inFlightMax = inFlightMax }
        if let ackWaitMilliseconds { settings.ackWaitMilliseconds = ackWaitMilliseconds }
        if let deliveriesMax { settings.deliveriesMax = deliveriesMax }
        if let backoffInitialMilliseconds {
            settings.backoffInitialMilliseconds = backoffInitialMilliseconds
        }
        if let backoffFactorThousandths { settings.backoffFactorThousandths = backoffFactorThousandths }
        if let backoffMaxMilliseconds { settings.backoffMaxMilliseconds = backoffMaxMilliseconds }
        if let backoffJitterPercent { settings.backoffJitterPercent = backoffJitterPercent }
        var patterns: [TopicPattern] = []
        for topic in topics { patterns.append(try TopicPattern(topic)) }
        // What was sent to an agent before it first had an inbox to remember by was kept for it all the same.
        let isKeptInbox = topics.isEmpty && consumer != nil
        let start: SubscriptionOrder.Start =
            switch from ?? (isKeptInbox ? .all : .new) {
            case .new: .at(.new)
            case .all: .at(.all)
            case .last: .at(.last)
            case .offset(let offset): .at(.offset(offset))
            case .time(let time): .time(time)
            }
        return SubscriptionOrder(
            name: consumer ?? "", topics.isEmpty ? .inbox : .topics(patterns), settings, from: start,
            rights: rights)
    }
}
