import Fuzzing
import HubBytes
import HubModel

@testable import HubStorage

/// What libFuzzer calls with one input after another: bytes as a disk may hand them back in place of a block, an
/// index run, the log's own record or a checked value.
///
/// The first byte chooses what the rest is taken for. With its highest bit set the checksums are made to fit first,
/// since a fuzzer would never guess them and would so never get behind them.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start, count > 1 else { return 0 }
    var input = ByteBuffer(capacity: count)
    input.append(UnsafeRawBufferPointer(start: start + 1, count: count - 1).bytes)
    let fitsChecksums = start[0] & 0x80 != 0
    switch start[0] & 3 {
    case 1:
        takeRecipe(input.bytes)
    case 0:
        if fitsChecksums { fitBlock(&input) }
        takeBlock(input.bytes)
    case 2:
        if fitsChecksums, input.count >= 4 { fit(&input, from: 4, at: 0) }
        takeRun(input.bytes)
    default:
        if fitsChecksums, input.count >= 4 { fit(&input, from: 4, at: 0) }
        takeSmallValues(input.bytes)
    }
    return 0
}

/// A real block, made after the input's first bytes and then changed in places after the rest: damage that still
/// has a block's shape.
private func takeRecipe(_ input: RawSpan) {
    var block = Block(firstOffset: Offset(7))
    var position = 0
    func next() -> UInt8 {
        guard position < input.byteCount else { return 0 }
        defer { position += 1 }
        return input.load(position, as: UInt8.self)
    }
    let records = Int(next() & 7) + 1
    for number in 0..<records {
        if next() & 3 == 0 {
            "name".withBytes { block.define(NameID(UInt32(number) + 1), NameKey(.topic, tenant: .none), $0) }
        }
        var header = RecordHeader(.message, time: Timestamp(microseconds: Int64(number)), tenant: .none)
        header.session = NameID(UInt32(next() & 3))
        header.destination = NameID(UInt32(next() & 3))
        header.sequence = SequenceNumber(UInt64(next()))
        let size = min(Int(next()), input.byteCount)
        var parts = RecordParts(payload: input.extracting(0..<size))
        if next() & 1 == 1 { parts.annotations = input.extracting(0..<size / 2) }
        parts.id = input.extracting(0..<min(size, 9))
        block.append(header, parts)
    }
    block.seal()
    block.fillChecksums()
    precondition(block.view.isIntact)
    var damaged = ByteBuffer(capacity: block.byteCount)
    damaged.append(block.bytes)
    let fitsChecksums = next() & 1 == 1
    while position + 3 <= input.byteCount {
        let place = Int(input.load(position, as: UInt16.self)) % damaged.count
        damaged.patch(input.load(position + 2, as: UInt8.self), at: place)
        position += 3
    }
    if fitsChecksums {
        fitBlock(&damaged)
    } else if !damaged.bytes.equals(block.bytes), let view = BlockView(damaged.bytes) {
        precondition(!view.isIntact, "damage went unnoticed")
    }
    takeBlock(damaged.bytes)
}

private func fit(_ buffer: inout ByteBuffer, from start: Int, at position: Int) {
    let checksum = Checksum.of(buffer.bytes.extracting(start..<buffer.count))
    buffer.patch(checksum, at: position)
}

/// Makes the checksums of header, directory and records right wherever those parts can be found.
private func fitBlock(_ buffer: inout ByteBuffer) {
    guard buffer.count >= BlockLayout.headerBytes else { return }
    buffer.patch(BlockLayout.magic, at: BlockLayout.magicAt)
    buffer.patch(BlockLayout.version, at: BlockLayout.versionAt)
    let (directory, checksums) = parts(of: buffer.bytes)
    for (position, checksum) in checksums { buffer.patch(checksum, at: position) }
    if let directory {
        let checksum = Checksum.of(buffer.bytes.extracting(directory..<buffer.count))
        buffer.patch(checksum, at: BlockLayout.directoryChecksum)
    }
    let header = Checksum.of(buffer.bytes.extracting(BlockLayout.versionAt..<BlockLayout.headerBytes))
    buffer.patch(header, at: BlockLayout.headerChecksum)
}

private func parts(of bytes: RawSpan) -> (directory: Int?, checksums: [(Int, UInt32)]) {
    guard let block = BlockView(bytes) else { return (nil, []) }
    var checksums: [(Int, UInt32)] = []
    for index in 0..<block.count {
        let position = block.position(at: index)
        guard let record = block.record(atPosition: position) else { continue }
        checksums.append((position, Checksum.of(record.bytes.extracting(4..<record.bytes.byteCount))))
    }
    return (block.directoryStart, checksums)
}

private func takeBlock(_ bytes: RawSpan) {
    guard let block = BlockView(bytes) else { return }
    var sum = block.firstTime.microseconds &+ block.lastTime.microseconds
    for probe in [0, block.firstOffset.rawValue, block.endOffset.rawValue, .max >> 1] {
        sum &+= Int64(block.index(atOrAfter: Offset(probe)))
    }
    for index in 0..<block.count {
        guard let record = block.record(atPosition: block.position(at: index)) else { continue }
        sum &+= read(record)
    }
    var names = block.names
    while let name = names.next() { sum &+= Int64(name.text.byteCount) }
    guard block.isIntact else { return }
    // What is served as good is in order and where the directory says.
    var last: Offset?
    for index in 0..<block.count {
        let record = block.record(at: index)
        precondition(record.offset == block.offset(at: index) && record.isIntact)
        if !block.isSparse, let last { precondition(record.offset == last.next) }
        last = record.offset
    }
    var pending = PendingIndex(from: block.firstOffset)
    if block.count <= 64, areNamesSmall(block) { pending.add(block) }
    withExtendedLifetime(sum) {}
}

private func read(_ record: RecordView) -> Int64 {
    let header = record.header
    let parts =
        record.id.byteCount + record.correlation.byteCount + record.cause.byteCount + record.trace.byteCount
        + record.annotations.byteCount + record.payload.byteCount
    precondition(parts <= record.bytes.byteCount)
    return header.time.microseconds &+ Int64(parts)
}

/// The pending index takes names up to the number that storage has checked.
private func areNamesSmall(_ block: borrowing BlockView) -> Bool {
    for index in 0..<block.count {
        let record = block.record(at: index)
        if record.session.rawValue > 1000 || record.destination.rawValue > 1000 { return false }
    }
    return true
}

private func takeRun(_ bytes: RawSpan) {
    guard let run = IndexRun(bytes) else { return }
    var entries = 0
    run.forEach { _, _ in
        entries += 1
        return true
    }
    precondition(entries <= run.count)
    _ = run.lastTime.microseconds &+ Int64(run.recordBytes) &+ Int64(run.liveCount)
}

private func takeSmallValues(_ bytes: RawSpan) {
    _ = try? LogMeta(bytes, path: "fuzz")
    _ = Trim(bytes)
    _ = try? LogNames.decode(bytes, NameID(1), path: "fuzz")
    _ = CheckedValue.unwrap(bytes)?.byteCount
}

/// Where the package manager's link step expects the program to begin.
@_cdecl("BlockFuzz_main")
func begin(_ count: CInt, _ arguments: FuzzArguments?) -> CInt { runFuzzer(count, arguments, fuzzOneInput) }
