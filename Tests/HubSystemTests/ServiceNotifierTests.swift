import Foundation
import Glibc
import HubSystem
import Testing

/// What systemd hears.
@Suite struct ServiceNotifierTests {
    /// A manager that listens at a path, and hands out what it heard.
    private func heard(_ body: (String) -> Void) throws -> [String] {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).n")
            .path
        let socket = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        defer {
            close(socket)
            unlink(path)
        }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(bound == 0)
        body(path)
        var messages: [String] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while case let count = recv(socket, &buffer, buffer.count, 0), count > 0 {
            messages.append(String(decoding: buffer.prefix(count), as: UTF8.self))
        }
        return messages
    }

    @Test("each step is told in the words of the protocol") func steps() throws {
        let messages = try heard { path in
            let notifier = ServiceNotifier(["NOTIFY_SOCKET": path])
            #expect(notifier?.ready("listening on 127.0.0.1:8000") == true)
            #expect(notifier?.reloading() == true)
            #expect(notifier?.status("two\nlines") == true)
            #expect(notifier?.stopping("draining") == true)
        }
        #expect(messages.count == 4)
        #expect(messages.first == "READY=1\nSTATUS=listening on 127.0.0.1:8000")
        #expect(messages.dropFirst().first?.hasPrefix("RELOADING=1\nMONOTONIC_USEC=") == true)
        #expect(messages.dropFirst(2).first == "STATUS=two lines")
        #expect(messages.last == "STOPPING=1\nSTATUS=draining")
    }

    @Test("without a manager there is nobody to tell, and one that is gone is no harm")
    func nobody() {
        let none = ServiceNotifier([:]) == nil
        #expect(none)
        let other = ServiceNotifier(["NOTIFY_SOCKET": "vsock:2:1"]) == nil
        #expect(other)
        #expect(ServiceNotifier(["NOTIFY_SOCKET": "/nowhere/at/all"])?.ready("x") == false)
        #expect(
            ServiceNotifier(["NOTIFY_SOCKET": "/" + String(repeating: "x", count: 200)])?.ready("x") == false)
    }
}
