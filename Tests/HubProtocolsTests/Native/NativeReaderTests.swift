import HubBytes
import HubModel
import HubProtocols
import Testing

/// What agents may write, and what they are told when it is something else.
@Suite struct NativeReaderTests {
    /// What comes of a text, frame by frame.
    private func read(_ text: String, _ limits: NativeLimits = NativeLimits()) -> [Result<
        String, NativeFault
    >] {
        var batch = ByteBuffer()
        var found: [Result<String, NativeFault>] = []
        text.withBytes { bytes in
            var reader = NativeReader(bytes, limits: limits)
            var isOver = false
            while !isOver {
                do throws(NativeFault) {
                    guard let frame = try reader.next(&batch) else { return }
                    found.append(.success(words(frame, batch.bytes)))
                } catch {
                    found.append(.failure(error))
                    isOver = !error.canGoOn
                }
            }
        }
        return found
    }

    /// The parts of a frame that the tests look at.
    private func words(_ frame: NativeFrame, _ batch: RawSpan) -> String {
        switch frame {
        case .publication(let one):
            var words = ["\(one.kind)", one.id.of(batch).text, "\(one.target)", one.name.of(batch).text]
            words += [one.session, one.correlation, one.cause, one.trace].map { $0.of(batch).text }
            words += [one.lifeMilliseconds.map { "\($0)" } ?? "", one.isRetained ? "retained" : ""]
            return
                (words + [one.durability == .fsynced ? "" : "\(one.durability)", one.payload.of(batch).text])
                .joined(separator: "|")
        case .settlement(let one):
            let runs = one.runs.of(batch)
            let numbers = (0..<runs.byteCount / 8).map { runs.load($0 * 8, as: UInt64.self) }
            return "\(one.verdict) \(one.consumer.of(batch).text) \(numbers) \(one.reason.of(batch).text)"
        case .heartbeat(let beat):
            return
                "heartbeat \(beat.status.of(batch).text) \(beat.workingOn.count) \(beat.data.of(batch).text)"
        case .session(let step):
            return
                "\(step.kind) \(step.session.of(batch).text) \(step.with.of(batch).text) \(step.data.of(batch).text)"
        case .ping(let id): return "ping \(id.of(batch).text)"
        case .subscribe(let wanted):
            return "\(wanted.consumer ?? "-") \(wanted.topics) \(wanted.from.map { "\($0)" } ?? "-")"
        case .replay(let replay):
            return "\(replay.from.map { "\($0)" } ?? "-") \(replay.to.map { "\($0)" } ?? "-") \(replay.speed)"
        default: return "another frame"
        }
    }

