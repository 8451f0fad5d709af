import Glibc

// Measures the router's parts, each alone and on one thread. `docs/performance.md` says what the figures mean.

let usage = """
    usage: RouterBench [COMMAND] [NAME=VALUE …]

      flow     everything: publish, apply, deliver, ack    messages=4000000
      memory   what sessions, consumers and messages in flight take
      match    who wants a topic                           patterns=100000
      timers   arming, cancelling and firing               timers=1000000
      dedup    remembering messages, in two window sizes   messages=4000000
      all      these, one after the other; the default

      rounds=N  how often each is measured (7)
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
guard ["flow", "memory", "match", "timers", "dedup", "all"].contains(command) else {
    print(usage)
    exit(2)
}
let rounds = values["rounds"] ?? 7
if ["flow", "all"].contains(command) {
    FlowBench(messages: values["messages"] ?? 4_000_000, rounds: rounds).run()
}
if ["memory", "all"].contains(command) { MemoryBench().run() }
if ["match", "all"].contains(command) {
    MatchBench(patterns: values["patterns"] ?? 100_000, rounds: rounds).run()
}
if ["timers", "all"].contains(command) {
    TimerBench(timers: values["timers"] ?? 1_000_000, rounds: rounds).run()
}
if ["dedup", "all"].contains(command) {
    for entries in [1 << 16, 1 << 20] {
        DedupBench(entries: entries, messages: values["messages"] ?? 4_000_000, rounds: rounds).run()
    }
}
