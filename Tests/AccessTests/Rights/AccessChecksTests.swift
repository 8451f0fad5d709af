import HubBytes
import HubModel
import HubServer
import Randomness
import Testing

/// Decisions that are remembered.
@Suite struct AccessChecksTests {
    private func compiled(_ publish: [String], _ command: [String] = [], in pool: RightsPool) throws
        -> CompiledRights
    {
        var rights = Rights()
        rights.publish = try Grants(publish)
        rights.command = try Grants(command)
        return pool.compiled(rights)
    }

    @Test("a topic is decided once, and the same rights share the decision") func once() throws {
        let pool = RightsPool()
        let one = try compiled(["jobs.*"], in: pool)
        let same = try compiled(["jobs.*"], in: pool)
        #expect(one === same)
        var checks = AccessChecks()
        for _ in 0..<100 {
            let yes = "jobs.new".withBytes { checks.mayPublish(one, topic: $0) }
            let no = "jobs.new.eu".withBytes { checks.mayPublish(same, topic: $0) }
            #expect(yes && !no)
        }
        #expect(checks.misses == 2)
    }

    @Test("publishing and commanding, topics and agents are different questions") func apart() throws {
        let rights = try compiled(["x", "agent:y"], ["agent:x", "y"], in: RightsPool())
        var checks = AccessChecks()
        for _ in 0..<2 {
            for (name, expected) in [("x", [true, false, false, true]), ("y", [false, true, true, false])] {
                let answers = name.withBytes {
                    [
                        checks.mayPublish(rights, topic: $0), checks.mayPublish(rights, agent: $0),
                        checks.mayCommand(rights, topic: $0), checks.mayCommand(rights, agent: $0),
                    ]
                }
                #expect(answers == expected)
            }
        }
        #expect(checks.misses == 8)
    }

    @Test("other rights never get the answer that was for these") func others() throws {
        let pool = RightsPool()
        var random = SplitMix64(seed: 3)
        let lists = [["a.>"], ["*.b"], ["a.b"], ["b"], ["agent:*"], []]
        let rights = try lists.map { try compiled($0, in: pool) }
        let topics = ["a", "b", "a.b", "b.b", "a.b.c"]
        var checks = AccessChecks(namesMax: 7)
        for _ in 0..<5000 {
            let place = Int.random(in: 0..<rights.count, using: &random)
            let topic = topics[Int.random(in: 0..<topics.count, using: &random)]
            let answer = topic.withBytes { checks.mayPublish(rights[place], topic: $0) }
            #expect(answer == (try Grants(lists[place]).topics.contains { try $0.matches(TopicName(topic)) }))
        }
        #expect(checks.misses > 100)
    }

    @Test("names that are no names are no business of anybody, however long") func absurd() throws {
        let rights = try compiled(["*"], in: RightsPool())
        var checks = AccessChecks()
        for text in ["", String(repeating: "x", count: 256), String(repeating: "x", count: 100_000)] {
            let answer = text.withBytes { checks.mayPublish(rights, topic: $0) }
            #expect(!answer)
        }
        #expect(checks.misses == 0)
    }

    @Test("the pool forgets when it is full, and gives numbers that were never given") func pool() throws {
        let pool = RightsPool(rightsMax: 2)
        let first = try compiled(["a"], in: pool)
        _ = try compiled(["b"], in: pool)
        _ = try compiled(["c"], in: pool)
        let again = try compiled(["a"], in: pool)
        #expect(first !== again)
        let few = RightsPool(patternsMax: 3)
        let large = try compiled(["a", "b", "c"], in: few)
        #expect(try compiled(["a", "b", "c"], in: few) === large)
        _ = try compiled(["d"], in: few)
        #expect(try compiled(["a", "b", "c"], in: few) !== large)
        var checks = AccessChecks()
        let both = "a".withBytes {
            checks.mayPublish(first, topic: $0) && checks.mayPublish(again, topic: $0)
        }
        #expect(both && checks.misses == 2)
    }
}