    @Test(
        "frames mean what they say, in any order of their fields",
        arguments: [
            (
                #"{"type":"message","id":"1","topic":"a.b","data":{"x": 1}}"#,
                #"message|1|topic|a.b||||||||{"x": 1}"#
            ),
            (
                #" { "data" : "\n" , "durability":"memory", "to":"bob", "type":"message" } "#,
                #"message||agent|bob|||||||memory|"\n""#
            ),
            (
                #"{"type":"message","topic":"a","data":null,"unknown":[{"type":2}],"timestamp":"now","session":null}"#,
                "message||topic|a||||||||null"
            ),
            (
                #"{"type":"message","topic":"v","retain":true,"ttl_ms":5,"cause":"c","traceparent":"t","session":"s"}"#,
                "message||topic|v|s||c|t|5|retained||"
            ),
            (
                #"{"typ\u0065":"mess\u0061ge","topic":"j\u00fcrgen \ud83d\ude00 \"\\\/","data":0}"#,
                "message||topic|jürgen 😀 \"\\/||||||||0"
            ),
            (
                #"{"type":"command","id":"c","to":"w","data":{"command":"go","timeout":70}}"#,
                #"command|c|agent|w|||||70|||{"command":"go","timeout":70}"#
            ),
            (
                #"{"type":"command","id":"c","topic":"w","timeout_ms":5,"data":{"timeout_ms":7,"command":"go"}}"#,
                #"command|c|topic|w|||||5|||{"timeout_ms":7,"command":"go"}"#
            ),
            (
                #"{"type":"response","data":{"command_id":"c","status":"ok","result":[1]}}"#,
                #"response||implied|||c||||||{"command_id":"c","status":"ok","result":[1]}"#
            ),
            (#"{"type":"response","command_id":"c","data":7}"#, "response||implied|||c||||||7"),
            (#"{"type":"status","data":{"status":"idle"}}"#, #"status||implied|||||||||{"status":"idle"}"#),
            (#"{"type":"ack","consumer":"w","offset":7}"#, "acknowledged w [7, 7] "),
            (#"{"type":"ack","consumer":"w","up_to":9}"#, "acknowledged w [0, 9] "),
            (
                #"{"type":"nak","consumer":"w","offsets":[3,4,5,9,7],"delay_ms":10,"reason":"no"}"#,
                "refused(afterMilliseconds: Optional(10)) w [3, 5, 9, 9, 7, 7] no"
            ),
            (#"{"type":"working","consumer":"w","offset":0}"#, "working w [0, 0] "),
            (#"{"type":"term","consumer":"w","offset":1,"reason":"bad"}"#, "givenUp w [1, 1] bad"),
            (#"{"type":"heartbeat"}"#, "heartbeat  0 "),
            (
                #"{"type":"heartbeat","data":{"status":"busy","working_on":[1,2,9]}}"#,
                #"heartbeat busy 32 {"status":"busy","working_on":[1,2,9]}"#
            ),
            (
                #"{"type":"session_open","session":"s","with":"b","purpose":"plan\n"}"#,
                #"open s b {"purpose":"plan\n"}"#
            ),
            (#"{"type":"session_close","session":"s","data":[1]}"#, "close s  [1]"),
            (
                #"{"type":"subscribe","topics":["a.*","b.>"],"from":{"offset":7}}"#,
                #"- ["a.*", "b.>"] offset(7)"#
            ),
            (#"{"type":"subscribe","inbox":true,"consumer":"me","from":"last"}"#, "me [] last"),
            (
                #"{"type":"replay","id":"r","session":"s","from":{"seq":2},"to":90,"speed":0.5}"#,
                "sequence(2) offset(90) times(0.5)"
            ),
            (#"{"type":"replay","id":"r","topics":["a"],"speed":"original"}"#, "- - times(1.0)"),
            (#"{"type":"ping"}"#, "ping "), (#"{"type":"ping","id":"p"}"#, "ping p"),
        ])
    func meaning(text: String, meaning: String) throws {
        let read = read(text)
        #expect(read == [.success(meaning)])
    }

    @Test(
        "what is wrong is said with its code, its words and the frame's id",
        arguments: [
            ("", .badJSON, "the text ends too early", ""), ("{", .badJSON, "ends too early", ""),
            (#"{"id":"7","type":}"#, .badJSON, "a value was expected at byte 17", "7"),
            (#"{"id":"7","type":"ping"} x"#, .badJSON, "something follows", "7"),
            (#"{"type":"message","id":"7","topic":"a","data":{"a":1,}}"#, .badJSON, "a key in quotes", "7"),
            (#"{"type":"message","id":"7","topic":"a","data":"\ud800"}"#, .badJSON, "surrogate", "7"),
            (#"{"type":"message","id":"7","topic":"a","data":01}"#, .badJSON, "not a number", "7"),
            (#"{"type":"message",'id':"7"}"#, .badJSON, "a key in quotes", ""),
            ("7", .missingField, "a frame is an object", ""), ("\"ping\"", .missingField, "object", ""),
            ("{}", .missingField, "`type`", ""), (#"{"id":"7","type":null}"#, .missingField, "`type`", "7"),
            (#"{"id":"7","type":5}"#, .badField, "`type` must be a string", "7"),
            (#"{"id":"7","type":"mesage"}"#, .unknownType, "did you mean \"message\"?", "7"),
            (#"{"id":"7","type":"Subscribe"}"#, .unknownType, "did you mean \"subscribe\"?", "7"),
            (#"{"id":"7","type":"xyzzy_frobnicate"}"#, .unknownType, "there is no type", "7"),
            (#"{"id":7,"type":"ping"}"#, .badField, "`id` must be a string", ""),
            (#"{"id":"7","type":"ping","id":"8"}"#, .badField, "`id` is there twice", "8"),
            (#"{"id":"7","type":"ping","\u0069d":"8"}"#, .badField, "`id` is there twice", "8"),
            (#"{"id":"7","type":"message","data":1}"#, .missingField, "`topic`", "7"),
            (#"{"id":"7","type":"message","topic":"a"}"#, .missingField, "`data` is missing", "7"),
            (#"{"id":"7","type":"message","topic":"a","to":"b","data":1}"#, .badField, "not to both", "7"),
            (#"{"id":"7","type":"message","topic":5,"data":1}"#, .badField, "`topic` must be a string", "7"),
            (
                #"{"id":"7","type":"message","topic":"a","data":1,"ttl_ms":0}"#, .badField,
                "`ttl_ms` must be a whole number from 1 to", "7"
            ),
            (
                #"{"id":"7","type":"message","topic":"a","data":1,"ttl_ms":1.5}"#, .badField, "whole number",
                "7"
            ),
            (
                #"{"id":"7","type":"message","topic":"a","data":1,"ttl_ms":"5"}"#, .badField, "whole number",
                "7"
            ),
            (
                #"{"id":"7","type":"message","topic":"a","data":1,"ttl_ms":99999999999999999999}"#, .badField,
                "whole number", "7"
            ),
            (
                #"{"id":"7","type":"message","topic":"a","data":1,"retain":1}"#, .badField, "true or false",
                "7"
            ),
            (
                #"{"id":"7","type":"message","topic":"a","data":1,"durability":"disk"}"#, .badField,
                "\"fsynced\", \"memory\" or \"replicated\"", "7"
            ),
            (#"{"type":"command","to":"a","data":{"command":"x"}}"#, .missingField, "`id`", ""),
            (#"{"id":"7","type":"command","data":{"command":"x"}}"#, .missingField, "`to`", "7"),
            (#"{"id":"7","type":"command","to":"a"}"#, .missingField, "`data` is missing", "7"),
            (#"{"id":"7","type":"command","to":"a","data":5}"#, .badField, "`data` must be an object", "7"),
            (#"{"id":"7","type":"command","to":"a","data":{}}"#, .missingField, "`data.command`", "7"),
            (
                #"{"id":"7","type":"command","to":"a","data":{"command":"x","timeout":"5"}}"#, .badField,
                "`timeout` must be", "7"
            ),
            (
                #"{"id":"7","type":"command","to":"a","data":{"command":"x","command":"y"}}"#, .badField,
                "`data.command` is there twice", "7"
            ),
            (#"{"id":"7","type":"response","data":{"status":"ok"}}"#, .missingField, "`command_id`", "7"),
            (#"{"id":"7","type":"response","command_id":"c"}"#, .missingField, "`data` is missing", "7"),
            (#"{"id":"7","type":"response","topic":"a","data":1}"#, .badField, "no `topic`", "7"),
            (#"{"id":"7","type":"status","data":{}}"#, .missingField, "`data.status`", "7"),
            (#"{"id":"7","type":"status","to":"a","data":{"status":"x"}}"#, .badField, "neither", "7"),
            (#"{"type":"ack","offset":1}"#, .missingField, "`consumer` is missing", ""),
            (#"{"type":"ack","consumer":"w"}"#, .missingField, "`offset`, `offsets` and `up_to`", ""),
            (#"{"type":"ack","consumer":"w","offset":1,"up_to":2}"#, .badField, "one of `offset`", ""),
            (#"{"type":"ack","consumer":"w","offset":-1}"#, .badField, "`offset` must be a whole", ""),
            (#"{"type":"ack","consumer":"w","offsets":[]}"#, .badField, "one offset at least", ""),
            (#"{"type":"ack","consumer":"w","offsets":[1,"2"]}"#, .badField, "`offsets` must be", ""),
            (#"{"id":"7","type":"subscribe"}"#, .missingField, "`topics` is missing", "7"),
            (#"{"id":"7","type":"subscribe","topic":"a"}"#, .missingField, "`topics` is missing", "7"),
            (#"{"id":"7","type":"subscribe","topics":"a"}"#, .badField, "an array of strings", "7"),
            (#"{"id":"7","type":"subscribe","topics":[]}"#, .badField, "one pattern at least", "7"),
            (#"{"id":"7","type":"subscribe","topics":["a"],"inbox":true}"#, .badField, "not both", "7"),
            (#"{"id":"7","type":"subscribe","topics":["a"],"from":"start"}"#, .badField, "\"all\"", "7"),
            (
                #"{"id":"7","type":"subscribe","topics":["a"],"from":{"time":"noon"}}"#, .badField, "a time",
                "7"
            ),
            (#"{"id":"7","type":"subscribe","topics":["a"],"ack":"none"}"#, .badField, "\"explicit\"", "7"),
            (
                #"{"id":"7","type":"subscribe","topics":["a"],"max_in_flight":0}"#, .badField, "1 to 65536",
                "7"
            ),
            (
                #"{"id":"7","type":"subscribe","topics":["a"],"backoff":{"factor":0.5}}"#, .badField,
                "from 1 to 100",
                "7"
            ),
            (#"{"type":"replay","session":"s"}"#, .missingField, "`id`", ""),
            (#"{"id":"7","type":"replay"}"#, .missingField, "`session` or of `topics`", "7"),
            (#"{"id":"7","type":"replay","session":"s","speed":0}"#, .badField, "`speed` must be", "7"),
            (#"{"id":"7","type":"replay","session":"s","from":{}}"#, .badField, "one of `offset`", "7"),
            (#"{"type":"cancel"}"#, .missingField, "`id` of the replay", ""),
            (#"{"id":"7","type":"session_open"}"#, .missingField, "`session` is missing", "7"),
            (#"{"id":"7","type":"session_close","session":"s","with":"b"}"#, .badField, "`with`", "7"),
            (
                #"{"id":"7","type":"session_close","session":"s","reason":"x","data":1}"#, .badField,
                "not both", "7"
            ),
            (#"{"id":"7","type":"pause","session":"s","consumer":"c"}"#, .badField, "a pause is of", "7"),
            (#"{"id":"7","type":"pause","scope":"some"}"#, .badField, "\"all\"", "7"),
            (#"{"id":"7","type":"hello","epoch":"xyz"}"#, .badField, "sixteen hexadecimal", "7"),
            (#"{"id":"7","type":"hello","key":"k"}"#, .missingField, "`key` and `signature`", "7"),
        ] as [(String, RefusalCode, String, String)])
    func refusals(text: String, code: RefusalCode, words: String, id: String) throws {
        var batch = ByteBuffer()
        let fault = text.withBytes { bytes -> NativeFault? in
            var reader = NativeReader(bytes)
            do throws(NativeFault) {
                _ = try reader.next(&batch)
                return nil
            } catch {
                return error
            }
        }
        let found = try #require(fault)
        #expect(found.refusal.code == code)
        #expect(found.refusal.message.contains(words), "\(found.refusal.message)")
        #expect(found.id.of(batch.bytes).text == id)
    }

    @Test("limits are kept, and the refusal says what they are")
    func limits() {
        var limits = NativeLimits()
        limits.payloadBytesMax = 10
        limits.batchFramesMax = 3
        limits.listMax = 2
        func codes(_ text: String) -> [String] {
            read(text, limits).map {
                switch $0 {
                case .success: "ok"
                case .failure(let fault): "\(fault.refusal.code.rawValue) \(fault.canGoOn)"
                }
            }
        }
        let ping = #"{"type":"ping"}"#
        #expect(codes(#"{"type":"message","topic":"a","data":"12345678"}"#) == ["ok"])
        #expect(codes(#"{"type":"message","topic":"a","data":"123456789"}"#) == ["too_large true"])
        #expect(codes("[\(ping),\(ping),\(ping)]") == ["ok", "ok", "ok"])
        #expect(codes("[\(ping),\(ping),\(ping),\(ping)]") == ["ok", "ok", "ok", "too_large false"])
        #expect(codes(#"{"type":"ack","consumer":"w","offsets":[1,2,3]}"#) == ["too_large true"])
        #expect(codes(#"{"type":"subscribe","topics":["a","b","c"]}"#) == ["too_large true"])
        #expect(
            codes(#"{"type":"ping","id":"\#(String(repeating: "x", count: 256))"}"#) == ["too_large true"])
        let deep = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        limits.payloadBytesMax = 1000
        #expect(codes(#"{"type":"message","topic":"a","data":\#(deep)}"#) == ["ok"])
        #expect(codes(#"{"type":"message","topic":"a","data":[\#(deep)]}"#) == ["bad_json false"])
    }

    @Test("in an array, a frame that is refused does not stop those behind it; one that is not JSON does")
    func arrays() {
        let ping = #"{"type":"ping","id":"p"}"#
        func outcome(_ text: String) -> [String] {
            read(text).map {
                switch $0 {
                case .success(let frame): frame
                case .failure(let fault): fault.refusal.code.rawValue
                }
            }
        }
        #expect(outcome("[]") == [])
        #expect(outcome(" [ \(ping) , 7, \(ping) ] ") == ["ping p", "missing_field", "ping p"])
        #expect(outcome("[{\"type\":\"pin\"},\(ping)]") == ["unknown_type", "ping p"])
        #expect(outcome("[[\(ping)],\(ping)]") == ["missing_field", "ping p"])
        #expect(outcome("[\(ping),{\"type\"},\(ping)]") == ["ping p", "bad_json"])
        #expect(outcome("[\(ping),]") == ["ping p", "bad_json"])
        #expect(outcome("[\(ping)] \(ping)") == ["bad_json"])
        #expect(outcome("[\(ping)") == ["bad_json"])
    }

    @Test("each refusal has a status and a close code that may be sent")
    func statuses() {
        for code in RefusalCode.allCases {
            #expect((400...504).contains(code.status.code))
            #expect(code.closeCode.isSendable)
        }
        #expect(RefusalCode.rateLimited.status.code == 429)
        #expect(RefusalCode.draining.closeCode.rawValue == 1012)
    }
}
