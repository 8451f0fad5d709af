import HubBytes
import HubConnection
import HubModel
import HubServer
import HubSystem
import Testing

/// How long a wrong token takes says nothing of what is wrong with it.
///
/// The time of one comparison is lost in noise, so the first test compares as much at once as shows: whoever stopped at
/// the first difference would be thousands of times as fast. The second takes the real path, and medians.
@Suite(.serialized) struct TimingTests {
    /// The middle of how long each of several things takes, measured in turn so that a busy machine is busy for all.
    private func medians(_ rounds: Int, _ bodies: [() -> Void]) -> [UInt64] {
        var times = bodies.map { _ in [UInt64]() }
        for _ in 0..<rounds {
            for (index, body) in bodies.enumerated() {
                let start = SystemClock.monotonicNanoseconds()
                body()
                times[index].append(SystemClock.monotonicNanoseconds() - start)
            }
        }
        return times.map { $0.sorted()[rounds / 2] }
    }

    private func spread(_ medians: [UInt64]) -> Double {
        Double(medians.max() ?? 0) / Double(max(1, medians.min() ?? 0))
    }

    @Test("comparing takes as long wherever the first wrong byte is") func comparison() {
        let count = 1 << 18
        let secret = [UInt8](repeating: 7, count: count)
        let bodies = [0, count / 2, count - 1, nil].map { place -> () -> Void in
            var other = secret
            if let place { other[place] ^= 1 }
            let isSame = place == nil
            return {
                let answer = secret.withBytes { one in other.withBytes { Digest.areEqual(one, $0) } }
                #expect(answer == isSame)
            }
        }
        let times = medians(101, bodies)
        #expect(spread(times) < 2, "\(times)")
    }

    @Test("a token takes as long whether its id is known, and wherever its secret is wrong") func tokens()
        throws
    {
        let access = SampleAccess()
        for index in 0..<100 { _ = try access.token("a\(index)") }
        let token = try access.token("a")
        try access.publish()
        func changed(_ place: Int) -> String {
            var bytes = Array(token.text.utf8)
            bytes[place] = bytes[place] == UInt8(ascii: "0") ? UInt8(ascii: "1") : UInt8(ascii: "0")
            return String(decoding: bytes, as: UTF8.self)
        }
        // The last is of an id that is not known.
        let texts = [changed(18), changed(50), changed(81), changed(5)]
        let bodies = texts.map { text -> () -> Void in
            {
                for _ in 0..<50 {
                    let refusal = access.refusal { () throws(Refusal) in try access.admit(bearer: text) }
                    #expect(refusal?.code == .unauthorized)
                }
            }
        }
        let times = medians(61, bodies)
        #expect(spread(times) < 1.5, "\(times)")
    }
}
