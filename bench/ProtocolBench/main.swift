import Workbench

// Measures the protocols' state machines alone, on one thread and without I/O. `docs/performance.md` says what the
// figures mean.

let usage = """
    usage: ProtocolBench COMMAND [NAME=VALUE …]

      http        requests read, answers written
      websocket   frames decoded, bytes unmasked, UTF-8 checked
      native      frames of the native protocol read and written

      rounds=N  how often each is measured (9)
    """

Arguments.check(against: usage)
let rounds = Arguments.value("rounds", 9, least: 1)
switch Arguments.words.first {
case "http": HTTPBench(rounds: rounds).run()
case "websocket": WebSocketBench(rounds: rounds).run()
case "native": NativeBench(rounds: rounds).run()
default: Arguments.end(with: usage)
}
