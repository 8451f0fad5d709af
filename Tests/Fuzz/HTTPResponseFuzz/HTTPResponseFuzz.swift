import Fuzzing
import HTTPTranscript
import HubProtocols

/// What libFuzzer calls with one input after another: bytes as a server may answer.
///
/// The first byte chooses the limits and in how many pieces the rest arrives; so many bytes then say where the
/// pieces end. However they arrive they must mean the same, and no limit may be passed, which the transcript checks.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start, count > 1 else { return 0 }
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    let choice = input[0]
    let pieces = min(Int(choice & 0x0f), count - 1)
    let bytes = Array(input[(1 + pieces)...])
    let cuts = input[1..<1 + pieces].map { Int($0) * max(bytes.count, 1) / 256 }
    let limits = choice & 0x80 != 0 ? HTTPLimits() : .small
    func read(_ cuts: [Int]) -> HTTPTranscript {
        .ofResponse(
            bytes, to: choice & 0x40 != 0 ? .head : .get, expectsUpgrade: choice & 0x20 != 0, cutAt: cuts,
            limits: limits)
    }
    let whole = read([])
    precondition(read(cuts) == whole, "pieces make a difference")
    if bytes.count <= 200 {
        precondition(read(Array(0..<bytes.count)) == whole, "single bytes make a difference")
    }
    return 0
}

/// Where the package manager's link step expects the program to begin.
@_cdecl("HTTPResponseFuzz_main")
func begin(_ count: CInt, _ arguments: FuzzArguments?) -> CInt { runFuzzer(count, arguments, fuzzOneInput) }
