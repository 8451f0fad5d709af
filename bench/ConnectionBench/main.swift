import Glibc
import HubConnection
import HubSystem
import Workbench

// Measures the connection layer over loopback. The other side is this program again, in a process of its own.

let usage = """
    usage: ConnectionBench [COMMAND] [NAME=VALUE …]

      echo     round trips, pipelined                      connections=100 size=64 window=64 seconds=5 loops=1
      idle     memory for each idle connection             connections=10000
      accept   connections taken in, dealt out by one loop against SO_REUSEPORT
                                                           connections=20000 loops=2
      fanout   one payload to many connections             connections=1000 size=1024 seconds=3
      web      messages echoed by WebSocket                 connections=100 size=64 window=64 seconds=5 tls=0
      web-idle memory for each idle WebSocket              connections=10000 tls=0 ping=30000 seconds=60
      web-frames  so many messages echoed on one WebSocket, for counting instructions
                                                           frames=100000 size=300 window=256 tls=0
      all      these, one after the other; the default
    """

let command = Arguments.words.first ?? "all"
// The other side is told more than users are.
if !command.hasPrefix("peer-") { Arguments.check(against: usage) }
let limit = CurrentProcess.raiseDescriptorLimit()

do {
    switch command {
    case "peer-echo", "peer-idle", "peer-accept", "peer-fanout": try PeerProcess.run(command)
    case "peer-web": try WebPeerProcess.run()
    case "web": try WebBench.echo()
    case "web-frames": try WebBench.frames()
    case "web-idle": try WebBench.idle(descriptorLimit: limit)
    case "echo": try EchoBench.run()
    case "idle": try IdleBench.run(descriptorLimit: limit)
    case "accept": try AcceptBench.run()
    case "fanout": try FanoutBench.run()
    case "all":
        try EchoBench.run()
        try FanoutBench.run()
        try AcceptBench.run()
        try IdleBench.run(descriptorLimit: limit)
    default: Arguments.end(with: usage)
    }
} catch {
    print("failed: \(error)")
    exit(1)
}
