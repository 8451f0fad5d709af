import Glibc
import HubModel
import HubStorage
import HubSystem
import LogLoad
import Workbench

/// What the command line says.
struct Settings {
    let directory: String

    var shape: LogLoad.Shape {
        LogLoad.Shape(
            sessions: Arguments.value("sessions", 1000), topics: Arguments.value("topics", 100),
            payloadBytes: Arguments.value("payload", 256))
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
