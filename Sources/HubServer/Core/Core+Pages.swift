import HubModel
import HubRouter
import HubStorage
import HubSystem

/// Pages that were read for consumers that are behind.
extension Core {
    mutating func takePages() -> Bool {
        var isBusy = false
        while !outboxes.isFull, let read = links.pages.take() {
            isBusy = true
            take(read)
        }
        return isBusy
    }

    private mutating func take(_ fetched: consuming ReadPage) {
        let order = fetched.order
        guard let page = fetched.page.take() else {
            return reads.addAgain(order, at: now.adding(milliseconds: settings.readAgainMilliseconds))
        }
        switch order.read.purpose {
        case .page: takeAll(page, order.read)
        case .record(let offset): takeOne(page, offset, order.read)
        }
    }

    private mutating func takeAll(_ page: borrowing LogPage, _ read: Effects.Read) {
        var index = 0
        while index < page.count,
            router.take(page[index], at: index, for: read, now: now, &effects)
        {
            index += 1
        }
        let reached = index == page.count ? page.next.map { Offset($0.from) } ?? page.head : nil
        router.endPage(for: read, reached: reached, gaps: page.gaps, now: now, &effects)
        drain(page)
    }

    private mutating func takeOne(_ page: borrowing LogPage, _ offset: Offset, _ read: Effects.Read) {
        if page.isEmpty {
            let reason = page.gaps.first?.reason ?? .retention
            router.take(lost: offset, for: read, reason, now: now, &effects)
        } else {
            router.take(again: page[0], at: 0, for: read, now: now, &pipeline.open, &effects)
        }
        drain(page)
    }
}
