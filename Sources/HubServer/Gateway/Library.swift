package import HubBytes
package import HubModel
package import HubProtocols
package import HubStorage
package import HubSystem
import Synchronization

/// Threads that read the log for whoever asks: replays, and people who look into it. A bounded number of questions
/// waits; who asks more is told to come back.
package final class Library: Sendable {
    /// Something to find out.
    package typealias Job = @Sendable (any LogReader) -> Void

    private let jobs: Channel<JobBox>
    private let threads: [SystemThread]
    private let closing = Atomic(false)

    private struct JobBox: Sendable {
        let job: Job
    }

    /// Threads that read a log.
    package init(
        _ reader: any LogReader, name: String = "library", threads count: Int = 2, waitingMax: Int = 1024
    ) throws(SystemError) {
        let jobs = try Channel<JobBox>(capacity: waitingMax)
        var threads: [SystemThread] = []
        for number in 0..<count {
            threads.append(
                try SystemThread(name: "\(name)-\(number)") {
                    while let box = jobs.take(waitingMilliseconds: -1) { box.job(reader) }
                    // Closing wakes one of those that wait; each wakes the next.
                    jobs.close()
                })
        }
        self.jobs = jobs
        self.threads = threads
    }

    /// Has something found out; false if too much waits.
    package func perform(_ job: @escaping Job) -> Bool {
        var box: JobBox? = JobBox(job: job)
        jobs.offer(&box)
        return box == nil
    }

    /// Whether it is about to end: whoever has much to do gives up.
    package var isClosing: Bool { closing.load(ordering: .acquiring) }

    /// Ends the threads when what waits is done.
    package func close() {
        closing.store(true, ordering: .releasing)
        jobs.close()
        for thread in threads { thread.join() }
    }
}

/// Some messages of the log, in words, in the order asked for. Texts lie in `bytes`.
package struct MessagePage: ~Copyable, Sendable {
    /// Texts and payloads.
    package var bytes = ByteBuffer(capacity: 4096)
    /// The messages.
    package var messages: [RoutedMessage] = []
    /// What is missing among them.
    package var gaps: [Gap] = []
    /// How to ask for what follows; nil at the end.
    package var next: LogQuery?

    /// Reads a page. `wants` says which records are of use.
    package init(
        _ reader: any LogReader, _ query: LogQuery, _ limit: PageLimit,
        where wants: (RecordView) -> Bool = { _ in true }
    ) throws(StorageError) {
        let page = try reader.page(query, limit)
        var texts: [NameID: Slice] = [:]
        var index = 0
        while index < page.count {
            let record = page[index]
            if wants(record) { try add(record, reader, &texts) }
            index += 1
        }
        gaps = page.gaps
        next = page.next
    }

    private mutating func add(
        _ record: RecordView, _ reader: any LogReader, _ texts: inout [NameID: Slice]
    ) throws(StorageError) {
        var message = RoutedMessage(
            record.kind, offset: record.offset, sequence: record.sequence, time: record.time,
            expiry: record.expiry)
        message.dialect = record.dialect
        message.flags = record.flags
        message.session = try text(of: record.session, reader, &texts)
        message.sender = try text(of: record.sender, reader, &texts)
        message.destination = try text(of: record.destination, reader, &texts)
        message.isDirect = try reader.name(record.destination)?.key.kind == .agent
        message.takeParts(of: record, into: &bytes)
        messages.append(message)
    }

    private mutating func text(
        of name: NameID, _ reader: any LogReader, _ texts: inout [NameID: Slice]
    ) throws(StorageError) -> Slice {
        guard name != .none else { return .empty }
        if let known = texts[name] { return known }
        let text = try reader.name(name)?.text ?? ""
        let slice = bytes.place(text)
        texts[name] = slice
        return slice
    }
}
