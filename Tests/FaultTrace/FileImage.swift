import Foundation

/// The content of a file, in pages that copies share until one changes; a page never written is a hole.
package struct FileImage: Sendable {
    /// Bytes in a page.
    package static let pageSize = 4096

    /// The file's size.
    package private(set) var size = 0
    // One entry for every page up to the size; an empty one reads as zeros. Bytes past the size are zero.
    private var pages: [[UInt8]] = []

    /// An empty file.
    package init() {}

    /// A file with this content.
    package init(bytes: [UInt8]) { write(bytes[...], at: 0) }

    /// The content of a file on disk.
    package init(contentsOf path: String) throws {
        try self.init(bytes: [UInt8](Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)))
    }

    /// Does to this file what the operation did to the traced one; syncs and marks change nothing.
    package mutating func apply(_ operation: Trace.Operation) {
        switch operation {
        case .write(let offset, let bytes, _): write(bytes, at: offset)
        case .truncate(let size): truncate(to: size)
        case .allocate(let offset, let length, let keepsSize, let zeroes):
            if zeroes { clear(offset..<min(offset + length, max(size, offset))) }
            if !keepsSize { extend(to: offset + length) }
        case .start, .opened, .sync, .syncFailed, .mark, .mapped: break
        }
    }

    /// Writes bytes, extending the file as needed.
    package mutating func write(_ bytes: ArraySlice<UInt8>, at offset: Int) {
        guard !bytes.isEmpty else { return }
        extend(to: offset + bytes.count)
        var rest = bytes
        var position = offset
        while !rest.isEmpty {
            let part = rest.prefix(Self.pageSize - position % Self.pageSize)
            let page = position / Self.pageSize
            if part.count == Self.pageSize {
                pages[page] = Array(part)
            } else {
                if pages[page].isEmpty { pages[page] = [UInt8](repeating: 0, count: Self.pageSize) }
                let first = position % Self.pageSize
                pages[page].replaceSubrange(first..<first + part.count, with: part)
            }
            rest = rest.dropFirst(part.count)
            position += part.count
        }
    }

    /// Sets the size; what is cut off does not come back when the file grows again.
    package mutating func truncate(to newSize: Int) {
        if newSize < size {
            clear(newSize..<size)
            pages.removeLast(pages.count - Self.pagesNeeded(newSize))
            size = newSize
        } else {
            extend(to: newSize)
        }
    }

    private static func pagesNeeded(_ size: Int) -> Int { (size + pageSize - 1) / pageSize }

    private mutating func extend(to newSize: Int) {
        guard newSize > size else { return }
        let missing = Self.pagesNeeded(newSize) - pages.count
        pages.append(contentsOf: repeatElement([], count: missing))
        size = newSize
    }

    /// Makes a range within the file read as zeros.
    private mutating func clear(_ range: Range<Int>) {
        var position = range.lowerBound
        while position < range.upperBound {
            let page = position / Self.pageSize
            let end = min(range.upperBound, (page + 1) * Self.pageSize)
            if end - position == Self.pageSize {
                pages[page] = []
            } else if !pages[page].isEmpty {
                let first = position % Self.pageSize
                let zeros = repeatElement(0 as UInt8, count: end - position)
                pages[page].replaceSubrange(first..<first + zeros.count, with: zeros)
            }
            position = end
        }
    }

    /// The whole content.
    package var bytes: [UInt8] {
        var all: [UInt8] = []
        all.reserveCapacity(pages.count * Self.pageSize)
        for page in pages {
            if page.isEmpty {
                all.append(contentsOf: repeatElement(0, count: Self.pageSize))
            } else {
                all.append(contentsOf: page)
            }
        }
        all.removeLast(all.count - size)
        return all
    }

    /// Makes a file with this content, holes and all.
    package func write(to path: String) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil) else {
            throw CocoaError(.fileWriteUnknown)
        }
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        for (index, page) in pages.enumerated() where !page.isEmpty {
            try file.seek(toOffset: UInt64(index * Self.pageSize))
            try file.write(contentsOf: page)
        }
        // Both cuts the last page to the size and makes a hole at the end.
        try file.truncate(atOffset: UInt64(size))
        try file.close()
    }
}

extension FileImage: Equatable {
    /// Whether both read the same; a hole and a page of zeros do.
    package static func == (left: Self, right: Self) -> Bool {
        guard left.size == right.size else { return false }
        return zip(left.pages, right.pages).allSatisfy { one, other in
            // Pages shared by copies compare at once, as arrays of the same storage.
            one == other || (one.isEmpty && isZero(other)) || (other.isEmpty && isZero(one))
        }
    }

    private static func isZero(_ page: [UInt8]) -> Bool { page.allSatisfy { $0 == 0 } }
}
