import HubBytes
import HubProtocols

/// What somebody asked and has not been answered, by the numbers that the core's answers are marked with: what kind of
/// question it was, and the id that it came with.
struct PendingReplies: ~Copyable {
    /// What was asked.
    struct Question {
        /// What kind of answer it wants.
        var kind: UInt8
        var id: Slice
        var isAnswered = false
    }

    private var questions: [Question] = []
    /// Questions at the beginning that are done with.
    private var done = 0
    private var firstTag: UInt64 = 1
    private var texts = ByteBuffer(capacity: 0)
    /// Bytes at the beginning of the texts that belong to nobody any more.
    private var deadBytes = 0

    /// Questions that wait, and such as were answered behind one that waits.
    var count: Int { questions.count - done }

    /// Notes a question and gives it a number.
    mutating func add(_ kind: UInt8, id: RawSpan) -> UInt64 {
        let tag = firstTag + UInt64(questions.count)
        questions.append(Question(kind: kind, id: texts.place(id)))
        return tag
    }

    /// The number of the newest question.
    var lastTag: UInt64 { firstTag + UInt64(questions.count) - 1 }

    /// The kind of a question, and the id that it came with, if it waits.
    borrowing func find(_ tag: UInt64) -> Question? {
        guard tag >= firstTag + UInt64(done), tag < firstTag + UInt64(questions.count) else { return nil }
        let question = questions[Int(tag - firstTag)]
        return question.isAnswered ? nil : question
    }

    /// The text of an id.
    @_lifetime(borrow self)
    func id(of question: Question) -> RawSpan { question.id.of(texts.bytes) }

    /// Lends the text of an id.
    func withID(of question: Question, _ body: (RawSpan) -> Void) { body(id(of: question)) }

    /// A question has its answer.
    mutating func answer(_ tag: UInt64) {
        guard find(tag) != nil else { return }
        questions[Int(tag - firstTag)].isAnswered = true
        while done < questions.count, questions[done].isAnswered {
            deadBytes = Int(questions[done].id.start) + Int(questions[done].id.count)
            done += 1
        }
        tidy()
    }

    /// Moves what waits to the beginning when more than half is done with: seldom, and little at a time.
    private mutating func tidy() {
        guard done == questions.count || done >= 1024 && done > questions.count / 2 else { return }
        firstTag += UInt64(done)
        if done == questions.count {
            questions.removeAll(keepingCapacity: questions.capacity <= Self.keptQuestions)
            texts.removeAll()
            texts.shrink(toCapacity: Self.keptBytes)
        } else {
            questions.removeFirst(done)
            texts.removeFirst(deadBytes)
            for index in questions.indices { questions[index].id.start -= UInt32(deadBytes) }
        }
        done = 0
        deadBytes = 0
    }

    private static let keptQuestions = 256
    private static let keptBytes = 4096
}
