import Workbench

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

Arguments.check(against: usage)
let command = Arguments.words.first ?? "all"
guard ["flow", "memory", "match", "timers", "dedup", "all"].contains(command) else {
    Arguments.end(with: usage)
}
let rounds = Arguments.value("rounds", 7, least: 1)
if ["flow", "all"].contains(command) {
    FlowBench(messages: Arguments.value("messages", 4_000_000), rounds: rounds).run()
}
if ["memory", "all"].contains(command) { MemoryBench().run() }
if ["match", "all"].contains(command) {
    MatchBench(patterns: Arguments.value("patterns", 100_000), rounds: rounds).run()
}
if ["timers", "all"].contains(command) {
    TimerBench(timers: Arguments.value("timers", 1_000_000), rounds: rounds).run()
}
if ["dedup", "all"].contains(command) {
    for entries in [1 << 16, 1 << 20] {
        DedupBench(entries: entries, messages: Arguments.value("messages", 4_000_000), rounds: rounds).run()
    }
}
