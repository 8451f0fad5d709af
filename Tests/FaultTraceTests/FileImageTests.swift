import FaultTrace
import Foundation
import Randomness
import Testing

struct FileImageTests {
    @Test func `writes land where they belong across pages and past the end`() {
        var image = FileImage()
        image.apply(.write(offset: 4094, bytes: [1, 2, 3, 4], isDurable: false))
        #expect(image.size == 4098)
        #expect(image.bytes == Array(repeating: 0, count: 4094) + [1, 2, 3, 4])
        image.apply(.write(offset: 4095, bytes: [7], isDurable: true))
        #expect(image.bytes.suffix(4) == [1, 7, 3, 4])
    }

    @Test func `what truncation cut off does not come back`() {
        var image = FileImage(bytes: Array(repeating: 5, count: 10_000))
        image.apply(.truncate(size: 100))
        image.apply(.truncate(size: 9000))
        #expect(image.bytes == Array(repeating: 5, count: 100) + Array(repeating: 0, count: 8900))
    }

    @Test func `allocation extends the file unless told to keep its size, and zeroes when told to`() {
        var image = FileImage(bytes: [1, 2, 3, 4])
        image.apply(.allocate(offset: 0, length: 6, keepsSize: true, zeroes: false))
        #expect(image.bytes == [1, 2, 3, 4])
        image.apply(.allocate(offset: 2, length: 4, keepsSize: false, zeroes: false))
        #expect(image.bytes == [1, 2, 3, 4, 0, 0])
        image.apply(.allocate(offset: 1, length: 2, keepsSize: true, zeroes: true))
        #expect(image.bytes == [1, 0, 0, 4, 0, 0])
        image.apply(.allocate(offset: 5, length: 100, keepsSize: true, zeroes: true))
        #expect(image.size == 6)
    }

    @Test func `a copy keeps its content when the original changes`() {
        var image = FileImage(bytes: [1, 2, 3])
        let copy = image
        image.write([9], at: 1)
        #expect(copy.bytes == [1, 2, 3])
        #expect(image.bytes == [1, 9, 3])
    }

    @Test func `a hole equals zeros`() {
        var hole = FileImage()
        hole.truncate(to: 5000)
        #expect(hole == FileImage(bytes: Array(repeating: 0, count: 5000)))
        #expect(hole != FileImage(bytes: Array(repeating: 0, count: 4999)))
        #expect(hole != FileImage(bytes: Array(repeating: 0, count: 4999) + [1]))
    }

    @Test func `an image written to disk reads back the same`() throws {
        let folder = try TemporaryFolder()
        var image = FileImage()
        image.write([1, 2, 3], at: 20_000)
        image.truncate(to: 50_001)
        try image.write(to: folder.file("a"))
        #expect(try FileImage(contentsOf: folder.file("a")) == image)
        image.truncate(to: 3)
        try image.write(to: folder.file("a"))
        #expect(try FileImage(contentsOf: folder.file("a")).bytes == [0, 0, 0])
    }

    @Test func `random operations have the effect they have on an array`() {
        var random = SplitMix64(seed: 4)
        var image = FileImage()
        var model: [UInt8] = []
        func grow(_ size: Int) {
            if size > model.count { model += Array(repeating: 0, count: size - model.count) }
        }
        for step in 0..<2000 {
            let offset = Int.random(in: 0..<20_000, using: &random)
            let length = Int.random(in: 1..<9000, using: &random)
            switch Int.random(in: 0..<8, using: &random) {
            case 0:
                image.apply(.truncate(size: offset))
                grow(offset)
                model.removeLast(model.count - offset)
            case 1:
                image.apply(.allocate(offset: offset, length: length, keepsSize: false, zeroes: true))
                grow(offset + length)
                for index in offset..<offset + length { model[index] = 0 }
            default:
                let bytes = (0..<length).map { _ in UInt8(truncatingIfNeeded: step) }
                image.apply(.write(offset: offset, bytes: bytes[...], isDurable: false))
                grow(offset + length)
                model.replaceSubrange(offset..<offset + length, with: bytes)
            }
            if step % 50 == 0 { #expect(image.bytes == model) }
        }
    }
}
