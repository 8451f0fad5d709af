import HubBytes
import HubProtocols
import HubSystem

/// `agenthub top`: what a hub does at this moment.
enum TopCommand {
    static let command = CommandSpec(
        name: "top", summary: "Watch what a hub does",
        details: """
            Reads the hub's metrics again and again and shows what happened in between: messages, times, consumers \
            with most pending, and what needs attention. Any change of the terminal's size is followed; q ends it.
            Without --url the hub is the one of the context, or of AGENTHUB_URL; a token is taken from AGENTHUB_TOKEN or \
            the context. An http:// URL may have a path: the metrics are read there.
            """,
        options: [
            OptionSpec(
                name: "url", letter: "u", value: "URL",
                summary: "The hub: ws://, wss://, http:// or unix:PATH"),
            OptionSpec(
                name: "context", value: "NAME", summary: "The context to take (see agenthub context)"),
            OptionSpec(
                name: "interval", letter: "i", value: "SECONDS",
                summary: "Seconds between two looks, 1 if not given"),
            OptionSpec(name: "once", summary: "Look for one interval, write one picture and end"),
            OptionSpec(name: "json", summary: "Write JSON, one object a look"),
        ],
        examples: [
            .init(call: "agenthub top", purpose: "Watch the hub on this machine."),
            .init(
                call: "agenthub top --once --json | jq .received_per_second",
                purpose: "One number for a script."),
        ],
        exitCodes: [(.unavailable, "The hub cannot be reached, or tells no metrics")]
    ) { (arguments, console) throws(CommandFailure) in
        let source = try MetricsSource(arguments)
        let interval = Int(clamping: try arguments.number("interval", atLeast: 1) ?? 1) * 1000
        var watch = try TopWatch(source)
        if arguments.has("json") {
            repeat {
                SystemClock.sleep(milliseconds: interval)
                try console.write(TopJSON.line(try watch.look()).bytes)
                try console.flush()
            } while !arguments.has("once")
        } else if arguments.has("once") || !StandardStream.output.isTerminal {
            SystemClock.sleep(milliseconds: interval)
            let size = Terminal.Size(columns: console.columns, rows: onceRows)
            let view = TopView(title: source.title, size: size, style: console.outputStyle)
            for line in view.lines(try watch.look()) { try console.write(line + "\n") }
        } else {
            try TopScreen.run(&watch, source.title, intervalMilliseconds: interval, console)
        }
        return .done
    }

    /// A picture that is not on a screen is as long as it needs to be.
    private static let onceRows = 1000
}

/// Where metrics are read.
struct MetricsSource {
    private let fetch: HTTPFetch
    /// What is watched, in short.
    let title: String

    init(_ arguments: ParsedArguments) throws(CommandFailure) {
        guard let text = arguments.value("url"), text.hasPrefix("http://") else {
            let interface = try HubInterface(arguments)
            fetch = try interface.fetch("/metrics")
            title = interface.url
            return
        }
        let url: HTTPURL
        do throws(HTTPURLFault) {
            url = try HTTPURL(text.hasSuffix("/") ? String(text.dropLast()) : text)
        } catch {
            throw .usage(UsageError("--url: \(error.rawValue)"))
        }
        let place = url.target == "/" ? "http://\(url.authority)/metrics" : text
        do throws(HTTPURLFault) {
            fetch = HTTPFetch(url: try HTTPURL(place), token: CurrentProcess.variable("AGENTHUB_TOKEN"))
        } catch {
            throw .usage(UsageError("--url: \(error.rawValue)"))
        }
        title = "http://\(url.authority)"
    }

    /// All metrics now.
    func read() throws(CommandFailure) -> MetricsText {
        let answer = try fetch.send()
        guard answer.status == 200 else {
            throw .absent("\(fetch.url) answered with status \(answer.status), not with metrics")
        }
        do throws(MetricsTextFault) {
            return try answer.content.withBytes { (bytes) throws(MetricsTextFault) in try MetricsText(bytes) }
        } catch {
            throw .absent("\(fetch.url) has no metrics: \(error)")
        }
    }
}

/// Two looks in a row.
struct TopWatch {
    private let source: MetricsSource
    private var before: MetricsText
    private var lookedAt: UInt64

    init(_ source: MetricsSource) throws(CommandFailure) {
        self.source = source
        before = try source.read()
        lookedAt = SystemClock.monotonicNanoseconds()
    }

    /// What happened since the last look.
    mutating func look() throws(CommandFailure) -> TopFigures {
        let now = try source.read()
        let time = SystemClock.monotonicNanoseconds()
        let figures = TopFigures(
            now: now, before: before, seconds: Double(time - lookedAt) / 1e9,
            wallSeconds: Double(SystemClock.wallMicroseconds()) / 1e6)
        (before, lookedAt) = (now, time)
        return figures
    }
}
