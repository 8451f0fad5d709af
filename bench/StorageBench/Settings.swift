import Glibc
import HubModel
import HubStorage
import HubSystem
import LogLoad

/// What the command line says.
struct Settings {
    var directory = "bench-log"
    private var values: [String: Int] = [:]

    mutating func take(_ argument: String) -> Bool {
        let parts = argument.split(separator: "=", maxSplits: 1)
        if parts.count == 1 {
            directory = argument
            return true
        }
        guard let value = Int(parts[1]) else { return false }
        values[String(parts[0])] = value
        return true
    }

    func value(_ name: String, _ standard: Int) -> Int { values[name] ?? standard }

    var shape: LogLoad.Shape {
        LogLoad.Shape(
            sessions: value("sessions", 1000), topics: value("topics", 100),
            payloadBytes: value("payload", 256))
    }

    func removeLog() {
        for name in ["data.mdb", "lock.mdb", "agenthub.lock"] { unlink("\(directory)/\(name)") }
    }

    /// An empty log in the directory, on a thread of its own.
    func startNewLog() throws -> StorageThread {
        removeLog()
        let directory = directory
        return try StorageThread(clock: wallTime) { () throws(StorageError) in
            try LMDBLog.open(directory, now: wallTime())
        }
    }
}

/// Wall-clock time as the log wants it.
func wallTime() -> Timestamp { Timestamp(microseconds: SystemClock.wallMicroseconds()) }

func seconds(since start: UInt64) -> Double { Double(SystemClock.monotonicNanoseconds() - start) / 1e9 }

/// The middle one of some figures.
func median(_ figures: [Double]) -> Double {
    let sorted = figures.sorted()
    return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
}

/// A number with few digits, for people.
func rounded(_ value: Double, _ digits: Int = 2) -> String {
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let whole = (value * scale).rounded() / scale
    return digits == 0 ? String(Int(whole)) : String(whole)
}

/// Resident memory of this process in bytes, the file's own pages not counted.
func residentBytes() -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    guard fgets(&line, 256, file) != nil else { return 0 }
    let fields = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        .split(separator: " ").compactMap { Int($0) }
    return fields.count > 2 ? (fields[1] - fields[2]) * 4096 : 0
}
