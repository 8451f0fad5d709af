import Foundation
import HubBytes
import HubProtocols
import HubSystem
import Testing

@testable import HubServer

/// Whoever asks how the hub is gets the truth, and a restart is asked for only where it helps.
@Suite struct HealthTests {
    fileprivate struct Case: CustomTestStringConvertible {
        let name: String
        let change: @Sendable (inout HealthState) -> Void
        let health: UInt16
        let ready: UInt16
        let reason: String?
        var testDescription: String { name }
    }

    fileprivate static let cases: [Case] = [
        Case(name: "starting", change: { _ in }, health: 200, ready: 503, reason: "the hub is starting"),
        Case(
            name: "recovering", change: { $0.phase = .recovering(done: 10, of: 40) }, health: 200, ready: 503,
            reason: "the hub is recovering: 10 of 40 records applied"),
        Case(name: "serving", change: { $0.phase = .serving }, health: 200, ready: 200, reason: nil),
        Case(
            name: "draining", change: { $0.phase = .draining(connectionsLeft: 1) }, health: 200, ready: 503,
            reason: "the hub is draining: 1 connection left"),
        Case(
            name: "disk full",
            change: {
                $0.phase = .serving
                $0.storageFault = .init("the disk is full: make room", needsRestart: false)
            }, health: 200, ready: 503, reason: "the disk is full: make room"),
        Case(
            name: "sync failed",
            change: {
                $0.phase = .serving
                $0.storageFault = .init("the disk did not confirm a write: restart", needsRestart: true)
            }, health: 503, ready: 503, reason: "the disk did not confirm a write: restart"),
        Case(
            name: "low on room",
            change: {
                $0.phase = .serving
                $0.diskLevel = .low
                $0.diskFreeBytes = 900 << 20
            }, health: 200, ready: 200, reason: "the disk is low on room: 900 MiB left"),
        Case(
            name: "refusing",
            change: {
                $0.phase = .serving
                $0.diskLevel = .refusing
                $0.diskFreeBytes = 90 << 20
            }, health: 200, ready: 503, reason: "the disk has no room for new messages: 90 MiB left"),
        Case(
            name: "slow disk",
            change: {
                $0.phase = .serving
                $0.probe = SyncProbe.Result([30_000_000], on: .ext4)
            }, health: 200, ready: 200,
            reason: "syncing 4 KiB took 30.0 ms on ext4: senders wait that long for a receipt"),
    ]

