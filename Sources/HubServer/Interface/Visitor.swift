import HubBytes
import HubConnection
import HubModel
import HubProtocols
import HubRouter

/// Somebody who acts in an agent's name by requests of HTTP: nobody is there because of it, and what is sent to the
/// agent does not come here. All requests of one agent on a loop share a visitor.
final class Visitor: Guest {
    /// What became of what was asked.
    enum Outcome {
        case receipt(NativeReceipt, session: String)
        case done
        case refused(Refusal)
    }

    /// Told what became of it, once.
    typealias Reply = (Outcome, inout Desk, inout WebConnections, inout EventLoop) -> Void

    private(set) var seat = Seat(index: 0, generation: 0)
    private var replies: [UInt64: Reply] = [:]
    private var lastTag: UInt64 = 0
    /// When it was last of use, on the loop's clock.
    private(set) var usedAt: Int64 = 0

    /// Asks the core for something.
    func ask(
        _ what: Order.What, _ desk: inout Desk, _ loop: borrowing EventLoop, _ reply: @escaping Reply
    ) {
        usedAt = loop.now
        lastTag += 1
        replies[lastTag] = reply
        desk.ask(seat, tag: lastTag, what)
    }

    /// As `ask`, for what has to know the number that its answer is marked with.
    func ask(
        tag what: (UInt64) -> Order.What, _ desk: inout Desk, _ loop: borrowing EventLoop,
        _ reply: @escaping Reply
    ) { ask(what(lastTag + 1), &desk, loop, reply) }

    /// Takes a seat in an agent's name.
    func sit(_ agent: String, tenant: String, _ desk: inout Desk) {
        seat = desk.seats.take(self)
        desk.ask(seat, .connect(Introduction(agent: agent, tenant: tenant, .visitor)))
    }

    /// Leaves; whoever waits is told.
    func leave(
        _ refusal: Refusal, _ desk: inout Desk, _ web: inout WebConnections, _ loop: inout EventLoop
    ) {
        desk.ask(seat, .disconnect)
        desk.seats.leave(seat)
        let waiting = replies.sorted { $0.key < $1.key }
        replies = [:]
        for (_, reply) in waiting { reply(.refused(refusal), &desk, &web, &loop) }
    }

    /// Whether nobody waits for anything.
    var isIdle: Bool { replies.isEmpty }

    func told(
        _ entry: Outbox.Entry, _ outbox: borrowing Outbox, _ desk: inout Desk, _ web: inout WebConnections,
        _ loop: inout EventLoop
    ) {
        switch entry {
        case .receipt(let receipt):
            var words = NativeReceipt(
                sequence: receipt.sequence, offset: receipt.offset, durability: receipt.durability)
            words.isDuplicate = receipt.isDuplicate
            words.isAddresseeAway = receipt.isAddresseeAway
            let session = receipt.session.of(outbox.bytes.bytes).text
            answer(receipt.tag, .receipt(words, session: session), &desk, &web, &loop)
        case .done(_, let tag): answer(tag, .done, &desk, &web, &loop)
        case .rejection(_, let tag, let refusal):
            // Its name was refused: so is all that was asked in it.
            guard tag != 0 else {
                desk.visitors.remove(self)
                return leave(refusal, &desk, &web, &loop)
            }
            answer(tag, .refused(refusal), &desk, &web, &loop)
        case .unknown:
            desk.visitors.remove(self)
            leave(
                Refusal(.storageUnavailable, "the log takes no writes", retryAfterMilliseconds: 1000), &desk,
                &web, &loop)
        default: break
        }
    }

    private func answer(
        _ tag: UInt64, _ outcome: Outcome, _ desk: inout Desk, _ web: inout WebConnections,
        _ loop: inout EventLoop
    ) { replies.removeValue(forKey: tag)?(outcome, &desk, &web, &loop) }
}

/// The visitors of a loop, by whose name they act in.
struct VisitorTable {
    private struct Name: Hashable {
        let agent: String
        let tenant: String
    }

    private var visitors: [Name: Visitor] = [:]

    /// How long one stays that nobody needs, in milliseconds.
    private static let idleMilliseconds: Int64 = 60_000

    /// The visitor in an agent's name, who takes a seat if he has none. Where everyone is who he says he is, one could say
    /// another name with each request: beyond a number, those go whom nobody needs now.
    static func visitor(
        _ agent: String, tenant: String, _ desk: inout Desk, now: Int64
    ) throws(Refusal) -> Visitor {
        let name = Name(agent: agent, tenant: tenant)
        if let known = desk.visitors.visitors[name] { return known }
        let most = desk.hub.settings.visitorsMax
        if desk.visitors.visitors.count >= most { dismiss(&desk, usedBefore: now) }
        guard desk.visitors.visitors.count < most else {
            throw Refusal(
                .limitReached, "requests in the names of \(most) agents wait for answers; try again",
                retryAfterMilliseconds: 1000)
        }
        let visitor = Visitor()
        visitor.sit(agent, tenant: tenant, &desk)
        desk.visitors.visitors[name] = visitor
        return visitor
    }

    /// Those go whom nobody has needed for a while.
    static func dismissIdle(_ desk: inout Desk, now: Int64) {
        dismiss(&desk, usedBefore: now - idleMilliseconds)
    }

    private static func dismiss(_ desk: inout Desk, usedBefore moment: Int64) {
        for (name, visitor) in desk.visitors.visitors where visitor.isIdle && visitor.usedAt <= moment {
            desk.visitors.visitors[name] = nil
            desk.ask(visitor.seat, .disconnect)
            desk.seats.leave(visitor.seat)
        }
    }

    /// How many there are.
    var count: Int { visitors.count }

    mutating func remove(_ visitor: Visitor) {
        visitors = visitors.filter { $0.value !== visitor }
    }
}
