import FaultTrace
import Foundation
import HubModel
import HubStorage
import HubSystem
import Randomness

/// Kills a writer under full load again and again, and looks each time at what is left.
struct KillRounds {
    let directory: String
    let rounds: Int
    let seed: UInt64

    func run() throws {
        var random = SplitMix64(seed: seed)
        var committed: UInt64 = 0
        var records: UInt64 = 0
        Notes.say("kill: \(rounds) rounds, seed \(seed)")
        for round in 1...max(rounds, 1) {
            // A log lives for five rounds, every other one with retention on.
            if round % 5 == 1 {
                try? FileManager.default.removeItem(atPath: directory)
                committed = 0
            }
            let retention = ((round - 1) / 5) % 2 == 1
            let before = committed
            committed = try killOnce(&random, retention: retention, committed: committed)
            records += committed - before
            try look(committed: committed, retention: retention, round: round)
            if round % 10 == 0 {
                Notes.say("kill: \(round) rounds, \(records) records reported, 0 violations")
            }
        }
        Notes.say("kill: \(rounds) rounds passed, \(records) records reported committed, 0 violations")
    }

    private func killOnce(
        _ random: inout SplitMix64, retention: Bool, committed: UInt64
    ) throws -> UInt64 {
        let writer = try WriterProcess([
            directory, "seed=\(random.next() % 1_000_000)",
            "group=\(Int.random(in: 1...2000, using: &random))",
            "retention=\(retention ? 4096 : 0)",
            "checkpoint=\(Int.random(in: 100_000...8_000_000, using: &random))",
        ])
        guard
            writer.wait(
                seconds: 20,
                until: { writer.committed >= committed && writer.committed > 0 || writer.failure != nil })
        else { throw Verifier.Violation("the writer says nothing") }
        let pause = Double.random(in: 0...0.5, using: &random)
        _ = writer.wait(seconds: pause) { writer.failure != nil }
        writer.finish(kill: true)
        if let failure = writer.failure { throw Verifier.Violation("the writer failed with \(failure)") }
        if !writer.refusals.isEmpty { throw Verifier.Violation("blocks were refused: \(writer.refusals)") }
        return writer.committed
    }

    private func look(committed: UInt64, retention: Bool, round: Int) throws {
        do {
            let log = try LMDBLog.open(
                directory,
                options: Writer.options(retentionKilobytes: retention ? 4096 : 0, checkpointBytes: 1 << 20),
                now: Timestamp(microseconds: SystemClock.wallMicroseconds()))
            try Verifier(shape: Writer.shape, mayMiss: retention).verify(log.reader, committed: committed)
        } catch {
            throw Verifier.Violation("round \(round), log kept in \(directory): \(error)")
        }
    }
}
