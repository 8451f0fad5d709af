import Glibc

// Measures TLS sessions in pairs inside this process: handshakes, bulk, and what an idle session keeps.
// `docs/performance.md` says what the figures mean.

let usage = """
    usage: TLSBench [COMMAND] [NAME=VALUE …]

      handshakes  full, with client certificates, resumed    count=2000
      bulk        sealing and opening                        megabytes=2000
      idle        memory of idle server sessions             sessions=10000
      idle-mtls   the same with client certificates          sessions=10000
      half-open   memory of handshakes that stop half-way    sessions=1000
      all         these, one after the other; the default
    """

var command = "all"
var values: [String: Int] = [:]
for argument in CommandLine.arguments.dropFirst() {
    let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
    if parts.count == 1 {
        command = argument
    } else if let value = Int(parts[1]), value > 0 {
        values[parts[0]] = value
    } else {
        print("unknown argument \(argument)\n\(usage)")
        exit(2)
    }
}
let sessions = values["sessions"] ?? 10_000
switch command {
case "idle": try IdleBench(sessions: sessions, withClientCertificates: false).run()
case "idle-mtls": try IdleBench(sessions: sessions, withClientCertificates: true).run()
case "half-open": try HalfOpenBench(sessions: values["sessions"] ?? 1000).run()
case "handshakes": try HandshakeBench(count: values["count"] ?? 2000).run()
case "bulk": try BulkBench(megabytes: values["megabytes"] ?? 2000).run()
case "all":
    // Memory first: what others leave behind would hide what idle sessions take.
    try IdleBench(sessions: sessions, withClientCertificates: false).run()
    try HandshakeBench(count: values["count"] ?? 2000).run()
    try BulkBench(megabytes: values["megabytes"] ?? 2000).run()
default:
    print(usage)
    exit(2)
}
