import CChecksum
import HubBytes
package import HubModel

/// CRC32C, as it stands in blocks, runs and every other value that the log keeps.
package enum Checksum {
    /// The checksum of some bytes.
    package static func of(_ bytes: RawSpan) -> UInt32 {
        // Safety: the span is alive during the call.
        unsafe bytes.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return 0 }
            return unsafe cchecksum_crc32c(0, start, bytes.count)
        }
    }

    /// The same by table, whatever the processor can do.
    package static func portable(_ bytes: RawSpan) -> UInt32 {
        // Safety: the span is alive during the call.
        unsafe bytes.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return 0 }
            return unsafe cchecksum_crc32c_portable(0, start, bytes.count)
        }
    }

    /// Whether the processor's instruction does it.
    package static var isAccelerated: Bool { cchecksum_is_accelerated() != 0 }
}

extension Block {
    /// Fills in every checksum of a sealed block: the last change before it is written.
    package mutating func fillChecksums() { fillChecksums { Checksum.of($0) } }
}

extension RecordView {
    /// What the record's checksum must be.
    var checksum: UInt32 { Checksum.of(bytes.extracting(RecordLayout.size..<bytes.byteCount)) }

    /// Whether the record is what was written.
    package var isIntact: Bool { bytes.load(RecordLayout.checksum, as: UInt32.self) == checksum }
}

extension BlockView {
    var headerChecksum: UInt32 {
        Checksum.of(bytes.extracting(BlockLayout.versionAt..<BlockLayout.headerBytes))
    }

    var directoryChecksum: UInt32 { Checksum.of(bytes.extracting(directoryStart..<bytes.byteCount)) }

    /// Whether the header is what was written: all that a reader of single records needs, since each record has
    /// a checksum of its own and names itself.
    package var isHeaderIntact: Bool {
        bytes.load(BlockLayout.headerChecksum, as: UInt32.self) == headerChecksum
    }

    /// Whether positions and names are what was written.
    package var isDirectoryIntact: Bool {
        bytes.load(BlockLayout.directoryChecksum, as: UInt32.self) == directoryChecksum
    }
}
