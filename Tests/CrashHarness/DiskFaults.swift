import FaultTrace
import Foundation
import HubModel
import HubStorage
import HubSystem

/// Lets the disk under a writer fill up, fail or turn read-only, and looks at what it says, what it keeps, and
/// whether it goes on when the trouble is over.
struct DiskFaults {
    let directory: String

    func run() throws {
        try fullDisk(.noSpaceToGrow, "no room to grow")
        try quota()
        try fatal(.writeError, "a write error")
        try fatal(.syncError, "a failed sync")
        try fatal(.readOnly, "a read-only file system")
        try fatal(.shortWrite, "a short write")
        try fatal(.noSpace, "a disk that has no room to overwrite")
        Notes.say("faults: all passed")
    }

    private func start(_ body: (WriterProcess, FaultControl) throws -> Void) throws -> UInt64 {
        try? FileManager.default.removeItem(atPath: directory)
        let controlFile = directory + ".control"
        defer { unlink(controlFile) }
        let control = try FaultControl(path: controlFile)
        guard let environment = FaultPreload.environment(control: controlFile) else {
            throw Verifier.Violation("the fault layer was not built")
        }
        let writer = try WriterProcess(
            [directory, "group=300", "retention=0", "checkpoint=500000"], environment: environment)
        guard writer.wait(seconds: 20, until: { writer.committed > 2000 }) else {
            throw Verifier.Violation("the writer does not begin")
        }
        try body(writer, control)
        writer.finish(kill: true)
        return writer.committed
    }

    /// Refused while it lasts, and goes on by itself afterwards, with nothing lost.
    private func fullDisk(_ mode: FaultMode, _ what: String) throws {
        let committed = try start { writer, control in
            control.arm(mode)
            guard writer.wait(seconds: 30, until: { writer.refusals.count >= 3 }) else {
                throw Verifier.Violation("\(what): nothing is refused")
            }
            let wrong = writer.refusals.filter { $0 != 1 }
            guard wrong.isEmpty else { throw Verifier.Violation("\(what): refused as \(wrong)") }
            let atFull = writer.committed
            try look(committed: atFull, what: what)
            control.disarm()
            guard writer.wait(seconds: 30, until: { writer.committed > atFull + 2000 }) else {
                throw Verifier.Violation("\(what): writing does not go on, \(writer.failure ?? 0)")
            }
        }
        try verify(committed, what)
    }

    /// A file system of a size: full, then larger.
    private func quota() throws {
        let committed = try start { writer, control in
            control.sizeLimit = 24
            guard writer.wait(seconds: 60, until: { writer.refusals.count >= 3 }) else {
                throw Verifier.Violation("quota: nothing is refused at \(writer.committed)")
            }
            let wrong = writer.refusals.filter { $0 != 1 }
            guard wrong.isEmpty else { throw Verifier.Violation("quota: refused as \(wrong)") }
            let atFull = writer.committed
            control.sizeLimit = 64
            guard writer.wait(seconds: 30, until: { writer.committed > atFull + 2000 }) else {
                throw Verifier.Violation("quota: writing does not go on")
            }
        }
        try verify(committed, "quota")
    }

    /// Writing ends for good, reading goes on, and after a restart all that was reported is there.
    private func fatal(_ mode: FaultMode, _ what: String) throws {
        let committed = try start { writer, control in
            control.arm(mode, after: 3)
            guard writer.wait(seconds: 30, until: { writer.refusals.count >= 3 }) else {
                throw Verifier.Violation("\(what): nothing is refused")
            }
            let before = writer.committed
            control.disarm()
            _ = writer.wait(seconds: 0.5) { false }
            // Refused for want of room only, it may go on; whether the write that names the newest transaction
            // was hit, after which only a restart is safe, is chance.
            guard writer.committed == before || !writer.refusals.contains(2) else {
                throw Verifier.Violation("\(what): writing went on after \(writer.refusals)")
            }
            try look(committed: before, what: what)
        }
        try verify(committed, what)
    }

    /// Another process reads meanwhile.
    private func look(committed: UInt64, what: String) throws {
        do {
            try Verifier(shape: Writer.shape, isLive: true)
                .verify(LMDBReader.open(directory), committed: committed)
        } catch {
            throw Verifier.Violation("\(what), read meanwhile: \(error)")
        }
    }

    private func verify(_ committed: UInt64, _ what: String) throws {
        do {
            let log = try LMDBLog.open(
                directory, now: Timestamp(microseconds: SystemClock.wallMicroseconds()))
            try Verifier(shape: Writer.shape).verify(log.reader, committed: committed)
        } catch {
            throw Verifier.Violation("\(what), log kept in \(directory): \(error)")
        }
        Notes.say("faults: \(what): passed, \(committed) records reported committed are whole")
    }
}
