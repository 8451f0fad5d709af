import HubSystem

/// The picture of `agenthub top`: numbers and a size in, lines out.
struct TopView {
    /// What is watched, as in the first line.
    let title: String
    let size: Terminal.Size
    let style: TextStyle

    private static let nameColumns = 13
    private static let figureColumns = 15

    /// No more lines than there are rows, none longer than there are columns. What is left out when there is little room
    /// is the end of the list of consumers, then the lower figures: alerts stay.
    func lines(_ figures: TopFigures) -> [String] {
        var lines = [style.bold(cut(heading(figures)))]
        lines += figures.alerts.map { style.red(cut("! " + $0)) }
        lines.append("")
        lines += rows(figures).map { cut($0) }
        lines.append("")
        lines += consumerLines(figures, room: size.rows - lines.count)
        return Array(lines.prefix(max(size.rows, 1)))
    }

    /// A line that is not about figures.
    func notice(_ sentence: String) -> String { style.red(cut(sentence)) }

    private func heading(_ figures: TopFigures) -> String {
        var parts = ["AgentHub \(figures.version ?? "?")", title, figures.phase]
        if let up = figures.upSeconds { parts.append("up \(Quantity.duration(seconds: up))") }
        return parts.joined(separator: " · ")
    }

    private func rows(_ figures: TopFigures) -> [String] {
        [
            row(
                "Messages", "in \(Quantity.rate(figures.received))",
                "out \(Quantity.rate(figures.delivered))",
                "again \(Quantity.rate(figures.redelivered))", "refused \(Quantity.rate(figures.refused))"),
            row(
                "Bytes", "in \(Quantity.bytes(Self.whole(figures.receivedBytes)))/s",
                "out \(Quantity.bytes(Self.whole(figures.deliveredBytes)))/s"),
            row("Publish", Self.text(figures.publish)),
            row(
                "Commit",
                Self.text(figures.commit) + [Quantity.rate(figures.commits)]
                    + (figures.recordsPerCommit.map { ["\(Quantity.decimal($0)) each"] } ?? [])),
            row(
                "Connections", "\(Quantity.count(figures.connections)) open",
                "\(Quantity.count(figures.agents)) agents", Quantity.count(figures.sessions, "session")),
            row(
                "Log", figures.logBytes.map(Quantity.bytes) ?? "–",
                figures.headOffset > figures.startOffset
                    ? "offsets \(Quantity.count(figures.startOffset)) to \(Quantity.count(figures.headOffset - 1))"
                    : "no records", figures.diskFreeBytes.map { "\(Quantity.bytes($0)) free" } ?? ""),
            row(
                "Process", "CPU \(Self.whole(figures.cpuShare * 100)) %",
                figures.memoryBytes.map(Quantity.bytes) ?? "–", Self.descriptors(figures)),
        ]
    }

    private func consumerLines(_ figures: TopFigures, room: Int) -> [String] {
        let states = figures.consumerStates.filter { $0.count > 0 }
            .map { "\(Quantity.count($0.count)) \($0.state.replacing("_", with: " "))" }
        var lines = [
            style.bold(cut("Consumers" + (states.isEmpty ? ": none" : ": " + states.joined(separator: ", "))))
        ]
        guard !figures.consumers.isEmpty, room >= 3 else { return lines }
        lines.append(style.dim(cut(columns("PENDING", "IN FLIGHT", "DEAD", "MEMBERS") + "  CONSUMER")))
        let shown = figures.consumers.count <= room - 2 ? figures.consumers.count : room - 3
        for consumer in figures.consumers.prefix(max(shown, 0)) {
            let numbers = columns(
                Quantity.count(consumer.pending), Quantity.count(consumer.inFlight),
                Quantity.count(consumer.deadLetters), Quantity.count(consumer.members))
            lines.append(cut(numbers + "  " + Self.printable(consumer.name)))
        }
        if shown < figures.consumers.count {
            lines.append(
                style.dim(cut("  … and \(Quantity.count(figures.consumers.count - max(shown, 0))) more")))
        }
        return lines
    }

    // MARK: Text

    private func row(_ name: String, _ figures: String...) -> String { row(name, figures) }

    private func row(_ name: String, _ figures: [String]) -> String {
        var line = Self.padded(name, Self.nameColumns)
        for figure in figures where !figure.isEmpty {
            line += Self.padded(figure, Self.figureColumns - 1) + " "
        }
        while line.last == " " { line.removeLast() }
        return line
    }

    private func columns(_ texts: String...) -> String {
        texts.map { String(repeating: " ", count: max(0, 11 - $0.count)) + $0 }.joined()
    }

    private static func padded(_ text: String, _ columns: Int) -> String {
        text + String(repeating: " ", count: max(0, columns - text.count))
    }

    private static func text(_ times: TopFigures.Times) -> [String] {
        [("p50", times.median), ("p99", times.p99)].map { "\($0.0) \($0.1.map(Quantity.latency) ?? "–")" }
    }

    private static func descriptors(_ figures: TopFigures) -> String {
        guard let open = figures.openDescriptors else { return "" }
        let most = figures.maxDescriptors.map { " of \(Quantity.count($0))" } ?? ""
        return "\(Quantity.count(open))\(most) descriptors"
    }

    private static func whole(_ value: Double) -> Int { TopFigures.whole(value.rounded()) ?? 0 }

    /// Names come from clients by way of the hub: what would move the cursor or change colours is shown as a dot.
    private static func printable(_ text: String) -> String {
        String(
            text.unicodeScalars.map { scalar -> Character in
                switch scalar.properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned,
                    .privateUse:
                    "·"
                default: Character(scalar)
                }
            })
    }

    private func cut(_ text: String) -> String {
        guard text.count > size.columns else { return text }
        return size.columns > 1
            ? text.prefix(size.columns - 1) + "…" : String(text.prefix(max(size.columns, 0)))
    }
}

extension Quantity {
    /// How often something happens.
    static func rate(_ value: Double) -> String {
        guard value.isFinite else { return "–" }
        return value > 0 && value < 9.95
            ? "\(decimal(value))/s" : "\(count(TopFigures.whole(value.rounded()) ?? 0))/s"
    }

    /// A duration of which microseconds matter.
    static func latency(_ seconds: Double) -> String {
        if seconds < 0.001 { return "\(Int((seconds * 1e6).rounded())) µs" }
        if seconds < 1 { return "\(decimal(seconds * 1e3)) ms" }
        return seconds < 1e6 ? "\(decimal(seconds)) s" : "–"
    }
}
