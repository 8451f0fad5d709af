import HubModel

struct Backoff {
    let initialMilliseconds: Int64, factorThousandths: Int, maxMilliseconds: Int64, jitterPercent: Int
    func milliseconds(consumer: NameID, offset: Offset, attempt: Int) -> Int64 { initialMilliseconds }
}
