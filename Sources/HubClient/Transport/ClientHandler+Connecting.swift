import HubBytes
import HubConnection
import HubProtocols
import HubSystem

// Making connections, and losing them.
extension ClientHandler {
    /// Begins an attempt: looks the host up if that is needed.
    mutating func connect(_ loop: inout EventLoop) {
        attempt += 1
        if let known = link.address.known {
            addresses = [known]
            return openSocket(&loop)
        }
        let link = link
        let number = attempt
        let url = link.address.url
        do throws(SystemError) {
            // The system's resolver may take seconds, and no loop can wait for it.
            _ = try SystemThread(name: "client-lookup") {
                let found = SocketAddress.resolve(host: url.host, port: url.port)
                link.send(.addresses(found, attempt: number))
            }
        } catch {
            core.lost(.transport(error.reason), now: loop.now, &effects)
        }
    }

    /// Connects to one of the addresses: another one with each attempt.
    mutating func openSocket(_ loop: inout EventLoop) {
        guard !addresses.isEmpty else {
            return core.lost(
                .transport("the host \(link.address.url.host) has no address"), now: loop.now, &effects)
        }
        var settings = WebSocketSettings()
        settings.messageBytesMax = link.options.messageBytesMax
        settings.pingAfter = UInt64(max(link.options.pingMilliseconds, 0)) * 1_000_000
        settings.pongWithin = UInt64(max(link.options.pongMilliseconds, 1)) * 1_000_000
        do throws(SystemError) {
            let id = try loop.connect(to: addresses[(attempt - 1) % addresses.count])
            do throws(HTTPFieldFault) {
                socket = try SocketState(id, link.address.url, settings, now: Self.nanoseconds(loop))
            } catch {
                loop.cut(id)
                core.lost(.transport("the request cannot be written"), now: loop.now, &effects)
            }
        } catch {
            core.lost(.transport(error.reason), now: loop.now, &effects)
        }
    }

    /// The connection is of no use any more.
    mutating func lose(_ loss: Loss, _ loop: inout EventLoop) {
        if let socket {
            self.socket = nil
            loop.cut(socket.id)
        }
        core.lost(loss, now: loop.now, &effects)
        settle(&loop)
    }

    /// Closes the connection as it should be closed; nothing more is read from it.
    mutating func hangUp(_ code: UInt16, _ loop: inout EventLoop) {
        guard let socket = socket.take() else { return }
        guard socket.stage == .open else { return loop.cut(socket.id) }
        output.removeAll()
        socket.session.close(CloseCode(rawValue: code), to: &output, now: Self.nanoseconds(loop))
        if !output.isEmpty { loop.send(output.bytes, on: socket.id) }
        output.removeAll()
        loop.close(socket.id)
    }
}
