import Fuzzing
import HubBytes
import HubModel
import HubProtocols
import NativeSamples

/// What libFuzzer calls with one input after another: text as an agent or a hub may send it.
///
/// Whatever is read and written again must be read as the same; what is refused as JSON must be none.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start, count > 0 else { return 0 }
    let text = UnsafeRawBufferPointer(start: start, count: count).bytes
    readAsHub(text)
    readAsAgent(text)
    return 0
}

private func readAsHub(_ text: RawSpan) {
    var limits = NativeLimits()
    limits.payloadBytesMax = 4096
    var reader = NativeReader(text, limits: limits)
    var batch = ByteBuffer()
    while true {
        do throws(NativeFault) {
            guard let frame = try reader.next(&batch) else { break }
            check(frame, batch.bytes)
        } catch {
            precondition(error.id.of(batch.bytes).byteCount >= 0)
            if error.refusal.code == .badJSON, !error.canGoOn {
                let fault = JSONValidator.fault(in: text, depthMax: 60)
                precondition(fault != nil, "JSON was refused as none")
            }
            if !error.canGoOn { break }
        }
    }
}

private func check(_ frame: NativeFrame, _ batch: RawSpan) {
    var written = ByteBuffer()
    // Long runs of offsets would be written out one by one.
    if case .settlement(let settlement) = frame, settlement.runs.count > 1 << 12 { return }
    frame.append(in: batch, to: &written)
    precondition(JSONValidator.fault(in: written.bytes, depthMax: 128) == nil, "what is written is JSON")
    var reader = NativeReader(written.bytes)
    var again = ByteBuffer()
    guard let read = try? reader.next(&again) else { preconditionFailure("what is written is read") }
    // A heartbeat keeps besides what it was written as.
    if case .heartbeat = frame { return }
    precondition(
        description(of: read, in: again.bytes) == description(of: frame, in: batch), "and means the same")
}

private func readAsAgent(_ text: RawSpan) {
    var reader = NativeClientReader(text)
    var batch = ByteBuffer()
    while true {
        do throws(NativeFault) {
            guard let frame = try reader.next(&batch) else { break }
            var written = ByteBuffer()
            guard frame.append(in: batch.bytes, to: &written) else { continue }
            precondition(
                JSONValidator.fault(in: written.bytes, depthMax: 128) == nil, "what is written is JSON")
        } catch {
            if !error.canGoOn { break }
        }
    }
}

/// Where the package manager's link step expects the program to begin.
@_cdecl("NativeFuzz_main")
func begin(_ count: CInt, _ arguments: FuzzArguments?) -> CInt { runFuzzer(count, arguments, fuzzOneInput) }
