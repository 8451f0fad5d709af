/// Where the parts of a block lie: header, records, directory (positions, then new names). `docs/log-format.md`
/// is this table in words.
package enum BlockLayout {
    /// "AHB1" when read as bytes.
    package static let magic: UInt32 = 0x3142_4841
    /// The format that this program writes, and the newest that it reads.
    package static let version: UInt16 = 1
    /// Bytes of the header.
    package static let headerBytes = 64

    /// Position of the magic number.
    package static let magicAt = 0
    /// Position of the checksum of the header's bytes behind it.
    package static let headerChecksum = 4
    /// Position of the format version.
    package static let versionAt = 8
    /// Position of the flags.
    package static let flags = 10
    /// Position of the number of records present.
    package static let recordCount = 12
    /// Position of the first offset covered.
    package static let firstOffset = 16
    /// Position of the number of offsets covered.
    package static let span = 24
    /// Position of the number of new names.
    package static let nameCount = 28
    /// Position of the first record's time.
    package static let firstTime = 32
    /// Position of the last record's time.
    package static let lastTime = 40
    /// Position of the bytes of all records.
    package static let recordBytes = 48
    /// Position of the bytes of the new names.
    package static let nameBytes = 52
    /// Position of the checksum of the directory.
    package static let directoryChecksum = 56
    /// Position of four bytes that are zero.
    package static let reserved = 60

    /// Flag: some offsets that the block covers are gone, and positions are pairs.
    package static let sparse: UInt16 = 1
    /// Bytes of a directory entry of a dense block: the record's position.
    package static let denseEntryBytes = 4
    /// Bytes of a directory entry of a sparse block: offset from the first, position.
    package static let sparseEntryBytes = 8
    /// Bytes of a new name before its text: number, tenant, length, kind, zero.
    package static let nameHeaderBytes = 12
}
