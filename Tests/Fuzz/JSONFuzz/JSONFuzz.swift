import Fuzzing
import HubBytes
import HubProtocols

/// What libFuzzer calls with one input after another: JSON text as anybody may send it.
///
/// The first byte chooses the bounds. Whatever the rest is, the strict reader agrees with the validator; what it reads is
/// JSON5 of the same meaning; and what is read as either is written and read again to the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start, count > 0 else { return 0 }
    let text = UnsafeRawBufferPointer(start: start + 1, count: count - 1).bytes
    var rules = JSONRules()
    rules.allowsDuplicateNames = start[0] & 1 == 1
    rules.depthMax = start[0] & 2 == 2 ? 128 : 4
    rules.valuesMax = start[0] & 4 == 4 ? 100_000 : 20
    var relaxed = rules
    relaxed.dialect = .json5
    let isValid = JSONValidator.fault(in: text, depthMax: rules.depthMax) == nil
    var meaning: JSONValue?
    do throws(JSONTextError) {
        let value = try JSONReader.value(text, rules)
        precondition(isValid, "the validator disagrees")
        meaning = value
        check(value)
    } catch {
        let isBound = ["values", "twice", "too large"].contains { error.message.contains($0) }
        precondition(!isValid || isBound, "the validator disagrees")
        precondition(error.place.line > 0 && error.place.column > 0)
    }
    do throws(JSONTextError) {
        let document = try JSONReader.document(text, relaxed)
        precondition(document.place(of: JSONPath()) != nil)
        if let meaning { precondition(document.value == meaning, "JSON5 means something else") }
        check(document.value)
    } catch {
        precondition(meaning == nil, "JSON that is no JSON5")
        precondition(error.place.line > 0 && error.place.column > 0)
    }
    return 0
}

/// What a value is written as is JSON, and means the value; infinities and NaN become null.
private func check(_ value: JSONValue) {
    var writer = JSONWriter()
    writer.value(value)
    precondition(JSONValidator.fault(in: writer.bytes, depthMax: 128) == nil)
    guard let again = try? JSONReader.value(writer.bytes) else {
        preconditionFailure("what was written cannot be read")
    }
    var second = JSONWriter()
    second.value(again)
    precondition(second.bytes.equals(writer.bytes))
}

/// Where the package manager's link step expects the program to begin.
@_cdecl("JSONFuzz_main")
func begin(_ count: CInt, _ arguments: FuzzArguments?) -> CInt { runFuzzer(count, arguments, fuzzOneInput) }
