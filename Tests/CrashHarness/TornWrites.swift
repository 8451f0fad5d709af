import FaultTrace
import Foundation
import HubModel
import HubStorage
import HubSystem
import LogLoad

/// Records what a writer does to the log's file, then cuts the record at every boundary, applies what came behind
/// the last sync in part and in any order, and opens what a power cut could so have left.
struct TornWrites {
    let directory: String
    let variants: Int
    let seed: UInt64
    let blocks: Int
    /// How much the writer keeps; 0 for everything, and then nothing may be missing.
    let retentionKilobytes: Int

    func run() throws {
        let traceFile = directory + ".trace"
        defer { unlink(traceFile) }
        let trace = try record(traceFile)
        Notes.say(
            "torn: \(trace.operations.count) operations, \(trace.marks.count) commits reported, "
                + "seed \(seed), \(variants) variants wanted")
        var opened = 0
        var began = 0
        let points = CrashPoints(trace, count: variants, seed: seed)
        for variant in points {
            do {
                try open(variant)
            } catch {
                throw Verifier.Violation("torn: \(variant.description), log kept in \(directory): \(error)")
            }
            opened += 1
            if variant.markCount > 0 { began += 1 }
            if opened % 500 == 0 { Notes.say("torn: \(opened) variants opened") }
        }
        Notes.say(
            "torn: \(opened) variants at \(points.boundaryCount) boundaries opened, "
                + "\(began) behind the first commit, 0 violations")
        guard opened >= variants else {
            throw Verifier.Violation("the trace has only \(opened) variants; write more blocks")
        }
    }

    private func record(_ traceFile: String) throws -> Trace {
        try? FileManager.default.removeItem(atPath: directory)
        unlink(traceFile)
        guard let environment = FaultPreload.environment(trace: traceFile) else {
            throw Verifier.Violation("the fault layer was not built")
        }
        let writer = try WriterProcess(
            [
                directory, "seed=\(seed)", "blocks=\(blocks)", "group=40", "retention=\(retentionKilobytes)",
                "checkpoint=15000", "pause=15",
            ],
            environment: environment)
        guard writer.wait(seconds: 120, until: { writer.isDone || writer.failure != nil }),
            writer.failure == nil
        else { throw Verifier.Violation("the writer did not finish: \(writer.failure ?? 0)") }
        writer.finish(kill: false)
        let trace = try Trace(contentsOf: traceFile)
        guard !trace.hasWritableMapping else {
            throw Verifier.Violation("the file was written through a mapping")
        }
        return trace
    }

    private func open(_ variant: CrashPoints.Variant) throws {
        try? FileManager.default.removeItem(atPath: directory)
        // Before the first mark the file was still in the folder where new logs are made.
        let folder = variant.markCount == 0 ? directory + "/unfinished.log" : directory
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try variant.image.write(to: folder + "/data.mdb")
        let now = Timestamp(microseconds: SystemClock.wallMicroseconds())
        let options = Writer.options(retentionKilobytes: 0, checkpointBytes: 30_000)
        let log = try LMDBLog.open(directory, options: options, now: now)
        try Verifier(shape: Writer.shape, mayMiss: retentionKilobytes > 0).verify(
            log.reader, committed: variant.lastMark ?? 0)
        // And it goes on from there.
        var load = LogLoad(Writer.shape)
        try load.resume(log.reader)
        let bounds = log.reader.bounds
        var block = Block(firstOffset: bounds.head)
        load.append(10, to: &block, now: max(now, bounds.lastTime))
        block.seal()
        try log.commit(&block, state: nil, now: now)
        try Verifier(shape: Writer.shape, mayMiss: retentionKilobytes > 0).verify(
            log.reader, committed: bounds.head.rawValue + 10)
    }
}
