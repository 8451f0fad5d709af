import Foundation
import Glibc

/// How a test puts a process under FaultLayer.
package enum FaultPreload {
    /// The library, which the build leaves next to the program or test bundle that has this code.
    package static var libraryPath: String? {
        // Of the mapped files this code is in one, under `swift test` not the program's own.
        let here = UInt(bitPattern: #dsohandle)
        guard let maps = try? String(contentsOfFile: "/proc/self/maps", encoding: .utf8) else { return nil }
        for line in maps.split(separator: "\n") {
            let range = line.prefix { $0 != " " }.split(separator: "-").compactMap { UInt($0, radix: 16) }
            guard range.count == 2, (range[0]..<range[1]).contains(here), let slash = line.firstIndex(of: "/")
            else { continue }
            let path = line[slash...].prefix(through: line.lastIndex(of: "/") ?? slash) + "libFaultLayer.so"
            return access(String(path), R_OK) == 0 ? String(path) : nil
        }
        return nil
    }

    /// What to add to the environment of the process: the library and what it is to do.
    package static func environment(
        file: String = "data.mdb", trace: String? = nil, control: String? = nil
    ) -> [String: String]? {
        guard let libraryPath else { return nil }
        var environment = ["LD_PRELOAD": libraryPath, "FAULT_FILE": file]
        environment["FAULT_TRACE"] = trace
        environment["FAULT_CONTROL"] = control
        return environment
    }

    /// Puts a mark in the trace of this process; false if it does not run under FaultLayer.
    package static func mark(_ value: UInt64) -> Bool {
        // A null handle is RTLD_DEFAULT, which the importer cannot translate.
        guard let symbol = dlsym(nil, "fault_mark") else { return false }
        unsafeBitCast(symbol, to: (@convention(c) (UInt64) -> Void).self)(value)
        return true
    }
}
