import Glibc

/// A number with few digits behind the point, for people.
package func rounded(_ value: Double, _ digits: Int = 1) -> String {
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let whole = (value * scale).rounded() / scale
    return digits == 0 ? String(Int(whole)) : String(whole)
}

/// The middle one of some figures.
package func median(_ figures: [Double]) -> Double {
    let sorted = figures.sorted()
    return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
}

/// Bytes of this process that are in memory, its own alone or those of mapped files as well.
package func residentBytes(ofFiles countsFiles: Bool = true) -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    guard fgets(&line, 256, file) != nil else { return 0 }
    let fields = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        .split(separator: " ").compactMap { Int($0) }
    guard fields.count > 2 else { return 0 }
    return (countsFiles ? fields[1] : fields[1] - fields[2]) * sysconf(Int32(_SC_PAGESIZE))
}
