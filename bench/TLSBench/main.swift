import Workbench

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

Arguments.check(against: usage)
let sessions = Arguments.value("sessions", 10_000)
switch Arguments.words.first ?? "all" {
case "idle": try IdleBench(sessions: sessions, withClientCertificates: false).run()
case "idle-mtls": try IdleBench(sessions: sessions, withClientCertificates: true).run()
case "half-open": try HalfOpenBench(sessions: Arguments.value("sessions", 1000)).run()
case "handshakes": try HandshakeBench(count: Arguments.value("count", 2000)).run()
case "bulk": try BulkBench(megabytes: Arguments.value("megabytes", 2000)).run()
case "all":
    // Memory first: what others leave behind would hide what idle sessions take.
    try IdleBench(sessions: sessions, withClientCertificates: false).run()
    try HandshakeBench(count: Arguments.value("count", 2000)).run()
    try BulkBench(megabytes: Arguments.value("megabytes", 2000)).run()
default: Arguments.end(with: usage)
}
