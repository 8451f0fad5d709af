import Glibc

// Measures the protocols' state machines alone, on one thread and without I/O. `docs/performance.md` says what the
// figures mean.

let usage = """
    usage: ProtocolBench COMMAND [NAME=VALUE …]

      http        requests read, answers written
      websocket   frames decoded, bytes unmasked, UTF-8 checked
      native      frames of the native protocol read and written

      rounds=N  how often each is measured (9)
    """

var command: String?
var rounds = 9
for argument in CommandLine.arguments.dropFirst() {
    let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
    if parts.count == 2, parts[0] == "rounds", let value = Int(parts[1]), value > 0 {
        rounds = value
    } else {
        command = argument
    }
}
switch command {
case "http": HTTPBench(rounds: rounds).run()
case "websocket": WebSocketBench(rounds: rounds).run()
case "native": NativeBench(rounds: rounds).run()
default:
    print(usage)
    exit(2)
}
