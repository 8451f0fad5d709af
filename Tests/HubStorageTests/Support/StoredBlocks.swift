import HubBytes
import HubModel
import HubSystem

/// A closed log on disk, and where in its file each of its blocks lies.
struct StoredBlocks {
    let test: TestLog
    /// The blocks as they were written.
    let sealed: [[UInt8]]
    /// By block: the places of its bytes. LMDB may have left old copies of a page, so there can be several.
    let places: [[Int]]
    private let file: String

    var producer: TestProducer { test.producer }

    init(closing test: TestLog, _ sealed: [[UInt8]]) throws {
        test.close()
        file = "\(test.path)/data.mdb"
        let descriptor = try FileDescriptor.open(file, .read)
        let bytes = try descriptor.read(descriptor.size(), at: 0)
        self.test = test
        self.sealed = sealed
        places = Self.places(of: sealed, in: bytes)
    }

    private static func places(of sealed: [[UInt8]], in bytes: [UInt8]) -> [[Int]] {
        var found: [[Int]] = sealed.map { _ in [] }
        bytes.withBytes { all in
            // LMDB aligns values to two bytes at least.
            var place = 0
            while place + BlockLayout.headerBytes <= all.byteCount {
                if all.load(place, as: UInt32.self) == BlockLayout.magic {
                    for (index, block) in sealed.enumerated() where place + block.count <= all.byteCount {
                        let here = all.extracting(place..<place + block.count)
                        if block.withBytes({ $0.equals(here) }) { found[index].append(place) }
                    }
                }
                place += 2
            }
        }
        return found
    }

    /// Sets a byte of a block in the file.
    private func write(_ value: UInt8, at position: Int, of block: Int) throws {
        let descriptor = try FileDescriptor.open(file, .readWrite)
        for place in places[block] {
            try [value].withBytes { try descriptor.write($0, at: place + position) }
        }
    }

    /// Flips a bit of a block for good.
    func flip(_ bit: Int, of block: Int) throws {
        try write(sealed[block][bit / 8] ^ 1 << UInt8(bit % 8), at: bit / 8, of: block)
    }

    /// Runs `body` while a bit of a block is flipped.
    func flip(_ bit: Int, of block: Int, _ body: () throws -> Void) throws {
        try flip(bit, of: block)
        try body()
        try write(sealed[block][bit / 8], at: bit / 8, of: block)
    }
}
