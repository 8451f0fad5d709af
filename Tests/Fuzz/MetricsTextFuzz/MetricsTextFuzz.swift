import Fuzzing
import HubBytes

@testable import HubProtocols

/// What libFuzzer calls with one input after another: what a server that is no hub may answer when it is asked for
/// metrics. Limits are small, so that they are met.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start, count > 0 else { return 0 }
    let input = UnsafeRawBufferPointer(start: start, count: count).bytes
    var limits = MetricsText.Limits()
    limits.samplesMax = 50
    limits.labelsMax = 4
    limits.lineBytesMax = 400
    do throws(MetricsTextFault) {
        let text = try MetricsText(input, limits)
        precondition(text.count <= limits.samplesMax)
        // With a line end behind it, which may be missing, it says the same; so does the front up to a line end.
        let ended = input.array + [UInt8(ascii: "\n")]
        let again = try ended.withBytes { (bytes) throws(MetricsTextFault) in try MetricsText(bytes, limits) }
        precondition(again.count == text.count)
    } catch {
        let lines = input.array.count { $0 == UInt8(ascii: "\n") } + 1
        precondition((0...lines).contains(error.line))
    }
    return 0
}

/// Where the package manager's link step expects the program to begin.
@_cdecl("MetricsTextFuzz_main")
func begin(_ count: CInt, _ arguments: FuzzArguments?) -> CInt { runFuzzer(count, arguments, fuzzOneInput) }
