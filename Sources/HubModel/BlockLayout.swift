/// Where the parts of a block lie: header, records, directory (positions, then new names). `docs/log-format.md`
/// is this table in words.
public enum BlockLayout {
    /// "AHB1" when read as bytes.
    public static let magic: UInt32 = 0x3142_4841
    /// The format that this program writes, and the newest that it reads.
    public static let version: UInt16 = 1
    /// Bytes of the header.
    public static let headerBytes = 64

    /// Position of the magic number.
    public static let magicAt = 0
    /// Position of the checksum of the header's bytes behind it.
    public static let headerChecksum = 4
    /// Position of the format version.
    public static let versionAt = 8
    /// Position of the flags.
    public static let flags = 10
    /// Position of the number of records present.
    public static let recordCount = 12
    /// Position of the first offset covered.
    public static let firstOffset = 16
    /// Position of the number of offsets covered.
    public static let span = 24
    /// Position of the number of new names.
    public static let nameCount = 28
    /// Position of the first record's time.
    public static let firstTime = 32
    /// Position of the last record's time.
    public static let lastTime = 40
    /// Position of the bytes of all records.
    public static let recordBytes = 48
    /// Position of the bytes of the new names.
    public static let nameBytes = 52
    /// Position of the checksum of the directory.
    public static let directoryChecksum = 56
    /// Position of four bytes that are zero.
    public static let reserved = 60

    /// Flag: some offsets that the block covers are gone, and positions are pairs.
    public static let sparse: UInt16 = 1
    /// Bytes of a directory entry of a dense block: the record's position.
    public static let denseEntryBytes = 4
    /// Bytes of a directory entry of a sparse block: offset from the first, position.
    public static let sparseEntryBytes = 8
    /// Bytes of a new name before its text: number, tenant, length, kind, zero.
    public static let nameHeaderBytes = 12
}
