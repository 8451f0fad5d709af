import Foundation
import HubBytes
import HubModel
import HubProtocols
import HubServer
import HubSystem
import LogSamples
import Synchronization
import Testing

/// The file itself: for its owner alone, whole, and changed by one at a time.
@Suite struct AccessFileTests {
    private let directory = TemporaryDirectory()
    private var file: AccessFile { AccessFile(dataDirectory: directory.path) }
    private let now = Timestamp(microseconds: 1_800_000_000_000_000)

    private func mode(_ path: String) throws -> Int? {
        (try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber)?.intValue
    }

    private func register(_ agent: String, in file: AccessFile) throws {
        let name = TenantAgent(.default, try AgentID(agent))
        try file.update { document throws(AccessError) in
            try document.addAgent(name, roles: ["agent"], now: now)
        }
    }

    @Test("a file that is not there lets nobody in") func missing() throws {
        #expect(try file.load() == AccessDocument())
        #expect(!FileManager.default.fileExists(atPath: file.path))
    }

    @Test("what is written is for its owner alone, and one that others can read is refused") func modes()
        throws
    {
        try register("a", in: file)
        #expect(try mode(file.path) == 0o600)
        #expect(try file.load().agents.count == 1)
        for mode in [0o644, 0o640, 0o604, 0o620] {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path)
            let error = #expect(throws: AccessError.self) { try file.load() }
            #expect(error?.kind == .exposed)
            #expect(error?.description.contains(String(mode, radix: 8)) == true)
        }
    }

    @Test("a change that fails leaves the file as it was, and so does one that changes nothing")
    func failing() throws {
        try register("a", in: file)
        let before = try Data(contentsOf: URL(fileURLWithPath: file.path))
        let identity = try FileDescriptor.open(file.path, .read).identity()
        #expect(throws: AccessError.self) {
            try file.update { document throws(AccessError) in
                _ = try document.removeAgent(TenantAgent(.default, AgentID(unchecked: "a")))
                throw AccessError(.content, "no")
            }
        }
        try file.update { _ in }
        #expect(try Data(contentsOf: URL(fileURLWithPath: file.path)) == before)
        #expect(try FileDescriptor.open(file.path, .read).identity() == identity)
    }

    @Test("what a writer left unfinished is in nobody's way") func unfinished() throws {
        _ = FileManager.default.createFile(atPath: "\(file.path).new", contents: Data("{\"for".utf8))
        try register("a", in: file)
        #expect(try file.load().agents.count == 1)
        #expect(!FileManager.default.fileExists(atPath: "\(file.path).new"))
    }

    @Test("a damaged file is said to be so, with the place, and stays as it is") func damaged() throws {
        _ = FileManager.default.createFile(
            atPath: file.path, contents: Data("{\"format\": 1,\n oops}".utf8),
            attributes: [.posixPermissions: 0o600])
        let error = #expect(throws: AccessError.self) { try file.update { document in document.agents = [] } }
        #expect(error?.description.hasPrefix("\(file.path): 2:2: ") == true)
        #expect(try String(contentsOfFile: file.path, encoding: .utf8).contains("oops"))
    }

    @Test("of many writers at once, none loses what it wrote") func writers() async throws {
        let file = file
        let now = now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<8 {
                group.addTask {
                    for round in 0..<5 {
                        let name = TenantAgent(.default, AgentID(unchecked: "a-\(writer)-\(round)"))
                        try file.update { document throws(AccessError) in
                            try document.addAgent(name, roles: ["agent"], now: now)
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(Set(try file.load().agents.map(\.name)).count == 40)
    }

    @Test("a writer waits for another, and gives up with a sentence") func patience() throws {
        let lock = try FileDescriptor.open("\(file.path).lock", .readWriteCreating)
        let isTaken = try lock.lockExclusively()
        #expect(isTaken)
        let error = #expect(throws: AccessError.self) {
            try SecretFile.locked("\(file.path).lock", patienceMilliseconds: 60) { () throws(AccessError) in }
        }
        #expect(error?.kind == .busy)
        withExtendedLifetime(lock) {}
    }

    @Test("a reload that fails leaves the book in use, one that works takes it over") func reload() throws {
        let slot = AccessSlot()
        let first = slot.generation
        try file.update { document throws(AccessError) in
            _ = try document.addToken(
                TenantAgent(.default, AgentID(unchecked: "a")), roles: ["agent"], expires: .none, note: "",
                now: now)
        }
        try slot.reload(file)
        #expect(slot.current.hasCredentials && slot.generation != first)
        let second = slot.generation
        let book = slot.current
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file.path)
        #expect(throws: AccessError.self) { try slot.reload(file) }
        #expect(slot.current === book && slot.generation == second)
    }

    @Test("readers of the slot see one book or the other while it is replaced") func swapping() async throws {
        let slot = AccessSlot()
        let isOver = Flag()
        var full = AccessDocument()
        try full.addAgent(TenantAgent(.default, AgentID(unchecked: "a")), roles: ["agent"], now: now)
        let documents = [AccessDocument(), full]
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    var seen = 0
                    var last: UInt64 = 0
                    repeat {
                        let generation = slot.generation
                        #expect(generation >= last)
                        last = generation
                        seen += slot.current.hasCredentials ? 1 : 0
                    } while !isOver.isSet.load(ordering: .relaxed)
                    return seen
                }
            }
            for round in 0..<300 {
                try slot.replace(with: documents[round % 2]) { _ throws(AccessError) in JSONValue.null }
            }
            isOver.isSet.store(true, ordering: .relaxed)
            try await group.waitForAll()
        }
        #expect(slot.current.hasCredentials)
    }
}

/// Something that one thread says to others.
private final class Flag: Sendable {
    let isSet = Atomic(false)
}