    @Test("state decides status and content", arguments: cases) fileprivate func answers(example: Case) throws
    {
        var state = HealthState()
        example.change(&state)
        let health = HealthAnswer.health(state)
        let ready = HealthAnswer.ready(state)
        #expect(health.status == example.health)
        #expect(ready.status == example.ready)
        let bodies = [health.content.bytes.array, ready.content.bytes.array]
        for (body, status) in zip(bodies, [health.status, ready.status]) {
            let object = try #require(JSONSerialization.jsonObject(with: Data(body)) as? [String: Any])
            let word = object["status"] as? String
            #expect(
                status == 200 ? ["ok", "ready"].contains(word) : ["failing", "not_ready"].contains(word))
            #expect(object["phase"] as? String == state.phase.word)
            #expect(object["reasons"] as? [String] == [example.reason].compactMap { $0 })
            #expect(body.last == UInt8(ascii: "\n"))
        }
    }

    @Test("recovery says how far it is, in fields for programs") func progress() throws {
        var state = HealthState()
        state.phase = .recovering(done: 3, of: 9)
        let body = HealthAnswer.ready(state).content.bytes.array
        let object = try #require(JSONSerialization.jsonObject(with: Data(body)) as? [String: Any])
        #expect(object["recovered_records"] as? Int == 3)
        #expect(object["records_to_recover"] as? Int == 9)
    }

    @Test("how the hub is shows in its metrics") func metrics() {
        let hub = HubMetrics(version: "1")
        #expect(hub.registry.read().number(.ready) == 0)
        hub.health.update { state in
            state.phase = .serving
            state.diskFreeBytes = 5
            state.probe = SyncProbe.Result([1_000_000, 2_000_000], on: .xfs)
        }
        let reading = hub.registry.read()
        #expect(reading.number(.ready) == 1)
        #expect(reading.number(.phase, ["serving"]) == 1)
        #expect(reading.number(.phase, ["starting"]) == 0)
        #expect(reading.number(.diskFreeBytes) == 5)
        #expect(reading.number(.syncProbeSeconds, ["0.5"]) == 0.001)
        #expect(reading.number(.syncProbeSeconds, ["0.99"]) == 0.002)
    }

    // MARK: The probe

    @Test(
        "what was measured is judged",
        arguments: [
            ([1_000_000], FileSystemKind.ext4, nil),
            ([19_000], .ext4, "too fast for a disk that keeps its word"),
            ([20_000], .ext4, nil),
            ([20_000_001], .xfs, "senders wait that long"),
            ([1000], .tmpfs, "which is memory"),
            ([1_000_000], .overlay, "mount a volume there"),
            ([10_000], .overlay, "too fast"),
            ([100_000, 100_000, 90_000_000], .ext4, nil),
        ] as [([UInt64], FileSystemKind, String?)])
    func judgement(durations: [UInt64], fileSystem: FileSystemKind, part: String?) {
        let warning = SyncProbe.Result(durations, on: fileSystem).warning
        if let part { #expect(warning?.contains(part) == true) } else { #expect(warning == nil) }
    }

    @Test("median and 99th percentile are those of the sample") func percentiles() {
        let result = SyncProbe.Result((1...200).reversed().map { UInt64($0) }, on: .ext4)
        #expect(result.medianNanoseconds == 100)
        #expect(result.p99Nanoseconds == 198)
        #expect(SyncProbe.Result([7], on: .ext4).p99Nanoseconds == 7)
        #expect(
            SyncProbe.Result([1_500_000, 2_500_000], on: .ext4).sentence
                == "syncing 4 KiB on ext4 took 1.5 ms in the median and 2.5 ms at the 99th percentile of 2")
    }

    @Test("the probe measures in the directory, keeps to its time and leaves nothing behind") func probe()
        throws
    {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        // An earlier hub was killed in the middle of it.
        try Data("left".utf8).write(to: folder.appendingPathComponent("sync-probe.tmp"))
        let begun = SystemClock.monotonicNanoseconds()
        let result = try SyncProbe.run(in: folder.path, forMilliseconds: 100)
        let milliseconds = (SystemClock.monotonicNanoseconds() - begun) / 1_000_000
        #expect((1...200).contains(result.samples))
        #expect(result.medianNanoseconds > 0 && result.medianNanoseconds <= result.p99Nanoseconds)
        // Besides the time that it was given it may wait for three syncs.
        #expect(milliseconds <= 100 + 3 * result.p99Nanoseconds / 1_000_000 + 5000)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
        #expect(throws: SystemError.self) { try SyncProbe.run(in: folder.path + "/nowhere") }
    }

    @Test("the file system is told by its kind") func fileSystems() throws {
        #expect(try Directory.fileSystem("/proc") == .other(0x9fa0))
        #expect(FileSystemKind(number: 0x0102_1994).isMemory)
        #expect(FileSystemKind(number: 0x794c_7630).isOverlay)
        #expect(FileSystemKind(number: 0xef53).description == "ext4")
        #expect(FileSystemKind.other(0x9fa0).description == "file system 0x9fa0")
    }

    // MARK: Room on the disk

    @Test("levels change at their limits, and back only with some room beyond them") func disk() {
        var watch = DiskWatch(lowBytes: 1600, refuseBytes: 160)
        let looks: [(free: Int, change: DiskWatch.Level?)] = [
            (10_000, nil), (1600, nil), (1599, .low), (1601, nil), (1699, nil), (1700, .roomy),
            (159, .refusing),
            (165, nil), (169, nil), (170, .low), (160, nil), (5000, .roomy), (0, .refusing), (5000, .roomy),
        ]
        for (index, look) in looks.enumerated() {
            let change = watch.look(freeBytes: look.free)
            #expect(change == look.change, "look \(index)")
        }
    }

    @Test("without limits there is always room") func unlimited() {
        var watch = DiskWatch(lowBytes: 0, refuseBytes: 0)
        let change = watch.look(freeBytes: 0)
        #expect(change == nil)
    }

    @Test("a look at a real disk is written down") func realDisk() throws {
        let board = HealthBoard()
        var watch = DiskWatch(lowBytes: Int.max / 4, refuseBytes: 0)
        let change = try watch.look(at: "/", board)
        #expect(change == .low)
        #expect(board.current.diskLevel == .low)
        #expect((board.current.diskFreeBytes ?? 0) > 0)
    }
}
