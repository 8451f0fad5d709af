import HubModel
import HubRouter
package import HubStorage
package import HubSystem

/// A page that the reader is to fetch.
package struct PageOrder: Sendable {
    let read: Effects.Read
    let query: LogQuery
    let limit: PageLimit
}

/// A page that was fetched, or why it was not.
package struct ReadPage: ~Copyable, Sendable {
    let order: PageOrder
    var page: LogPage?
    let failure: StorageError?
}

/// Reads that the router wants done.
struct ReadQueue {
    private var waiting: [PageOrder] = []
    /// Such as could not be done, and when they are tried again.
    private var later: [(order: PageOrder, at: Timestamp)] = []

    var nextDeadline: Timestamp? { later.first?.at }

    mutating func add(_ read: Effects.Read, _ router: borrowing Router, _ settings: CoreSettings) {
        let limit = PageLimit(records: max(1, read.limit), bytes: settings.pageBytesMax)
        switch read.purpose {
        case .record(let offset):
            waiting.append(
                PageOrder(read: read, query: .log(from: offset, to: offset.next), limit: limit))
        case .page(let from):
            guard let (filter, tenant) = router.filter(of: read.consumer) else { return }
            let query: LogQuery =
                switch filter {
                case .inbox(let agent): .destination(agent, from: from)
                case .topics(let patterns): .topics(patterns, tenant: tenant, from: from)
                }
            waiting.append(PageOrder(read: read, query: query, limit: limit))
        }
    }

    mutating func addAgain(_ order: PageOrder, at time: Timestamp) { later.append((order, time)) }

    mutating func send(_ links: CoreLinks, now: Timestamp) {
        while let first = later.first, first.at <= now {
            waiting.append(first.order)
            later.removeFirst()
        }
        var sent = 0
        while sent < waiting.count {
            var order: PageOrder? = waiting[sent]
            links.orders.offer(&order)
            guard order == nil else { break }
            sent += 1
        }
        if sent > 0 { waiting.removeFirst(sent) }
    }
}

/// The thread that reads pages for consumers that are behind: away from live traffic.
package final class ReaderThread: Sendable {
    private let thread: SystemThread

    /// Starts it.
    package init(_ links: CoreLinks, _ reader: any LogReader) throws(SystemError) {
        thread = try SystemThread(name: "reader") {
            while let order = links.orders.take(waitingMilliseconds: -1) {
                do throws(StorageError) {
                    let page = try reader.page(order.query, order.limit)
                    links.pages.send(ReadPage(order: order, page: page, failure: nil))
                } catch {
                    links.pages.send(ReadPage(order: order, page: nil, failure: error))
                }
            }
        }
    }

    /// Waits until it has ended: when there are no more orders to come.
    package func join() { thread.join() }
}
