import HubBytes
package import HubModel

/// Blocks that could not be written.
extension Router {
    /// Everything that was on its way is gone, the open block included: the disk took none of it. The server calls this
    /// when the last of the failed blocks has come back, so that all that was written has been applied, and says how
    /// many names the log knows.
    ///
    /// Senders are told. Consumers begin again from what the log knows of them, as after a restart: what they were
    /// given and the log does not know comes again.
    package mutating func refuse(
        _ reason: Refusal, names known: Int, now: Timestamp, _ effects: inout Effects
    ) {
        reject(reason, &effects)
        stamper = Stamper()
        logged.takeChangesAgain()
        names.truncate(to: min(known, names.count))
        sessionOfTopic = sessionOfTopic.filter { $0.key.rawValue <= known && $0.value.rawValue <= known }
        sessionOfPair = sessionOfPair.filter {
            $0.value.rawValue <= known && $0.key >> 32 <= known && $0.key & 0xffff_ffff <= known
        }
        rejectJoining(reason, &effects)
        forgetUnknownAgents(known, &effects)
        for index in consumers.indices where consumers[index].unlogged == nil { startAgain(index) }
        // What ended commands is gone as well; their time may be over already.
        ending.removeAll()
        for command in logged.commands.values.sorted(by: { $0.offset < $1.offset }) { armCommand(command) }
        listed.removeAll()
        listedSince = nil
        for index in consumers.indices { proceed(index, now: now, &effects) }
        for index in consumers.indices { schedule(index) }
    }

    private mutating func reject(_ reason: Refusal, _ effects: inout Effects) {
        for origin in origins.joined() {
            guard let connection = origin.connection, connections[connection] != nil else { continue }
            effects.rejections.append(
                Effects.Rejection(connection: connection, tag: origin.tag, reason: reason))
        }
        origins = [[]]
    }

    /// Subscriptions to named consumers waited for a record that is gone.
    private mutating func rejectJoining(_ reason: Refusal, _ effects: inout Effects) {
        for name in joining.keys.sorted() {
            for waiting in joining[name] ?? [] where connections[waiting.connection] != nil {
                effects.rejections.append(
                    Effects.Rejection(connection: waiting.connection, tag: waiting.tag, reason: reason))
            }
        }
        joining.removeAll()
    }

    /// An agent whose name the log does not know was never there; its connection has to say again whose it is.
    private mutating func forgetUnknownAgents(_ known: Int, _ effects: inout Effects) {
        let strangers = connections.values.filter { $0.agent.rawValue > known || $0.tenant.rawValue > known }
        for stranger in strangers.sorted(by: { $0.id.index < $1.id.index }) {
            forget(stranger.id)
            effects.events.append(.unknown(stranger.id))
        }
    }

    /// A named consumer stands where the log says.
    private mutating func startAgain(_ consumer: UInt32) {
        guard let known = logged.consumers[consumers[consumer].name] else { return }
        consumers[consumer].startAgain(at: known.cursor)
    }
}
